/**
 * The removal of single copies of the data of an image that lives on.
 *
 * As with whole images (`usecases/images/delete.ts`) neither record nor data may go first. So a location is marked (`pending_delete`) in one transaction, which also checks that another one
 * is left (OSSA-2016-006); from then on nobody reads from it. Its data are deleted. Then it leaves the record. When the store says that the data are in use or fails, and the data are still
 * there, the mark is taken back. When nobody can tell, the mark stays, and the removal goes on at the next start (`maintenance/recover.ts`).
 */
import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import type { ImageLocation } from '../../domain/image.ts'
import { storeOf } from '../../domain/location.ts'
import { requesterOf } from '../../policy/requester.ts'
import { deleteData } from '../data/delete-data.ts'

type RemovalDeps = Pick<Deps, 'images' | 'stores' | 'clock' | 'logger'>

/** The locations with those marked that are to go. */
export function marked(
  locations: readonly ImageLocation[],
  removed: readonly ImageLocation[],
): readonly ImageLocation[] {
  return withStatus(locations, removed, 'pending_delete')
}

/** The locations with the marks taken back. */
export function restored(
  locations: readonly ImageLocation[],
  removed: readonly ImageLocation[],
): readonly ImageLocation[] {
  return withStatus(locations, removed, 'active')
}

function withStatus(
  locations: readonly ImageLocation[],
  concerned: readonly ImageLocation[],
  status: ImageLocation['status'],
): readonly ImageLocation[] {
  return locations.map((location) =>
    concerned.some(({ url }) => url === location.url) ? { ...location, status } : location,
  )
}

/**
 * Deletes the data at marked locations, one after the other.
 *
 * @param context - of the caller; null at a start
 * @throws ServiceError CONFLICT when data are in use, others when a store fails. The locations whose data were deleted have left the record then, and the others are as they were; one of
 *   which nobody can tell keeps its mark.
 */
export async function deleteCopies(
  context: RequestContext | null,
  deps: RemovalDeps,
  imageId: string,
  removed: readonly ImageLocation[],
): Promise<void> {
  for (const [index, location] of removed.entries()) {
    const store = storeOf(location, deps.stores)
    if (!store) {
      deps.logger.error({ imageId }, 'image data outside of every configured store stay there')
      continue
    }
    const requester = context === null ? undefined : requesterOf(context)
    const outcome = await deleteData(deps, { imageId, store, url: location.url, requester })
    if (outcome.kind === 'gone') continue
    const back = removed.slice(outcome.kind === 'there' ? index : index + 1)
    await deps.images.change(imageId, deps.clock.now(), ({ locations }) => ({
      locations: restored(without(locations, removed.slice(0, index)), back),
    }))
    throw outcome.error
  }
}

/** Takes locations whose data are gone out of the record. */
export async function dropCopies(
  { images, clock }: RemovalDeps,
  imageId: string,
  removed: readonly ImageLocation[],
): Promise<void> {
  await images.change(imageId, clock.now(), ({ locations }) => ({ locations: without(locations, removed) }))
}

function without(locations: readonly ImageLocation[], removed: readonly ImageLocation[]): readonly ImageLocation[] {
  return locations.filter(({ url, status }) => status === 'active' || !removed.some((gone) => gone.url === url))
}
