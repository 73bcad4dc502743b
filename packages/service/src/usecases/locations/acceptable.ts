/**
 * Whether a location that a user names may become one of an image's.
 *
 * Whoever sets a location makes this service read, and later delete, what lies there, with the service's own rights. So the schemes with which files of the host or configured accounts
 * could be named are never taken (OSSA-2014-041, OSSA-2015-002), the store must be one that users may name, and a place that the service may delete belongs to one image only.
 * Which addresses an http location may lead to is for the http driver (OSSA-2026-004).
 */
import { isStoreError, type Store, schemeOf } from '@glance/core'
import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import type { ImageLocation } from '../../domain/image.ts'
import { quote } from '../../domain/json-schema.ts'
import { storeOf, tidied } from '../../domain/location.ts'
import type { GivenLocation } from '../../domain/location-body.ts'
import { requesterOf } from '../../policy/requester.ts'

/** Schemes that only the service itself writes. */
const refusedSchemes: ReadonlySet<string> = new Set(['file', 'filesystem', 'swift+config'])

/** The one answer to everything that is wrong with a location, so that it tells nothing of what the service can reach. */
export function invalidLocation(cause?: unknown): ServiceError {
  return new ServiceError('INVALID', 'Invalid location', cause === undefined ? {} : { cause })
}

/**
 * A location as the record will hold it, with `store` where there are several. Looks at the text alone.
 *
 * @throws ServiceError INVALID
 */
export function assertUsable(deps: Pick<Deps, 'stores' | 'settings'>, given: GivenLocation): ImageLocation {
  const { url, metadata } = given
  let scheme: string
  try {
    scheme = schemeOf(url)
  } catch (error) {
    throw invalidLocation(error)
  }
  if (refusedSchemes.has(scheme)) throw invalidLocation()
  assertStoreNames(deps, metadata)
  const location: ImageLocation = tidied({ url, metadata, status: 'active' }, deps)
  const store = storeOf(location, deps.stores)
  if (!store?.schemes.includes(scheme) || !isItsOwn(deps, store, location.url)) throw invalidLocation()
  return location
}

/**
 * A location of the record with other metadata, which must not move it into another store.
 *
 * @throws ServiceError INVALID
 */
export function withMetadata(
  deps: Pick<Deps, 'stores' | 'settings'>,
  kept: ImageLocation,
  metadata: ImageLocation['metadata'],
): ImageLocation {
  assertStoreNames(deps, metadata)
  const { store } = kept.metadata
  const named = metadata['store'] === undefined && store !== undefined ? { ...metadata, store } : metadata
  const location = tidied({ ...kept, metadata: named }, deps)
  if (storeOf(location, deps.stores) !== storeOf(kept, deps.stores))
    throw new ServiceError('INVALID', 'The metadata of a location cannot name another store than the one it lies in.')
  return location
}

/** Metadata name no store but those that users may know of: neither one of the service's own nor one that is not there. */
function assertStoreNames({ stores }: Pick<Deps, 'stores'>, metadata: ImageLocation['metadata']): void {
  for (const name of ['store', 'backend']) {
    const id = metadata[name]
    if (id !== undefined && !(typeof id === 'string' && stores.get(id)))
      throw new ServiceError('INVALID', `The metadata of a location name the store ${quote(id)}, which is not there.`)
  }
}

/** A store that is named must not be one in whose stead another one's location is given. */
function isItsOwn({ stores }: Pick<Deps, 'stores'>, store: Store, url: string): boolean {
  return !stores.ownerOf(url) || store.locationPrefixes.some((prefix) => url.startsWith(prefix))
}

/**
 * Asks the store what lies at a location that a user named.
 *
 * @returns bytes, more than 0
 * @throws ServiceError INVALID when there is nothing to read, or the data are another image's
 */
export async function sizeAt(
  context: RequestContext,
  deps: Deps,
  imageId: string,
  location: ImageLocation,
): Promise<number> {
  const store = storeOf(location, deps.stores)
  if (!store) throw invalidLocation()
  if (store.capabilities.delete) {
    const users = await deps.images.idsAt(location.url)
    if (users.some((id) => id !== imageId)) throw invalidLocation()
  }
  let size: number | null
  try {
    size = await store.getSize(location.url, { signal: context.signal, requester: requesterOf(context) })
  } catch (error) {
    context.signal.throwIfAborted()
    if (!isStoreError(error)) throw error
    deps.logger.warn({ imageId, store: store.id, code: error.code, err: error }, 'a location cannot be read')
    throw invalidLocation(error)
  }
  if (size === null || size <= 0) throw invalidLocation()
  return size
}
