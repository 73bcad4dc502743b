/**
 * Glance's default rules, in the policy language.
 *
 * Roles count as they stand in the context: that an admin is also a member, and a member also a reader, is Keystone's doing (implied roles) and of whoever makes contexts.
 */

/** One rule of Glance's. */
export interface DefaultRule {
  readonly name: string
  readonly check: string
  /** The rule of the time before scopes and reader roles; either lets while the new defaults are not enforced. Null when there was none. */
  readonly old: string | null
}

const everybody = ''
const admin = 'rule:context_is_admin'
const metadefAdmin = 'rule:metadef_admin'
const owns = 'project_id:%(project_id)s'
/** What the repository showed at all may be used by everybody but where it is private; who may see a shared image has been decided there. */
const reaches = `${owns} or project_id:%(member_id)s or 'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s`
const memberForOwnProject = `role:member and ${owns} and project_id:%(owner)s`
const adminOrMemberForOwnProject = `${admin} or (${memberForOwnProject})`
const adminOrOwningMember = `${admin} or (role:member and ${owns})`
const adminOrOwningReader = `${admin} or (role:reader and ${owns})`
const adminOrReaderWhoReaches = `${admin} or (role:reader and (${reaches}))`
const adminOrMemberWhoReaches = `${admin} or (role:member and (${reaches}))`
const adminOrReaderOfOwnOrShared = `${admin} or role:reader and (${owns} or project_id:%(member_id)s)`
const adminOrReaderOfOwnOrPublic = `${admin} or (role:reader and (${owns} or 'public':%(visibility)s))`

const anybodyOnce = 'rule:default'
const anyMetadefOnce = 'rule:metadef_default'
const cacheManagerOnce = 'rule:manage_image_cache'

const rows: readonly (readonly [name: string, check: string, old?: string])[] = [
  ['default', everybody, admin],
  ['context_is_admin', 'role:admin'],
  ['service_api', 'role:service or role:admin'],
  ['add_image', adminOrMemberForOwnProject, anybodyOnce],
  ['delete_image', adminOrOwningMember, anybodyOnce],
  ['get_image', adminOrReaderWhoReaches, anybodyOnce],
  ['get_images', adminOrOwningReader, anybodyOnce],
  ['modify_image', adminOrOwningMember, anybodyOnce],
  ['publicize_image', admin],
  ['communitize_image', adminOrOwningMember, anybodyOnce],
  ['download_image', adminOrMemberWhoReaches, anybodyOnce],
  ['download_from_store', adminOrMemberWhoReaches],
  ['upload_image', adminOrOwningMember, anybodyOnce],
  ['delete_image_location', admin, anybodyOnce],
  ['get_image_location', adminOrOwningReader, anybodyOnce],
  ['set_image_location', adminOrOwningMember, anybodyOnce],
  ['add_image_location', `rule:service_api or (${memberForOwnProject})`],
  ['fetch_image_location', 'rule:service_api'],
  ['add_member', adminOrOwningMember, anybodyOnce],
  ['delete_member', adminOrOwningMember, anybodyOnce],
  ['get_member', adminOrReaderOfOwnOrShared, anybodyOnce],
  ['get_members', adminOrReaderOfOwnOrShared, anybodyOnce],
  ['modify_member', `${admin} or (role:member and project_id:%(member_id)s)`, anybodyOnce],
  ['manage_image_cache', admin],
  ['deactivate', adminOrOwningMember, anybodyOnce],
  ['reactivate', adminOrOwningMember, anybodyOnce],
  ['copy_image', admin],
  ['list_cached_nodes', admin],
  ['get_task', 'rule:default', anybodyOnce],
  ['get_tasks', 'rule:default', anybodyOnce],
  ['add_task', 'rule:default', anybodyOnce],
  ['modify_task', 'rule:default'],
  ['tasks_api_access', admin],
  ['metadef_default', everybody],
  ['metadef_admin', admin],
  ['get_metadef_namespace', adminOrReaderOfOwnOrPublic, anyMetadefOnce],
  ['get_metadef_namespaces', adminOrOwningReader, anyMetadefOnce],
  ['modify_metadef_namespace', metadefAdmin],
  ['add_metadef_namespace', metadefAdmin],
  ['delete_metadef_namespace', metadefAdmin],
  ['get_metadef_object', adminOrReaderOfOwnOrPublic, anyMetadefOnce],
  ['get_metadef_objects', adminOrReaderOfOwnOrPublic, anyMetadefOnce],
  ['modify_metadef_object', metadefAdmin],
  ['add_metadef_object', metadefAdmin],
  ['delete_metadef_object', metadefAdmin],
  ['list_metadef_resource_types', adminOrReaderOfOwnOrPublic, anyMetadefOnce],
  ['get_metadef_resource_type', adminOrReaderOfOwnOrPublic, anyMetadefOnce],
  ['add_metadef_resource_type_association', metadefAdmin],
  ['remove_metadef_resource_type_association', metadefAdmin],
  ['get_metadef_property', adminOrReaderOfOwnOrPublic, anyMetadefOnce],
  ['get_metadef_properties', adminOrReaderOfOwnOrPublic, anyMetadefOnce],
  ['modify_metadef_property', metadefAdmin],
  ['add_metadef_property', metadefAdmin],
  ['remove_metadef_property', metadefAdmin],
  ['get_metadef_tag', adminOrReaderOfOwnOrPublic, anyMetadefOnce],
  ['get_metadef_tags', adminOrReaderOfOwnOrPublic, anyMetadefOnce],
  ['modify_metadef_tag', metadefAdmin],
  ['add_metadef_tag', metadefAdmin],
  ['add_metadef_tags', metadefAdmin],
  ['delete_metadef_tag', metadefAdmin],
  ['delete_metadef_tags', metadefAdmin],
  ['cache_image', admin, cacheManagerOnce],
  ['cache_list', admin, cacheManagerOnce],
  ['cache_delete', admin, cacheManagerOnce],
  ['cache_clean', admin],
  ['cache_prune', admin],
  ['stores_info_detail', `${admin} or rule:service_api`, admin],
]

/** Every rule of Glance's, in the order of its documentation. */
export const defaultRules: readonly DefaultRule[] = rows.map(([name, check, old = null]) => ({ name, check, old }))

const adminOrOwner = `${admin} or ${owns}`

/**
 * What Glance's code demands besides the rule while the new defaults are not enforced, by rule. The old defaults let everybody change every image that he sees, and leave it to the code to
 * ask for the owner.
 */
export const oldOwnerChecks: ReadonlyMap<string, string> = new Map([
  ['add_image', `${admin} or project_id:%(owner)s`],
  ...[
    'modify_image',
    'delete_image',
    'upload_image',
    'communitize_image',
    'set_image_location',
    'delete_image_location',
    'add_member',
    'delete_member',
    'deactivate',
    'reactivate',
  ].map((name) => [name, adminOrOwner] as const),
  ['get_member', `${adminOrOwner} or project_id:%(member_id)s`],
  ['get_members', `${adminOrOwner} or project_id:%(member_id)s`],
  ['modify_member', `${admin} or project_id:%(member_id)s`],
])
