/** Changing members for a caller, with the order of refusals that hides what is not the caller's to know: image, members at all, the member, right. */

import type { Deps } from '../deps.ts'
import type { RequestContext } from '../domain/context.ts'
import type { FoundImage } from '../domain/image.ts'
import { assertShared, type Member, type MemberChange } from '../domain/member.ts'
import { isVisible } from '../domain/visibility.ts'
import { findVisible, imageNotFound, notPermitted, permit } from './access.ts'
import { imageTarget } from './target.ts'

/**
 * Asks a policy rule about one member of an image that the caller may see. `member_id` is that project, not the caller's: an owner who shares with itself does not answer for others.
 *
 * @throws ServiceError FORBIDDEN
 */
export function permitMember(
  context: RequestContext,
  deps: Pick<Deps, 'enforcer'>,
  { rule, memberId }: { readonly rule: string; readonly memberId: string },
  found: FoundImage,
): void {
  const target = { ...imageTarget(found, context.project), member_id: memberId }
  if (!deps.enforcer.allows(rule, context, target)) throw notPermitted(rule)
}

/**
 * A shared image that this caller may see.
 *
 * @throws ServiceError NOT_FOUND, FORBIDDEN when it has another visibility
 */
export async function findShared(context: RequestContext, deps: Deps, imageId: string): Promise<FoundImage> {
  const found = await findVisible(context, deps, imageId)
  permit(context, deps, 'get_image', found)
  assertShared(found.image)
  return found
}

/**
 * Changes a member of a shared image that the caller may see. Everything is checked again on the records that are changed, so that nothing is done to an image that changed hands.
 *
 * @param decide - as that of `Members.change`
 * @returns what `Members.change` returns
 * @throws ServiceError NOT_FOUND, FORBIDDEN when the image is not shared, and what `decide` throws
 */
export async function changeMembers(
  context: RequestContext,
  deps: Deps,
  imageId: string,
  decide: (found: FoundImage, members: readonly Member[]) => MemberChange,
): Promise<Member> {
  await findShared(context, deps, imageId)
  const changed = await deps.members.change(imageId, deps.clock.now(), (image, members) => {
    const own = members.find(({ memberId }) => memberId === context.project)
    const found = { image, memberStatus: image.visibility === 'shared' ? (own?.status ?? null) : null }
    if (!isVisible(context, found)) throw imageNotFound(imageId)
    permit(context, deps, 'get_image', found)
    assertShared(image)
    return decide(found, members)
  })
  if (!changed) throw imageNotFound(imageId)
  return changed
}
