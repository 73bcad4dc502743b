import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { type Member, memberStatusOf } from '../../domain/member.ts'
import { assertMayWrite } from '../../policy/access.ts'
import { changeMembers, permitMember } from '../../policy/member-access.ts'
import { assertKnownMember } from './remove.ts'
import type { MemberInput } from './show.ts'

/** Input of `updateMember`. */
export interface UpdateMemberInput extends MemberInput {
  /** The request's JSON: `{"status": "accepted"}`. */
  readonly body: unknown
}

/**
 * Notes what a project answered. Only that project and administrators may: an owner cannot put its image into the lists of others. The body is checked before the image is looked up.
 *
 * @throws ServiceError INVALID for the body, NOT_FOUND, FORBIDDEN by policy and for images that are not shared
 */
export async function updateMember(context: RequestContext, deps: Deps, input: UpdateMemberInput): Promise<Member> {
  assertMayWrite(context)
  const { imageId, memberId } = input
  const status = memberStatusOf(input.body)
  return changeMembers(context, deps, imageId, (found, members) => {
    assertKnownMember(context, found.image, members, memberId)
    permitMember(context, deps, { rule: 'modify_member', memberId }, found)
    return { kind: 'answer', memberId, status }
  })
}
