import type { Store, StoreSet } from '@glance/core'
import type { Image, ImageLocation } from './image.ts'

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
