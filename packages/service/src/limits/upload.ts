/** The limits of an upload: asked before it, while its bytes come in, and when all are there. */
import type { Deps } from '../deps.ts'
import type { RequestContext } from '../domain/context.ts'
import type { Image } from '../domain/image.ts'
import type { RunningUpload } from './running-bytes.ts'
import { assertFits, storageLeft } from './static.ts'
import { enforceLimits } from './unified.ts'
import { mebibyte } from './usage.ts'

/** An upload that may begin. */
export interface Admission {
  /** The data, which end with OVER_LIMIT at the first byte over the quota. */
  meter(data: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
  /** Asks again, now that the number of bytes is known and other uploads may have ended. @throws ServiceError OVER_LIMIT */
  recheck(bytes: number): Promise<void>
  /** To be called when the bytes are in the records or gone, however the upload ended. May be called twice. */
  end(): void
}

type AdmissionDeps = Pick<Deps, 'usage' | 'limits' | 'runningBytes' | 'settings'>

/**
 * Asks the limits of an image's owner for an upload to an image that is `saving` already.
 *
 * @param size - announced bytes, null when unknown
 * @throws ServiceError OVER_LIMIT | UNAVAILABLE; nothing is held then
 */
export async function admitUpload(
  context: RequestContext,
  deps: AdmissionDeps,
  { id, owner }: Pick<Image, 'id' | 'owner'>,
  size: number | null,
): Promise<Admission> {
  await enforceLimits(context, deps, owner, { image_size_total: Math.floor((size ?? 0) / mebibyte) })
  // The image itself counts already: it is saving.
  await enforceLimits(context, deps, owner, { image_count_uploading: 0 })
  const question = { owner, except: id }
  const left = await storageLeft(deps, question)
  if (left === null) return unmetered
  // Nothing may wait between the two: of two uploads that begin at once, the second must see the first.
  assertFits(size, left(null))
  const upload = deps.runningBytes.begin(owner, size ?? 0)
  return {
    meter: (data) => metered(data, upload, left),
    async recheck(bytes) {
      assertFits(bytes, (await storageLeft(deps, question))?.(upload) ?? Infinity)
    },
    end: () => deps.runningBytes.end(upload),
  }
}

const unmetered: Admission = { meter: (data) => data, recheck: async () => {}, end: () => {} }

async function* metered(
  data: AsyncIterable<Uint8Array>,
  upload: RunningUpload,
  left: (upload: RunningUpload) => number,
): AsyncGenerator<Uint8Array, void, void> {
  let received = 0
  for await (const chunk of data) {
    received += chunk.byteLength
    upload.bytes = Math.max(upload.bytes, received)
    assertFits(received, left(upload))
    yield chunk
  }
}
