import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import type { FoundImage } from '../../domain/image.ts'
import { findVisible, permit } from '../../policy/access.ts'
import { tidyLocations } from '../locations/upkeep.ts'

/** Input of `showImage`. */
export interface ShowImageInput {
  readonly imageId: string
}

/** One image. @throws ServiceError NOT_FOUND when it does not exist or the caller may not see it */
export async function showImage(context: RequestContext, deps: Deps, { imageId }: ShowImageInput): Promise<FoundImage> {
  const found = await findVisible(context, deps, imageId)
  permit(context, deps, 'get_image', found)
  return tidyLocations(deps, found)
}
