import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import type { Image } from '../../domain/image.ts'
import { knowsMember, type Member, memberNotFound } from '../../domain/member.ts'
import { assertMayWrite } from '../../policy/access.ts'
import { changeMembers, permitMember } from '../../policy/member-access.ts'
import { publishAcls } from '../locations/acls.ts'
import type { MemberInput } from './show.ts'

/**
 * Ends the sharing of an image with a project. For owners and administrators: a member cannot leave, it rejects.
 *
 * @throws ServiceError NOT_FOUND, FORBIDDEN by policy and for images that are not shared
 */
export async function removeMember(
  context: RequestContext,
  deps: Deps,
  { imageId, memberId }: MemberInput,
): Promise<void> {
  assertMayWrite(context)
  await changeMembers(context, deps, imageId, (found, members) => {
    assertKnownMember(context, found.image, members, memberId)
    permitMember(context, deps, { rule: 'delete_member', memberId }, found)
    return { kind: 'remove', memberId }
  })
  await publishAcls(context, deps, imageId)
}

/** Refuses to act on a project that is no member, or that the caller may not know to be one. @throws ServiceError NOT_FOUND */
export function assertKnownMember(
  context: RequestContext,
  image: Image,
  members: readonly Member[],
  memberId: string,
): void {
  const there = members.some((member) => member.memberId === memberId)
  if (!there || !knowsMember(context, image, memberId)) throw memberNotFound(image.id, memberId)
}
