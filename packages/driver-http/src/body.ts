import { StoreError } from '@glance/core'
import type { Dispatcher } from 'undici'
import type { Call } from './call.ts'
import type { Portion } from './portion.ts'

/**
 * The wanted bytes of a response body, counted.
 *
 * Read once. Ends the call in every case: at the end of the body, at an error, and at `return()` also when nothing was read before, which a
 * bare generator would not notice. Stopping early closes the connection, because the rest of an image is too much to drain.
 *
 * @throws StoreError UNAVAILABLE when the body has fewer or more bytes than were announced or breaks off; TIMEOUT; ABORTED
 */
export function imageBody(
  stream: Dispatcher.ResponseData['body'],
  portion: Portion,
  call: Call,
): AsyncIterableIterator<Uint8Array> {
  // An abort destroys the stream while nobody reads it; without a listener that error would end the process.
  stream.on('error', () => {})
  const bytes = cut(stream, portion, call)
  return {
    next: () => bytes.next(),
    async return() {
      // First the connection: a pending next() holds the generator until bytes come or the stream is gone.
      call.stop()
      await bytes.return()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* cut(
  stream: Dispatcher.ResponseData['body'],
  { skip, take, total }: Portion,
  call: Call,
): AsyncGenerator<Uint8Array, void, void> {
  let seen = 0
  let given = 0
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      const before = seen
      seen += chunk.byteLength
      if (total !== null && seen > total) throw brokenOff(call, 'sent more bytes than it announced')
      const part = chunk.subarray(
        Math.max(skip - before, 0),
        take === null ? undefined : Math.max(skip + take - before, 0),
      )
      given += part.byteLength
      if (part.byteLength > 0) yield part
      // Enough, and the origin has more: when it has not, the end is waited for, so that the connection can be used again.
      if (take !== null && given === take && seen !== total) return
    }
    if (total !== null && seen < total) throw brokenOff(call, 'sent fewer bytes than it announced')
  } catch (error) {
    if (call.stopped) return
    throw call.errorFrom(error)
  } finally {
    call.stop()
  }
}

function brokenOff(call: Call, words: string): StoreError {
  return new StoreError('UNAVAILABLE', `${call.what}: the origin ${words}`)
}
