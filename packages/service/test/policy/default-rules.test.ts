import { describe, expect, it } from 'vitest'
import { createEnforcer, defaultRules } from '../../src/index.ts'
import { parseRule } from '../../src/policy/parser.ts'

/** Check strings of Glance's documentation, each under the letter by which the table below names it. */
const checks = {
  K1: '',
  K2: 'role:admin',
  K3: 'role:service or role:admin',
  K4: 'rule:context_is_admin or (role:member and project_id:%(project_id)s and project_id:%(owner)s)',
  K5: 'rule:context_is_admin or (role:member and project_id:%(project_id)s)',
  K6: "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s))",
  K7: 'rule:context_is_admin or (role:reader and project_id:%(project_id)s)',
  K8: 'rule:context_is_admin',
  K9: "rule:context_is_admin or (role:member and (project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s))",
  K10: 'rule:service_api or (role:member and project_id:%(project_id)s and project_id:%(owner)s)',
  K11: 'rule:service_api',
  K12: 'rule:context_is_admin or role:reader and (project_id:%(project_id)s or project_id:%(member_id)s)',
  K13: 'rule:context_is_admin or (role:member and project_id:%(member_id)s)',
  K14: 'rule:default',
  K15: "rule:context_is_admin or (role:reader and (project_id:%(project_id)s or 'public':%(visibility)s))",
  K16: 'rule:metadef_admin',
  K17: 'rule:context_is_admin or rule:service_api',
} as const

/** Every rule of Glance's with its check, and the older one where there was one. */
const documented: readonly (readonly [string, keyof typeof checks, string?])[] = [
  ['default', 'K1', 'rule:context_is_admin'],
  ['context_is_admin', 'K2'],
  ['service_api', 'K3'],
  ['add_image', 'K4', 'rule:default'],
  ['delete_image', 'K5', 'rule:default'],
  ['get_image', 'K6', 'rule:default'],
  ['get_images', 'K7', 'rule:default'],
  ['modify_image', 'K5', 'rule:default'],
  ['publicize_image', 'K8'],
  ['communitize_image', 'K5', 'rule:default'],
  ['download_image', 'K9', 'rule:default'],
  ['download_from_store', 'K9'],
  ['upload_image', 'K5', 'rule:default'],
  ['delete_image_location', 'K8', 'rule:default'],
  ['get_image_location', 'K7', 'rule:default'],
  ['set_image_location', 'K5', 'rule:default'],
  ['add_image_location', 'K10'],
  ['fetch_image_location', 'K11'],
  ['add_member', 'K5', 'rule:default'],
  ['delete_member', 'K5', 'rule:default'],
  ['get_member', 'K12', 'rule:default'],
  ['get_members', 'K12', 'rule:default'],
  ['modify_member', 'K13', 'rule:default'],
  ['manage_image_cache', 'K8'],
  ['deactivate', 'K5', 'rule:default'],
  ['reactivate', 'K5', 'rule:default'],
  ['copy_image', 'K8'],
  ['list_cached_nodes', 'K8'],
  ['get_task', 'K14', 'rule:default'],
  ['get_tasks', 'K14', 'rule:default'],
  ['add_task', 'K14', 'rule:default'],
  ['modify_task', 'K14'],
  ['tasks_api_access', 'K8'],
  ['metadef_default', 'K1'],
  ['metadef_admin', 'K8'],
  ['get_metadef_namespace', 'K15', 'rule:metadef_default'],
  ['get_metadef_namespaces', 'K7', 'rule:metadef_default'],
  ['modify_metadef_namespace', 'K16'],
  ['add_metadef_namespace', 'K16'],
  ['delete_metadef_namespace', 'K16'],
  ['get_metadef_object', 'K15', 'rule:metadef_default'],
  ['get_metadef_objects', 'K15', 'rule:metadef_default'],
  ['modify_metadef_object', 'K16'],
  ['add_metadef_object', 'K16'],
  ['delete_metadef_object', 'K16'],
  ['list_metadef_resource_types', 'K15', 'rule:metadef_default'],
  ['get_metadef_resource_type', 'K15', 'rule:metadef_default'],
  ['add_metadef_resource_type_association', 'K16'],
  ['remove_metadef_resource_type_association', 'K16'],
  ['get_metadef_property', 'K15', 'rule:metadef_default'],
  ['get_metadef_properties', 'K15', 'rule:metadef_default'],
  ['modify_metadef_property', 'K16'],
  ['add_metadef_property', 'K16'],
  ['remove_metadef_property', 'K16'],
  ['get_metadef_tag', 'K15', 'rule:metadef_default'],
  ['get_metadef_tags', 'K15', 'rule:metadef_default'],
  ['modify_metadef_tag', 'K16'],
  ['add_metadef_tag', 'K16'],
  ['add_metadef_tags', 'K16'],
  ['delete_metadef_tag', 'K16'],
  ['delete_metadef_tags', 'K16'],
  ['cache_image', 'K8', 'rule:manage_image_cache'],
  ['cache_list', 'K8', 'rule:manage_image_cache'],
  ['cache_delete', 'K8', 'rule:manage_image_cache'],
  ['cache_clean', 'K8'],
  ['cache_prune', 'K8'],
  ['stores_info_detail', 'K17', 'rule:context_is_admin'],
]

describe('the default rules', () => {
  it.each(documented.map(([name, letter, old = null]) => ({ name, letter, old })))(
    'hold $name as documented',
    ({ name, letter, old }) => {
      const rule = defaultRules.find((each) => each.name === name)

      expect(parseRule(rule?.check ?? 'missing')).toEqual(parseRule(checks[letter]))
      expect(rule?.old).toBe(old)
    },
  )

  it('are no more than the documented ones', () => {
    expect(defaultRules.map(({ name }) => name)).toEqual(documented.map(([name]) => name))
  })

  it.each([true, false])('have no problem when enforceNewDefaults is %s', (enforceNewDefaults) => {
    expect(createEnforcer({ overrides: {}, enforceNewDefaults }).problems).toEqual([])
  })
})
