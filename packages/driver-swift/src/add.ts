/** Storing an image: as one object, or in segments. */
import { createHash, type Hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isStoreError, StoreError, sendParts, untilAborted } from '@glance/core'
import type { ClusterInfo } from './cluster-info.ts'
import { passes, statusError } from './errors.ts'
import { assertEtag, assertFree, etagOf, lookAt, publish, takeBack, uploadHeader } from './objects.ts'
import type { SwiftOptions } from './options.ts'
import { planSegments } from './segment-plan.ts'
import { publishSegments, putSegment, removeSegments, type SegmentedUpload } from './segments.ts'

/** Longest that cleaning up after a failed upload may take, in milliseconds. */
export const cleanUpMs = 30_000

/** Whether an image of this size goes out in one request, without being held in memory. */
export function isStreamed(size: number | null, options: SwiftOptions, cluster: ClusterInfo): size is number {
  if (size === null || size >= options.largeObjectSize || size > cluster.maxFileSize) return false
  return size > planSegments(size, limitsOf(options, cluster)).segmentSize
}

/** The limits of segments in a cluster. */
export function limitsOf(options: SwiftOptions, cluster: ClusterInfo) {
  return {
    preferred: options.largeObjectChunkSize,
    maxFileSize: cluster.maxFileSize,
    maxSegments: cluster.maxManifestSegments,
    memory: options.uploadMemory,
    parallel: options.uploadSegments,
  }
}

/**
 * Stores an image in segments, or as one object when it turns out to fit into the first.
 *
 * @returns bytes stored
 * @throws what the data's source throws; StoreError as `StoreDriver.add`. Nothing remains, except when Swift is down: then it is logged by the caller
 */
export async function addInParts(
  upload: SegmentedUpload,
  data: AsyncIterable<Uint8Array>,
  size: number | null,
  { options, cluster, signal }: { options: SwiftOptions; cluster: ClusterInfo; signal: AbortSignal },
): Promise<number> {
  const { segmentSize, parallel } = planSegments(size, limitsOf(options, cluster))
  // A small image needs no more memory than it has bytes; one of announced size that is large is cut even if it fits.
  const whole = size === null || size < options.largeObjectSize
  const partSize = Math.max(1, Math.min(segmentSize, size ?? segmentSize))
  let started = 0
  let stored = 0
  let publishing = false
  try {
    const segments = await sendParts(data, { partSize, parallel, signal }, async (part, partSignal) => {
      stored += part.bytes.byteLength
      if (part.number === 1 && part.last && (whole || part.bytes.byteLength === 0)) {
        publishing = true
        await putWhole(upload, part.bytes, partSignal)
        return null
      }
      started = Math.max(started, part.number)
      return putSegment(upload, part, partSignal)
    })
    const sent = segments.filter((segment) => segment !== null)
    if (sent.length > 0) {
      publishing = true
      const isStatic = options.manifest === 'slo' && cluster.slo && sent.length <= cluster.maxManifestSegments
      await publishSegments(upload, sent, isStatic, signal)
    }
    return stored
  } catch (error) {
    await cleanUp(upload, { segments: started, published: publishing }, error)
    throw error
  }
}

/**
 * Stores an image of known size in one request, as the data come.
 *
 * Swift takes an object as whole when the last of the announced bytes has arrived. So the last chunk is held back until the data have really ended, and until the name has been looked
 * at once more.
 */
