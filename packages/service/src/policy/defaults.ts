/**
 * Glance's default rules for the calls that there are, as code.
 *
 * Roles count as they stand in the context: that an admin is also a member, and a member also a reader, is Keystone's doing (implied roles) and of whoever makes contexts.
 */
import type { RequestContext } from '../domain/context.ts'
import type { Enforcer, PolicyTarget } from '../ports/enforcer.ts'

type Rule = (context: RequestContext, target: PolicyTarget) => boolean

const hasRole =
  (role: string): Rule =>
  (context) =>
    context.roles.includes(role)

/** Whether an attribute of the target is the caller's project. A caller without a project is no owner of what has no owner. */
const ownProject =
  (attribute: string): Rule =>
  (context, target) =>
    context.project !== null && target[attribute] === context.project

const all =
  (...rules: readonly Rule[]): Rule =>
  (context, target) =>
    rules.every((rule) => rule(context, target))
const any =
  (...rules: readonly Rule[]): Rule =>
  (context, target) =>
    rules.some((rule) => rule(context, target))

const anybody: Rule = () => true
const admin: Rule = (context) => context.admin
const member = hasRole('member')
const reader = hasRole('reader')
const serviceApi = any(hasRole('service'), hasRole('admin'))

/** What the repository showed at all may be used by everybody but where it is private; who may see a shared image has been decided there. */
const reachable = any(ownProject('project_id'), ownProject('member_id'), (_, { visibility }) =>
  ['community', 'public', 'shared'].includes(visibility ?? ''),
)

const adminOrOwningMember = any(admin, all(member, ownProject('project_id')))
const adminOrOwningReader = any(admin, all(reader, ownProject('project_id')))

/** Rules by name; a Map, so that no name finds what an object inherits. */
const defaultRules: ReadonlyMap<string, Rule> = new Map([
  ['default', anybody],
  ['context_is_admin', admin],
  ['service_api', serviceApi],
  ['add_image', any(admin, all(member, ownProject('project_id'), ownProject('owner')))],
  ['delete_image', adminOrOwningMember],
  ['get_image', any(admin, all(reader, reachable))],
  ['get_images', adminOrOwningReader],
  ['modify_image', adminOrOwningMember],
  ['publicize_image', admin],
  ['communitize_image', adminOrOwningMember],
  ['download_image', any(admin, all(member, reachable))],
  ['upload_image', adminOrOwningMember],
  ['get_image_location', adminOrOwningReader],
  ['deactivate', adminOrOwningMember],
  ['reactivate', adminOrOwningMember],
  ['get_member', any(admin, all(reader, any(ownProject('project_id'), ownProject('member_id'))))],
  ['get_members', any(admin, all(reader, any(ownProject('project_id'), ownProject('member_id'))))],
  ['add_member', adminOrOwningMember],
  ['delete_member', adminOrOwningMember],
  ['modify_member', any(admin, all(member, ownProject('member_id')))],
  ['stores_info_detail', any(admin, serviceApi)],
])

/** Decides by Glance's default rules. */
export const defaultEnforcer: Enforcer = {
  allows(rule, context, target) {
    const decide = defaultRules.get(rule)
    if (!decide) throw new TypeError(`there is no policy rule ${rule}`)
    return decide(context, target)
  },
}
