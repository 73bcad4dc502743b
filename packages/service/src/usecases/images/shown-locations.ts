import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import type { FoundImage, ImageLocation } from '../../domain/image.ts'
import { placedLocations, shownUrl, tidied } from '../../domain/location.ts'
import { imageTarget } from '../../policy/target.ts'

/** What an answer tells of where the data of an image lie. */
export interface ShownLocations {
  /** `direct_url`: the best location; null when it is not shown or there is none. */
  readonly directUrl: string | null
  /** `locations`, best first; null when the service does not show them at all. */
  readonly locations: readonly ImageLocation[] | null
  /** `stores`: identifiers, each once; empty when the member is left out. */
  readonly stores: readonly string[]
}

/**
 * Decides what a caller is told of the locations of an image that it sees.
 *
 * Locations are shown in today's form (see `tidied`) and never with a password. They are for those whom policy `get_image_location` lets, of a deactivated image for administrators alone. Identifiers of stores are no secret.
 */
export function shownLocations(context: RequestContext, deps: Deps, found: FoundImage): ShownLocations {
  const { showImageDirectUrl, showMultipleLocations, multiStore } = deps.settings
  const closed = found.image.status === 'deactivated' && !context.admin
  const allowed = !closed && deps.enforcer.allows('get_image_location', context, imageTarget(found, context.project))
  const placed = placedLocations(found.image, deps.stores)
  const locations = allowed ? placed.map(({ location }) => shownForm(deps, location)) : []
  const stores = multiStore ? placed.flatMap(({ store }) => (store ? [store.id] : [])) : []
  return {
    directUrl: showImageDirectUrl ? (locations[0]?.url ?? null) : null,
    locations: showMultipleLocations ? locations : null,
    stores: [...new Set(stores)],
  }
}

function shownForm(deps: Deps, location: ImageLocation): ImageLocation {
  const { url, ...rest } = tidied(location, deps)
  return { ...rest, url: shownUrl(url) }
}
