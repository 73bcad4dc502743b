import type { Deps } from '../../deps.ts'
import type { FoundImage } from '../../domain/image.ts'
import { tidied } from '../../domain/location.ts'

/**
 * Brings the locations of an image into the form in which this service writes them (see `tidied`), and keeps them so: an older service, or this one before there were several stores, wrote
 * others. For those who look an image up.
 *
 * A record that cannot be written shows what it would hold, and is tried again by the next one who looks.
 */
export async function tidyLocations(deps: Deps, found: FoundImage): Promise<FoundImage> {
  const { image } = found
  const locations = image.locations.map((location) => tidied(location, deps))
  if (locations.every((location, index) => location === image.locations[index])) return found
  try {
    const kept = await deps.images.rewriteLocations(image.id, (location) => tidied(location, deps))
    if (kept) return { ...found, image: kept }
  } catch (error) {
    deps.logger.warn({ imageId: image.id, err: error }, 'locations of an older form cannot be rewritten')
  }
  return { ...found, image: { ...image, locations } }
}
