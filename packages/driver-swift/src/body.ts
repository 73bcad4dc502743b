import { StoreError } from '@glance/core'
import type { Dispatcher } from 'undici'
import type { Call } from './call.ts'
import type { SwiftClient } from './client.ts'
import { contentRangeOf } from './headers.ts'
import type { Place } from './location.ts'
import { etagOf } from './objects.ts'

/** A stretch of image data that is being read. */
export interface Stretch {
  /** First byte, from 0. */
  readonly first: number
  /** Bytes, at least 1. */
  readonly length: number
  /** Bytes of the whole object. */
  readonly total: number
  /** ETag of the object; null when Swift gives none. */
  readonly etag: string | null
}

type Body = Dispatcher.ResponseData['body']

/** Asks for a stretch of an object by its Range. @throws StoreError NOT_FOUND when it is another object by now; UNAVAILABLE; by the status */
export async function openStretch(
  client: SwiftClient,
  place: Place,
  { first, length, total, etag }: Stretch,
  what: string,
  signal: AbortSignal,
): Promise<Body> {
  const last = first + length - 1
  const headers = { range: `bytes=${first}-${last}` }
  const response = await client.open({ method: 'GET', ...place, headers, what, signal }, [206])
  const range = contentRangeOf(response.headers)
  const same = range?.total === total && etagOf(response.headers) === etag
  if (same && range.first === first && range.last === last) return response.body
  response.body.on('error', () => {}).destroy()
  if (same) throw new StoreError('UNAVAILABLE', `${what}: Swift sent another range than was asked for`)
  throw new StoreError('NOT_FOUND', `${what}: the object was replaced while it was read`)
}

/** How a body is got, and got again. */
export interface BodySource {
  /** The body of the first answer. */
  readonly stream: Body
  readonly stretch: Stretch
  /** How often it may be resumed. */
  readonly resumes: number
  /** Asks for the rest after a break. */
  readonly reopen: (rest: Stretch) => Promise<Body>
}

/**
 * Image data, counted, and resumed where they broke off.
 *
 * Read once. Ends the call in every case: at the end of the body, at an error, and at `return()` also when nothing was read before. Stopping early closes the connection.
 *
 * @throws StoreError UNAVAILABLE when it breaks off once too often; NOT_FOUND when the object is gone by then; TIMEOUT; ABORTED
 */
export function imageBody(source: BodySource, call: Call): AsyncIterableIterator<Uint8Array> {
  // An abort destroys the stream while nobody reads it; without a listener that error would end the process.
  source.stream.on('error', () => {})
  const bytes = read(source, call)
  return {
    next: () => bytes.next(),
    async return() {
      // First the connection: a pending next() holds the generator until bytes come or the stream is gone.
      call.stop()
      source.stream.destroy()
      await bytes.return()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* read(
  { stream: first, stretch, resumes, reopen }: BodySource,
  call: Call,
): AsyncGenerator<Uint8Array, void, void> {
  let stream = first
  let given = 0
  try {
    for (let resumed = 0; ; resumed += 1) {
      try {
        for await (const chunk of stream as AsyncIterable<Uint8Array>) {
          given += chunk.byteLength
          if (given > stretch.length)
            throw new StoreError('UNKNOWN', `${call.what}: Swift sent more bytes than announced`)
          yield chunk
        }
        if (given === stretch.length) return
        throw new StoreError('UNAVAILABLE', `${call.what}: Swift sent fewer bytes than it announced`)
      } catch (error) {
        const failure = call.errorFrom(error)
        if (call.signal.aborted || !failure.retryable || resumed >= resumes) throw failure
        const rest = { ...stretch, first: stretch.first + given, length: stretch.length - given }
        stream = await reopen(rest)
        stream.on('error', () => {})
      }
    }
  } catch (error) {
    if (call.stopped) return
    throw call.errorFrom(error)
  } finally {
    call.stop()
  }
}
