/** Opening image data for reading: whole, from an offset, or by several ranges at a time. */
import { type GetOptions, readRanges, type StoredImage, StoreError } from '@glance/core'
import { imageBody, openStretch, type Stretch } from './body.ts'
import type { Call } from './call.ts'
import type { SwiftClient } from './client.ts'
import { statusError } from './errors.ts'
import { contentRangeOf, headerOf } from './headers.ts'
import type { Place } from './location.ts'
import { etagOf, factsFrom, lookAt } from './objects.ts'
import type { SwiftOptions } from './options.ts'

/** Bytes of one of several ranges. */
const rangeSize = 8 * 1024 * 1024

/** Opens image data. @throws StoreError NOT_FOUND; by the status */
export async function openImage(
  client: SwiftClient,
  place: Place,
  { offset, length }: Pick<GetOptions, 'offset' | 'length'>,
  options: Pick<SwiftOptions, 'retryGetCount' | 'downloadRanges'>,
  call: Call,
): Promise<StoredImage> {
  if (length === 0 || options.downloadRanges > 1) {
    const there = await lookAt(client, place, call.what, call.signal)
    if (there === null) throw statusError(404, call.what)
    const wanted = Math.min(length ?? Number.POSITIVE_INFINITY, Math.max(0, there.size - offset))
    if (wanted === 0) return nothing(call)
    if (wanted > 2 * rangeSize && options.downloadRanges > 1) {
      const stretch = { first: offset, length: wanted, total: there.size, etag: there.etag }
      return { size: wanted, body: byRanges(client, place, stretch, options, call) }
    }
  }
  const found = await openFirst(client, place, { offset, length }, call)
  if (found === null) return nothing(call)
  const { stream, stretch } = found
  const reopen = (rest: Stretch): ReturnType<typeof openStretch> =>
    openStretch(client, place, rest, call.what, call.signal)
  return {
    size: stretch.length,
    body: imageBody({ stream, stretch, resumes: options.retryGetCount, reopen }, call),
  }
}

async function openFirst(
  client: SwiftClient,
  place: Place,
  { offset, length }: { readonly offset: number; readonly length: number | null },
  call: Call,
) {
  const ranged = offset > 0 || length !== null
  const end = length === null ? '' : String(offset + length - 1)
  const headers: Record<string, string> = ranged ? { range: `bytes=${offset}-${end}` } : {}
  const { what, signal } = call
  const response = await client.open({ method: 'GET', ...place, headers, what, signal }, [200, 206, 416])
  const { statusCode, body: stream } = response
  const etag = etagOf(response.headers)
  // Swift answers 200 to a range of an empty object, and 416 to one that begins at or past the end.
  if (statusCode === 416 || headerOf(response.headers, 'content-length') === '0') {
    await stream.dump()
    return null
  }
  if (statusCode === 200 && !ranged) {
    const { size } = factsFrom(response.headers, what)
    return { stream, stretch: { first: 0, length: size, total: size, etag } satisfies Stretch }
  }
  const range = contentRangeOf(response.headers)
  const last = range && (length === null ? range.total - 1 : Math.min(offset + length, range.total) - 1)
  if (range === null || range.first !== offset || range.last !== last) {
    stream.on('error', () => {}).destroy()
    throw new StoreError('UNAVAILABLE', `${what}: Swift sent another range than was asked for`)
  }
  const stretch: Stretch = { first: offset, length: range.last - offset + 1, total: range.total, etag }
  return { stream, stretch }
}

/** Reads with several ranges at a time, each of which is resumed as a single one would be. */
function byRanges(
  client: SwiftClient,
  place: Place,
  stretch: Stretch,
  { retryGetCount, downloadRanges }: Pick<SwiftOptions, 'retryGetCount' | 'downloadRanges'>,
  call: Call,
): AsyncIterableIterator<Uint8Array> {
  const ranges = { offset: stretch.first, length: stretch.length, rangeSize, parallel: downloadRanges }
  const chunks = readRanges({ ...ranges, signal: call.signal }, async (into, range, signal) => {
    let filled = 0
    for (let tries = 0; filled < range.length; tries += 1) {
      try {
        const rest = { ...stretch, first: range.offset + filled, length: range.length - filled }
        const stream = await openStretch(client, place, rest, call.what, signal)
        for await (const chunk of stream as AsyncIterable<Uint8Array>) {
          into.set(chunk, filled)
          filled += chunk.byteLength
        }
        if (filled < range.length) throw new StoreError('UNAVAILABLE', `${call.what}: a range broke off`)
      } catch (error) {
        const failure = call.errorFrom(error)
        if (signal.aborted || !failure.retryable || tries >= retryGetCount) throw failure
      }
    }
  })
  return {
    next: () =>
      chunks.next().catch((error: unknown) => {
        const failure = call.errorFrom(error)
        call.stop()
        throw failure
      }),
    async return() {
      call.stop()
      await chunks.return()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* empty(): AsyncGenerator<Uint8Array, void, void> {}

function nothing(call: Call): StoredImage {
  call.stop()
  return { size: 0, body: empty() }
}
