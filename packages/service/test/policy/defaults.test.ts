import { describe, expect, it } from 'vitest'
import { defaultEnforcer, type PolicyTarget } from '../../src/index.ts'
import { aCaller, admin } from '../support/world.ts'

const callers = {
  admin,
  owner: aCaller(),
  ownerReading: aCaller({ roles: ['reader'] }),
  member: aCaller({ project: 'member' }),
  stranger: aCaller({ project: 'theirs' }),
  service: aCaller({ project: 'svc', roles: ['service'] }),
  nobody: aCaller({ project: null, roles: [] }),
} as const

const sharedTarget: PolicyTarget = { project_id: 'ours', owner: 'ours', member_id: 'member', visibility: 'private' }

function allowed(rule: string, target: PolicyTarget = sharedTarget): string {
  return Object.entries(callers)
    .filter(([, context]) => defaultEnforcer.allows(rule, context, target))
    .map(([name]) => name)
    .join(' ')
}

describe('defaultEnforcer', () => {
  it.each([
    ['default', 'admin owner ownerReading member stranger service nobody'],
    ['get_images', 'admin owner ownerReading'],
    ['get_image', 'admin owner ownerReading member'],
    ['download_image', 'admin owner member'],
    ['add_image', 'admin owner'],
    ['modify_image', 'admin owner'],
    ['delete_image', 'admin owner'],
    ['upload_image', 'admin owner'],
    ['communitize_image', 'admin owner'],
    ['deactivate', 'admin owner'],
    ['reactivate', 'admin owner'],
    ['get_member', 'admin owner ownerReading member'],
    ['get_members', 'admin owner ownerReading member'],
    ['add_member', 'admin owner'],
    ['delete_member', 'admin owner'],
    ['modify_member', 'admin member'],
    ['publicize_image', 'admin'],
    ['context_is_admin', 'admin'],
    ['get_image_location', 'admin owner ownerReading'],
    ['service_api', 'admin service'],
    ['stores_info_detail', 'admin service'],
  ])('lets %s: %s', (rule, who) => {
    expect(allowed(rule)).toBe(who)
  })

  it.each(['public', 'community', 'shared'])(
    'lets every reader see and every member download a %s image',
    (visibility) => {
      const target = { project_id: 'x', member_id: null, visibility }

      expect(allowed('get_image', target)).toBe('admin owner ownerReading member stranger')
      expect(allowed('download_image', target)).toBe('admin owner member stranger')
    },
  )

  it('takes no caller without a project for the owner of an image without one', () => {
    const caller = aCaller({ project: null })

    expect(defaultEnforcer.allows('modify_image', caller, { project_id: null })).toBe(false)
    expect(defaultEnforcer.allows('get_image', caller, { project_id: null, member_id: null })).toBe(false)
  })

  it.each(['constructor', 'no_such_rule', '__proto__'])('throws on the unknown rule %s', (rule) => {
    expect(() => defaultEnforcer.allows(rule, admin, { project_id: null })).toThrow(TypeError)
  })
})
