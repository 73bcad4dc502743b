import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import type { Image } from '../../domain/image.ts'
import { quote } from '../../domain/json-schema.ts'
import { placedLocations } from '../../domain/location.ts'
import { assertMayWrite } from '../../policy/access.ts'
import { changeLocations, type LocationsPlan } from '../locations/change.ts'

/** Input of `deleteFromStore`. */
export interface DeleteFromStoreInput {
  readonly storeId: string
  readonly imageId: string
}

/**
 * Deletes the data of an image in one store; they stay in the others.
 *
 * @throws ServiceError NOT_FOUND without several stores, for the image and when it has no data in the store, CONFLICT for an unknown store, unless the image is active and when the data are in
 *   use, FORBIDDEN by policy and when the data lie in no other store, UNAVAILABLE
 */
export async function deleteFromStore(
  context: RequestContext,
  deps: Deps,
  { storeId, imageId }: DeleteFromStoreInput,
): Promise<void> {
  assertMayWrite(context)
  if (!deps.settings.multiStore) throw new ServiceError('NOT_FOUND', 'Multi backend is not supported at this site.')
  if (!deps.stores.get(storeId))
    throw new ServiceError('CONFLICT', `The selected store ${quote(storeId)} is not available on this node.`)
  const rule = ['get_image_location', 'delete_image_location']
  await changeLocations(context, deps, { id: imageId, rule }, (image) => planned(deps, image, storeId))
}

function planned(deps: Deps, image: Image, storeId: string): LocationsPlan {
  if (image.status !== 'active')
    throw new ServiceError(
      'CONFLICT',
      `It's not allowed to remove image data from store if image status is not 'active'`,
    )
  const placed = placedLocations(image, deps.stores)
  const removed = placed.filter(({ store }) => store?.id === storeId).map(({ location }) => location)
  if (placed.length === 1 || removed.length === placed.length)
    throw new ServiceError(
      'FORBIDDEN',
      'Cannot delete image data from the only store containing it. Consider deleting the image instead.',
    )
  if (removed.length === 0)
    throw new ServiceError('NOT_FOUND', `Image ${image.id} is not stored on store ${quote(storeId)}.`)
  return { changes: { locations: image.locations.filter((each) => !removed.includes(each)) }, added: [], removed }
}