export async function addStreamed(
  upload: SegmentedUpload,
  data: AsyncIterable<Uint8Array>,
  size: number,
  signal: AbortSignal,
): Promise<number> {
  const { client, place, what } = upload
  const hash = createHash('md5')
  const held = heldBack(untilAborted(data, signal, what), size, hash, what, () =>
    assertFree(client, place, what, signal),
  )
  const headers = {
    'if-none-match': '*',
    'content-type': 'application/octet-stream',
    [uploadHeader]: upload.upload,
  }
  try {
    const answer = await client
      .stream({ method: 'PUT', ...place, headers, what, signal }, { data: held, length: size })
      .catch(async (error: unknown) => {
        // The answer may be all that was lost.
        if (signal.aborted || !held.ended) throw error
        const there = await lookAt(client, place, what, signal)
        if (there?.upload !== upload.upload) throw error
        return { status: 201, headers: there.etag === null ? {} : { etag: there.etag } }
      })
    const etag = answer.status < 300 ? etagOf(answer.headers) : await etagAfter(upload, answer.status, signal)
    assertEtag(etag, hash.digest('hex'), what)
    return size
  } catch (error) {
    await cleanUp(upload, { segments: 0, published: held.ended }, error)
    throw error
  }
}

/** What became of a PUT that was answered with a failure: some of Swift's object servers may have taken it. */
async function etagAfter({ client, place, upload, what }: SegmentedUpload, status: number, signal: AbortSignal) {
  if (!passes(status)) throw statusError(status, what)
  const there = await lookAt(client, place, what, signal)
  if (there?.upload === upload) return there.etag
  throw statusError(status, what)
}

async function putWhole(
  { client, place, upload, what }: SegmentedUpload,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const etag = createHash('md5').update(bytes).digest('hex')
  const headers = { etag, 'content-type': 'application/octet-stream' }
  assertEtag(await publish(client, place, upload, { headers, body: bytes, what, signal }), etag, what)
}

/** Data of a known size whose last chunk comes only after their end. */
interface HeldBack extends AsyncIterable<Uint8Array> {
  /** Whether all of the data were given. */
  readonly ended: boolean
}

function heldBack(
  data: AsyncIterable<Uint8Array>,
  size: number,
  hash: Hash,
  what: string,
  beforeLast: () => Promise<void>,
): HeldBack {
  let ended = false
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    let total = 0
    let last: Uint8Array | null = null
    for await (const chunk of data) {
      // Lent chunks are filled again, and a socket may hold on to what it was given: each is copied.
      if (last) yield last
      last = new Uint8Array(chunk)
      hash.update(last)
      total += last.byteLength
      if (total > size) break
    }
    if (total !== size) throw new StoreError('SIZE_MISMATCH', `${what}: there are not the announced ${size} bytes`)
    await beforeLast()
    ended = true
    if (last) yield last
  }
  return {
    [Symbol.asyncIterator]: pieces,
    get ended() {
      return ended
    },
  }
}

/** What a failed upload may have left. */
interface Left {
  /** Segments that were begun. */
  readonly segments: number
  /** Whether all bytes of the object under the image's name may have arrived. */
  readonly published: boolean
}

/** Removes what a failed upload left. A failure of that is the cause of nothing: it is kept beside the first error. */
async function cleanUp(upload: SegmentedUpload, { segments, published }: Left, error: unknown): Promise<void> {
  const signal = AbortSignal.timeout(cleanUpMs)
  const { client, place, what } = upload
  try {
    await takeBack(client, place, upload.upload, what, signal)
    await removeSegments(upload, segments, signal)
    if (!published || (isStoreError(error) && settled.has(error.code))) return
    // Swift may finish a PUT whose connection is gone a moment after it was looked for.
    await sleep(client.patience.retryDelayMs * latePauses, undefined, { signal })
    await takeBack(client, place, upload.upload, what, signal)
  } catch (failure) {
    throw new LeftBehind(error, failure)
  }
}

/** Codes by which Swift itself has said that it took nothing. */
const settled: ReadonlySet<string> = new Set([
  'ALREADY_EXISTS',
  'STORE_FULL',
  'FORBIDDEN',
  'NOT_FOUND',
  'SIZE_MISMATCH',
])
/** How many pauses between tries a late PUT is waited for. */
const latePauses = 5

/** An upload failed, and so did its clean-up; the driver logs the second and throws the first. */
export class LeftBehind extends Error {
  readonly error: unknown
  readonly failure: unknown
  constructor(error: unknown, failure: unknown) {
    super('the clean-up of a failed upload failed')
    this.error = error
    this.failure = failure
  }
}
