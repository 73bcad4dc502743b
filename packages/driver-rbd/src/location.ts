/**
 * Locations of an RBD store: `rbd://FSID/POOL/IMAGE/SNAPSHOT`, or `rbd://IMAGE` as Glance wrote it for clusters without snapshots.
 *
 * Nova and Cinder read them too (they clone the snapshot), so the form is exactly Glance's: each part is quoted as Python's `urllib.parse.quote` does it without safe characters. A location
 * comes from the database, and users or other services may have written it, so one of another cluster or pool is refused.
 */
import { StoreError, schemeOf } from '@glance/core'

/** The scheme of the store. */
export const scheme = 'rbd'

/** The snapshot that makes image data readable. Cinder and Nova know it by this name. */
export const snapshotName = 'snap'

/** Where image data lie. */
export interface RbdPlace {
  /** Null in the short form: this cluster, this pool, no snapshot. */
  readonly cluster: { readonly fsid: string; readonly pool: string } | null
  readonly image: string
  readonly snapshot: string | null
}

/** The beginning of the locations of a pool. */
export function locationPrefix(fsid: string, pool: string): string {
  return `${scheme}://${quoted(fsid)}/${quoted(pool)}/`
}

/** The location of an image of this driver. */
export function formatLocation(fsid: string, pool: string, image: string): string {
  return `${locationPrefix(fsid, pool)}${quoted(image)}/${quoted(snapshotName)}`
}

/**
 * Reads a location.
 *
 * @throws StoreError INVALID_LOCATION for another scheme, for another number of parts than one or four, for empty ones and for what no name in Ceph can hold
 */
export function parseLocation(location: string): RbdPlace {
  if (schemeOf(location) !== scheme) throw invalid('has the scheme rbd')
  const parts = location.slice(`${scheme}://`.length).split('/')
  if (parts.length !== 1 && parts.length !== 4) throw invalid('has one part or four')
  // Glance does not decode the short form.
  const names = parts.length === 4 ? parts.map(decoded) : parts
  // A NUL would end a name early in C, and lead to another image; librbd takes `@` and `/` for its own delimiters in some places.
  if (names.some((name) => name === '' || /[\0/@]/.test(name))) throw invalid('has no empty names and none with / or @')
  const [first = '', pool = '', image = '', snapshot = ''] = names
  if (names.length === 1) return { cluster: null, image: first, snapshot: null }
  return { cluster: { fsid: first, pool }, image, snapshot }
}

/**
 * Reads a location that has to lie in a pool.
 *
 * @throws StoreError INVALID_LOCATION as `parseLocation`, and when it leads to another cluster or pool
 */
export function placeIn(location: string, fsid: string, pool: string): RbdPlace {
  const place = parseLocation(location)
  if (place.cluster !== null && (place.cluster.fsid !== fsid || place.cluster.pool !== pool))
    throw new StoreError('INVALID_LOCATION', 'the location is in another cluster or pool than the store')
  return place
}

/** Python's `quote(text, '')`: everything but letters, digits and `_.-~` is encoded. */
function quoted(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw invalid('is UTF-8 in percent encoding')
  }
}

function invalid(why: string): StoreError {
  return new StoreError('INVALID_LOCATION', `a location of an RBD store ${why}`)
}
