/** The later steps of a deletion, from the hidden record on. `delete.ts` tells the whole story. */
import { isStoreError, type Store } from '@glance/core'
import type { Deps } from '../../deps.ts'
import { ServiceError } from '../../domain/errors.ts'
import type { Image, ImageLocation, ImageStatus } from '../../domain/image.ts'
import { storeOf } from '../../domain/location.ts'
import { deletingProperty } from '../../domain/properties.ts'
import { imageStatuses } from '../../domain/status.ts'
import { storeFailure } from '../data/store-failures.ts'

type DeletionDeps = Pick<Deps, 'images' | 'stores' | 'clock' | 'logger'>

/** Longest that one copy may take. A deletion goes on when its caller has left: half of one is worth less than either end. */
const longestMs = 600_000

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
 * @throws ServiceError CONFLICT when data are in use; the record is back then. Others when a store fails: the record is back if its data are known to be there, else it stays hidden
 */
export async function finishDeletion(deps: DeletionDeps, image: Image): Promise<void> {
  const left = [...image.locations]
  for (const location of image.locations) {
    const store = storeOf(location, deps.stores)
    if (!store) deps.logger.error({ imageId: image.id }, 'image data outside of every configured store stay there')
    else await deleteCopy(deps, image, left, location, store)
    left.splice(left.indexOf(location), 1)
  }
  await deps.images.remove(image.id, deps.clock.now(), () => {})
}

async function deleteCopy(
  deps: DeletionDeps,
  image: Image,
  left: readonly ImageLocation[],
  location: ImageLocation,
  store: Store,
): Promise<void> {
  try {
    await store.delete(location.url, { signal: AbortSignal.timeout(longestMs) })
  } catch (thrown) {
    const code = isStoreError(thrown) ? thrown.code : 'UNKNOWN'
    if (code === 'NOT_FOUND' || code === 'UNSUPPORTED') return
    const there = code === 'IN_USE' || (await isThere(store, location))
    if (there === false) return
    deps.logger.warn({ imageId: image.id, store: store.id, code, err: thrown }, 'image data were not deleted')
    if (there) await bringBack(deps, image, left)
    throw code === 'IN_USE' ? inUse(image, thrown) : storeFailure(thrown, 'delete')
  }
}

/** Whether data are at a location; null when the store cannot tell. */
async function isThere(store: Store, { url }: ImageLocation): Promise<boolean | null> {
  try {
    const size = await store.getSize(url, { signal: AbortSignal.timeout(longestMs) })
    return size === null ? null : true
  } catch (error) {
    return isStoreError(error) && error.code === 'NOT_FOUND' ? false : null
  }
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

function inUse({ id }: Image, cause: unknown): ServiceError {
  return new ServiceError(
    'CONFLICT',
    `Image ${id} could not be deleted because it is in use: the backend store uses its data outside of Glance.`,
    { cause },
  )
}
