/**
 * The download of image data.
 *
 * Copies are tried in descending weight of their stores. A store that fails before its first byte is passed over: the first piece is read before the answer begins, so that
 * a dead copy costs the user nothing while there is another. After that a failure breaks the body off, as a part that is missing must never look like the end.
 */
import type { StoredImage } from '@glance/core'
import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import type { Image } from '../../domain/image.ts'
import { quote } from '../../domain/json-schema.ts'
import { type PlacedLocation, placedLocations } from '../../domain/location.ts'
import { findVisible, permit } from '../../policy/access.ts'
import { requesterOf } from '../../policy/requester.ts'
import { tidyLocations } from '../locations/upkeep.ts'
import { type ByteRange, resolveRange } from './byte-range.ts'
import { startReading } from './start-reading.ts'
import { storeFailure } from './store-failures.ts'

/** Input of `downloadImageData`. */
export interface DownloadInput {
  readonly imageId: string
  /** Part that is wanted; null for everything. */
  readonly range: ByteRange | null
  /** Identifiers of stores whose copies are tried first, in this order; absent when it is all the same. */
  readonly prefer?: readonly string[] | null
}

/** Image data opened for reading. */
export interface DownloadedData {
  readonly image: Image
  /** Bytes of the whole image; null when neither the record nor the store knows, which only happens without a range. */
  readonly size: number | null
  /** First byte of `body` within the image. */
  readonly offset: number
  /** Bytes of `body`; null when not known. */
  readonly length: number | null
  /** Read once. Must be read to its end or left by `return()`; it throws when the store breaks off. */
  readonly body: AsyncIterableIterator<Uint8Array>
}

/**
 * Opens the data of an image.
 *
 * @returns null when the image has no data, or no store finds them
 * @throws ServiceError INVALID for stores that are not there, NOT_FOUND for the image, FORBIDDEN by policy and for deactivated images, RANGE when the range starts behind the end, INVALID when the store cannot
 *   read parts, UNAVAILABLE
 */
export async function downloadImageData(
  context: RequestContext,
  deps: Deps,
  { imageId: id, range, prefer = null }: DownloadInput,
): Promise<DownloadedData | null> {
  if (prefer !== null) assertStores(deps, prefer)
  const found = await findVisible(context, deps, id)
  if (found.image.status === 'deactivated' && !context.admin) {
    permit(context, deps, 'get_image', found)
    throw new ServiceError('FORBIDDEN', 'The requested image has been deactivated. Image data download is forbidden.')
  }
  permit(context, deps, 'download_image', found)
  if (prefer !== null) permit(context, deps, 'download_from_store', found)
  const { image } = await tidyLocations(deps, found)
  const copies = inOrder(placedLocations(image, deps.stores), image, prefer ?? [])
  if (image.size !== null && range && copies.length > 0) resolveRange(range, image.size)
  const failures: unknown[] = []
  for (const copy of copies) {
    try {
      return await opened(context, image, copy, range)
    } catch (thrown) {
      if (thrown instanceof ServiceError && thrown.code === 'RANGE') throw thrown
      context.signal.throwIfAborted()
      deps.logger.warn({ imageId: id, store: copy.store?.id ?? null, err: thrown }, 'image data cannot be read')
      failures.push(storeFailure(thrown, 'download'))
    }
  }
  const other = failures.find((failure) => !(failure instanceof ServiceError && failure.code === 'NOT_FOUND'))
  if (other !== undefined) throw other
  return null
}

function assertStores({ stores, settings }: Deps, prefer: readonly string[]): void {
  if (!settings.multiStore) throw new ServiceError('INVALID', 'Multi backend is not supported at this site.')
  const unknown = prefer.find((id) => !stores.get(id))
  if (unknown !== undefined) throw new ServiceError('INVALID', `The preferred store ${quote(unknown)} is not there.`)
}

/** The copies in the order in which they are tried: those in preferred stores first. Data that nobody has vouched for yet (`importing`) are nobody's to read. */
function inOrder(
  copies: readonly PlacedLocation[],
  { status }: Image,
  prefer: readonly string[],
): readonly PlacedLocation[] {
  if (status !== 'active' && status !== 'deactivated') return []
  const rank = ({ store }: PlacedLocation): number => {
    const at = store ? prefer.indexOf(store.id) : -1
    return at === -1 ? prefer.length : at
  }
  return copies.toSorted((a, b) => rank(a) - rank(b))
}

async function opened(
  context: RequestContext,
  image: Image,
  { location, store }: PlacedLocation,
  range: ByteRange | null,
): Promise<DownloadedData> {
  if (!store) throw new ServiceError('NOT_FOUND', 'The store of the image data is not configured.')
  const call = { signal: context.signal, requester: requesterOf(context) }
  const size = image.size ?? (await store.getSize(location.url, call))
  if (range && size === null)
    throw new ServiceError('INVALID', 'The size of the image is not known, so no part of it can be read.')
  const part = range && size !== null ? resolveRange(range, size) : null
  const offset = part?.offset ?? 0
  const length = part?.length ?? size
  const stored = await store.get(location.url, part ? { ...part, ...call } : call)
  const body = await startReading(stored.body)
  if (!fits(stored, length)) {
    await body.return?.()
    throw new ServiceError('UNAVAILABLE', 'The store has image data of another length than were stored.')
  }
  return { image, size, offset, length: length ?? stored.size, body }
}

/** A copy whose length is not the record's is damaged: it would be cut off or padded in the answer. */
function fits(stored: StoredImage, length: number | null): boolean {
  return length === null || stored.size === null || stored.size === length
}
