/** The later steps of a deletion, from the hidden record on. `delete.ts` tells the whole story. */
import type { Requester, Store } from '@glance/core'
import type { Deps } from '../../deps.ts'
import type { Image, ImageLocation, ImageStatus } from '../../domain/image.ts'
import { storeOf } from '../../domain/location.ts'
import { deletingProperty } from '../../domain/properties.ts'
import { imageStatuses } from '../../domain/status.ts'
import { deleteData } from '../data/delete-data.ts'

type DeletionDeps = Pick<Deps, 'images' | 'stores' | 'clock' | 'logger'>

/** Whether a record is hidden by a deletion under way, and not by one that an operator delays. */
export function isBeingDeleted(image: Image): boolean {
  return image.status === 'pending_delete' && image.properties.has(deletingProperty)
}

/** The state that an image under deletion had before. */
export function stateBeforeDeletion(image: Image): ImageStatus {
  const noted = image.properties.get(deletingProperty)
  return imageStatuses.find((status) => status === noted) ?? 'active'
}

/**
 * Deletes the data of a hidden image and then its record. May run several times, and at the same time.
 *
 * @param requester - on whose behalf; left out at a start
 * @throws ServiceError CONFLICT when data are in use; the record is back then. Others when a store fails: the record is back if its data are known to be there, else it stays hidden
 */
export async function finishDeletion(deps: DeletionDeps, image: Image, requester?: Requester): Promise<void> {
  const left = [...image.locations]
  for (const location of image.locations) {
    const store = storeOf(location, deps.stores)
    if (!store) deps.logger.error({ imageId: image.id }, 'image data outside of every configured store stay there')
    else await deleteCopy(deps, image, { left, location, store, requester })
    left.splice(left.indexOf(location), 1)
  }
  await deps.images.remove(image.id, deps.clock.now(), () => {})
}

interface Copy {
  readonly location: ImageLocation
  readonly store: Store
  /** The copies that are there, this one among them. */
  readonly left: readonly ImageLocation[]
  readonly requester: Requester | undefined
}

async function deleteCopy(deps: DeletionDeps, image: Image, { location, store, left, requester }: Copy): Promise<void> {
  const outcome = await deleteData(deps, { imageId: image.id, store, url: location.url, requester })
  if (outcome.kind === 'gone') return
  if (outcome.kind === 'there') await bringBack(deps, image, left)
  throw outcome.error
}

async function bringBack(
  { images, clock }: DeletionDeps,
  { id }: Image,
  left: readonly ImageLocation[],
): Promise<void> {
  await images.change(id, clock.now(), (present) => {
    if (!isBeingDeleted(present)) return null
    const properties = new Map(present.properties)
    properties.delete(deletingProperty)
    return { status: stateBeforeDeletion(present), properties, locations: left }
  })
}
