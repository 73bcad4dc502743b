import type { Store, StoreSet } from '@glance/core'
import type { Image, ImageLocation } from './image.ts'
import type { ServiceSettings } from './settings.ts'

/** A location and the store in which it lies; null when no configured store has it. */
export interface PlacedLocation {
  readonly location: ImageLocation
  readonly store: Store | null
}

/**
 * The locations of an image from which it may be read, best first: in descending weight of their stores, of equals in the order in which they were added, and those of stores
 * that are no longer configured at the end.
 */
export function placedLocations(image: Image, stores: StoreSet): readonly PlacedLocation[] {
  return image.locations
    .filter(({ status }) => status === 'active')
    .map((location) => ({ location, store: storeOf(location, stores) }))
    .toSorted((a, b) => (b.store?.weight ?? -Infinity) - (a.store?.weight ?? -Infinity) || 0)
}

/** The store of a location, null when no configured store has it. */
export function storeOf({ url, metadata }: ImageLocation, stores: StoreSet): Store | null {
  try {
    return stores.storeOf(url, metadata)
  } catch {
    return null
  }
}

/**
 * A location as this service would write it today: with the URI that its store's driver writes (older services put credentials into URIs), and, where there are several stores, with the one
 * that it lies in (`store`), which services with a single store did not write.
 *
 * @returns the very same object when it is so already
 */
export function tidied(
  location: ImageLocation,
  { stores, settings }: { readonly stores: StoreSet; readonly settings: Pick<ServiceSettings, 'multiStore'> },
): ImageLocation {
  const id = location.metadata['store']
  const named = typeof id === 'string' ? stores.get(id) : undefined
  const store = named ?? stores.ownerOf(location.url) ?? ownerOfOldSpelling(location.url, stores)
  const url = (store ?? storeOf(location, stores))?.canonicalLocation(location.url) ?? location.url
  const lacksStore = settings.multiStore && !named && store !== null
  if (url === location.url && !lacksStore) return location
  return { ...location, url, metadata: lacksStore ? { ...location.metadata, store: store.id } : location.metadata }
}

/** The store in whose own spelling the location is one of its own. */
function ownerOfOldSpelling(url: string, { all }: StoreSet): Store | null {
  const owner = all.find((store) => {
    const spelled = store.canonicalLocation(url)
    return spelled !== url && store.locationPrefixes.some((prefix) => spelled.startsWith(prefix))
  })
  return owner ?? null
}

/**
 * The URI of a location as it may be shown: without user and password.
 *
 * Of http and https they stand before the host alone (an @ in a path is none). In locations of object stores a secret key may hold slashes, so everything up to the last @ goes.
 */
export function shownUrl(url: string): string {
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)(.*)$/s.exec(url) ?? []
  if (scheme === undefined || rest === undefined) return url
  const slash = rest.search(/[/?#]/)
  const inHost = rest.lastIndexOf('@', slash === -1 ? rest.length : slash)
  const at = inHost === -1 && !/^https?:/i.test(scheme) ? rest.lastIndexOf('@') : inHost
  return scheme + rest.slice(at + 1)
}
