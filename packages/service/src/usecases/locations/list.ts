import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import type { ImageLocation } from '../../domain/image.ts'
import { placedLocations, shownUrl } from '../../domain/location.ts'
import { findVisible, permit } from '../../policy/access.ts'
import { tidyLocations } from './upkeep.ts'

/** Input of `listImageLocations`. */
export interface ListLocationsInput {
  readonly imageId: string
}

/** Where the data of an image lie, best first, for services. @throws ServiceError NOT_FOUND, FORBIDDEN by policy */
export async function listImageLocations(
  context: RequestContext,
  deps: Deps,
  { imageId }: ListLocationsInput,
): Promise<readonly ImageLocation[]> {
  const found = await findVisible(context, deps, imageId)
  permit(context, deps, 'fetch_image_location', found)
  const { image } = await tidyLocations(deps, found)
  return placedLocations(image, deps.stores).map(({ location }) => ({ ...location, url: shownUrl(location.url) }))
}
