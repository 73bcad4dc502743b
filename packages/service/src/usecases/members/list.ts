import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { knowsMember, type Member } from '../../domain/member.ts'
import { permit } from '../../policy/access.ts'
import { findShared } from '../../policy/member-access.ts'

/** Input of `listMembers`. */
export interface ListMembersInput {
  readonly imageId: string
}

/**
 * The members of an image: all for its owner and for administrators, itself alone for a member.
 *
 * @throws ServiceError NOT_FOUND, FORBIDDEN by policy and for images that are not shared
 */
export async function listMembers(
  context: RequestContext,
  deps: Deps,
  { imageId }: ListMembersInput,
): Promise<readonly Member[]> {
  const found = await findShared(context, deps, imageId)
  permit(context, deps, 'get_members', found)
  const members = await deps.members.list(imageId)
  return members.filter(({ memberId }) => knowsMember(context, found.image, memberId))
}
