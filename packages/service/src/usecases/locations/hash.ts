/**
 * The hashing of data that lie at a location which was added in the newer way (`add.ts`), after the answer.
 *
 * The record says that it waits (`hashingProperty`) and, while it is `importing`, which hash is expected, so the job needs nothing but the image's id and may begin anew at any time. It ends in
 * one change of the record:
 *
 * - `importing`: `active` when the hash is the expected one. When it is another, the data are deleted, as far as the store deletes; then, and when they cannot be read, the location is dropped
 *   and the image is `queued` again, so that another location or an upload may follow.
 * - `active`: gets its hashes. Data that cannot be read leave it without, for good.
 *
 * A job that is stopped, by the deletion of its image or by the end of the server, changes nothing.
 */
import { setTimeout } from 'node:timers/promises'
import { type DigestedData, isStoreError, type Requester } from '@glance/core'
import type { Deps } from '../../deps.ts'
import type { Image, ImageChanges } from '../../domain/image.ts'
import { type PlacedLocation, placedLocations } from '../../domain/location.ts'
import { hashingProperty } from '../../domain/properties.ts'
import { statusChange } from '../../domain/status.ts'
import { deleteData } from '../data/delete-data.ts'

type HashDeps = Pick<Deps, 'images' | 'stores' | 'clock' | 'settings' | 'logger'>

/** Input of `hashImageData`. */
export interface HashInput {
  readonly imageId: string
  /** On whose behalf the data are read; null when that is not known any more. */
  readonly requester: Requester | null
  /** Ends the job; the record stays as it is. */
  readonly signal: AbortSignal
  /** Pause before the first new try in milliseconds; each later one is twice as long. */
  readonly pauseMs?: number
}

/**
 * Reads and hashes the data of an image that waits for it, and does nothing for any other.
 *
 * @throws the signal's reason when it fires, ServiceError when the records cannot be reached: the image waits on, for the next start
 */
export async function hashImageData(deps: HashDeps, input: HashInput): Promise<void> {
  const image = (await deps.images.find(input.imageId, null))?.image
  if (!image || !isWaiting(image)) return
  const [copy] = placedLocations(image, deps.stores)
  const algorithm = (image.status === 'importing' && image.hashAlgorithm) || deps.settings.hashingAlgorithm
  const data = copy ? await digestOf(deps, input, copy, algorithm) : null
  input.signal.throwIfAborted()
  if (image.status === 'importing' && copy && data && !isExpected(image, data, algorithm))
    await deleteForeign(deps, input, copy)
  await deps.images.change(image.id, deps.clock.now(), (present) => {
    const moved = copy !== undefined && !present.locations.some(({ url }) => url === copy.location.url)
    return isWaiting(present) ? outcome(present, moved ? null : data, algorithm) : null
  })
}

/** Whether a record waits for its hash; one under deletion does not. */
function isWaiting({ status, properties }: Image): boolean {
  return properties.has(hashingProperty) && status !== 'pending_delete' && status !== 'deleted'
}

function isExpected({ hashValue, size }: Image, data: DigestedData, algorithm: string): boolean {
  return data.digests.get(algorithm) === hashValue && data.size === size
}

function outcome(image: Image, data: DigestedData | null, algorithm: string): ImageChanges {
  const properties = new Map(image.properties)
  properties.delete(hashingProperty)
  const checksum = data?.digests.get('md5') ?? null
  if (image.status === 'importing') {
    if (data && isExpected(image, data, algorithm))
      return { ...statusChange(image, 'active', 'CONFLICT'), checksum, properties }
    return { ...statusChange(image, 'queued', 'CONFLICT'), locations: [], properties }
  }
  const hasData = image.status === 'active' || image.status === 'deactivated'
  if (!data || !hasData || data.size !== image.size) return { properties }
  return { checksum, hashAlgorithm: algorithm, hashValue: data.digests.get(algorithm) ?? null, properties }
}

/** Null when the data cannot be read, after as many tries as are configured. */
async function digestOf(
  { settings, logger }: HashDeps,
  { imageId, requester, signal, pauseMs = 1_000 }: HashInput,
  { location, store }: PlacedLocation,
  algorithm: string,
): Promise<DigestedData | null> {
  const call = { ...(requester ? { requester } : {}), signal, algorithms: ['md5', algorithm] }
  for (let tried = 0; store; tried++) {
    try {
      return await store.digest(location.url, call)
    } catch (error) {
      signal.throwIfAborted()
      const code = isStoreError(error) ? error.code : 'UNKNOWN'
      logger.warn({ imageId, store: store.id, code, tried: tried + 1, err: error }, 'image data cannot be hashed')
      if (tried >= settings.httpRetries) return null
      await setTimeout(pauseMs * 2 ** tried, undefined, { signal })
    }
  }
  return null
}

async function deleteForeign(
  deps: HashDeps,
  { imageId, requester }: HashInput,
  { location, store }: PlacedLocation,
): Promise<void> {
  deps.logger.warn({ imageId, store: store?.id }, 'image data have another hash than the one expected')
  if (store) await deleteData(deps, { imageId, store, url: location.url, requester: requester ?? undefined })
}
