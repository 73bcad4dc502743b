/**
 * Finding images for a caller, and refusing in a way that tells no one of images that are not theirs to know (Image API v2, section "Visibility and access"):
 *
 * - not visible, or neither permitted nor permitted to see: NOT_FOUND, the same answer as for an id that does not exist;
 * - visible but not permitted: FORBIDDEN.
 */

import type { Deps } from '../deps.ts'
import type { RequestContext } from '../domain/context.ts'
import { refused, ServiceError } from '../domain/errors.ts'
import type { FoundImage, Image, ImageChanges } from '../domain/image.ts'
import { isVisible } from '../domain/visibility.ts'
import { imageTarget } from './target.ts'

type AccessDeps = Pick<Deps, 'images' | 'enforcer' | 'clock'>

/** The one answer for images that are not there, were deleted, or are not the caller's to know. */
export function imageNotFound(id: string): ServiceError {
  return new ServiceError('NOT_FOUND', `No image found with ID ${id.length > 64 ? `${id.slice(0, 64)}…` : id}`)
}

/** What refuses an action by policy. */
export function notPermitted(rule: string): ServiceError {
  return new ServiceError('FORBIDDEN', `You are not authorized to complete ${rule} action.`)
}

/** Refuses callers that may only look. Comes first in every use case that changes anything. @throws ServiceError FORBIDDEN */
export function assertMayWrite(context: RequestContext): void {
  if (context.readOnly) throw refused('FORBIDDEN', 'Read-only access')
}

/** Whether a text may be the id of a record at all; others are not asked for, as databases refuse some of them. */
export function mayBeRecordId(id: string): boolean {
  return /^[\x21-\x7e]{1,36}$/.test(id)
}

/**
 * An image that this caller may know of, before any policy.
 *
 * @throws ServiceError NOT_FOUND
 */
export async function findVisible(context: RequestContext, deps: AccessDeps, id: string): Promise<FoundImage> {
  const found = mayBeRecordId(id) ? await deps.images.find(id, context.project) : null
  if (!found || !isVisible(context, found)) throw imageNotFound(id)
  return found
}

/**
 * Asks a policy rule about a visible image.
 *
 * @throws ServiceError FORBIDDEN when the rule refuses, NOT_FOUND when the caller may not even see the image
 */
export function permit(context: RequestContext, deps: Pick<Deps, 'enforcer'>, rule: string, found: FoundImage): void {
  const target = imageTarget(found, context.project)
  if (deps.enforcer.allows(rule, context, target)) return
  if (rule !== 'get_image' && deps.enforcer.allows('get_image', context, target)) throw notPermitted(rule)
  throw imageNotFound(found.image.id)
}

/**
 * Changes an image that the caller may know of, if policy allows it.
 *
 * The rule is asked again on the record that is changed, so that nothing is done to an image that changed hands after it was looked up.
 *
 * @param rule - the rule, or several that all have to let
 * @param decide - as that of `Images.change`
 * @returns the image after the change
 * @throws ServiceError NOT_FOUND | FORBIDDEN, and what `decide` throws
 */
export async function changeVisible(
  context: RequestContext,
  deps: AccessDeps,
  { id, rule }: { readonly id: string; readonly rule: string | readonly string[] },
  decide: (image: Image) => ImageChanges | null,
): Promise<FoundImage> {
  const { memberStatus } = await findVisible(context, deps, id)
  const image = await deps.images.change(id, deps.clock.now(), (present) => {
    const found = { image: present, memberStatus }
    if (!isVisible(context, found)) throw imageNotFound(id)
    for (const each of [rule].flat()) permit(context, deps, each, found)
    return decide(present)
  })
  if (!image) throw imageNotFound(id)
  return { image, memberStatus }
}
