/**
 * The deletion of an image with its data.
 *
 * Neither "record first" nor "data first" is right: when the record goes first and the store then refuses (data in use) or fails, bytes stay that nobody knows of, or an image
 * is lost that had to stay; when the data go first and the server or the database then fails, an image stays in the lists that points at nothing. So the record goes in two steps, with the
 * data between them:
 *
 * 1. One transaction checks right, state and protection on the record as it is, and hides the record: state `pending_delete`, with the former state noted in a property of the service's
 *    own. From here on nobody finds, reads or fills the image. A caller without the right gets no further, so no data were touched for them. An upload that runs
 *    here is stopped; one that runs elsewhere finds out at its end and takes its data away itself.
 * 2. The data are deleted, copy by copy. Data that are not there any more, that lie in no configured store, or in a store that never deletes (http), count as deleted.
 * 3. The record is marked deleted.
 *
 * When a store says that the data are in use, the record comes back in its former state with the copies that are left, and the caller is told CONFLICT. When a store fails in another
 * way, it is asked whether the data are still there: if so, the record comes back, too; if they are gone, the deletion goes on; if it cannot tell, the record stays hidden, for it might
 * point at nothing. A deletion that stopped half-way, by that or by the death of the process, goes on when the caller asks for it again, or at the next start (`maintenance/recover.ts`).
 */

import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import type { FoundImage } from '../../domain/image.ts'
import { deletingProperty } from '../../domain/properties.ts'
import { isVisible } from '../../domain/visibility.ts'
import { assertMayWrite, imageNotFound, mayBeRecordId, permit } from '../../policy/access.ts'
import { requesterOf } from '../../policy/requester.ts'
import { finishDeletion, isBeingDeleted, stateBeforeDeletion } from './finish-deletion.ts'

/** Input of `deleteImage`. */
export interface DeleteImageInput {
  readonly imageId: string
}

/**
 * Deletes an image and its data.
 *
 * @throws ServiceError NOT_FOUND, FORBIDDEN by policy and for protected images, CONFLICT when a backend uses the data (the image stays usable), UNAVAILABLE when a store fails
 */
export async function deleteImage(
  context: RequestContext,
  deps: Deps,
  { imageId: id }: DeleteImageInput,
): Promise<void> {
  assertMayWrite(context)
  const found = mayBeRecordId(id) ? await deps.images.find(id, context.project) : null
  if (!found || !isVisible(context, asBefore(found))) throw imageNotFound(id)
  const hidden = await deps.images.change(id, deps.clock.now(), (image) => {
    const before = asBefore({ ...found, image })
    if (!isVisible(context, before)) throw imageNotFound(id)
    permit(context, deps, 'delete_image', before)
    if (image.protected) throw new ServiceError('FORBIDDEN', `Image ${image.id} is protected and cannot be deleted.`)
    if (isBeingDeleted(image)) return null
    return { status: 'pending_delete', properties: new Map(image.properties).set(deletingProperty, image.status) }
  })
  if (!hidden) throw imageNotFound(id)
  deps.uploads.stop(id, new ServiceError('GONE', `Image ${id} was deleted.`))
  deps.hashJobs.stop(id, new ServiceError('GONE', `Image ${id} was deleted.`))
  await finishDeletion(deps, hidden, requesterOf(context))
}

/** The image as it was before a deletion that stopped half-way hid it, so that who could delete it can still do so. */
function asBefore(found: FoundImage): FoundImage {
  const { image } = found
  return isBeingDeleted(image) ? { ...found, image: { ...image, status: stateBeforeDeletion(image) } } : found
}
