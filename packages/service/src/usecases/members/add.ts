import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import { assertMemberQuota, type Member, memberIdOf } from '../../domain/member.ts'
import { assertMayWrite } from '../../policy/access.ts'
import { changeMembers, permitMember } from '../../policy/member-access.ts'
import { publishAcls } from '../locations/acls.ts'

/** Input of `addMember`. */
export interface AddMemberInput {
  readonly imageId: string
  /** The request's JSON: `{"member": "<project id>"}`. */
  readonly body: unknown
}

/**
 * Shares an image with a project, which has yet to answer. The body is checked before the image is looked up.
 *
 * @throws ServiceError INVALID for the body, NOT_FOUND, FORBIDDEN by policy and for images that are not shared, CONFLICT when the project is a member, OVER_LIMIT for the quota
 */
export async function addMember(
  context: RequestContext,
  deps: Deps,
  { imageId, body }: AddMemberInput,
): Promise<Member> {
  assertMayWrite(context)
  const memberId = memberIdOf(body)
  const added = await changeMembers(context, deps, imageId, (found, members) => {
    permitMember(context, deps, { rule: 'add_member', memberId }, found)
    if (members.some((member) => member.memberId === memberId))
      throw new ServiceError('CONFLICT', `Member ${memberId} is duplicated for image ${imageId}`)
    assertMemberQuota(members.length + 1, deps.settings.imageMemberQuota)
    return { kind: 'add', memberId }
  })
  await publishAcls(context, deps, imageId)
  return added
}
