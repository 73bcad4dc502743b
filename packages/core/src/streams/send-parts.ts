/**
 * Image data as parts, for backends that take an image in pieces (multipart uploads, segments, blocks).
 *
 * Chunks are lent, so each part is gathered in memory of its own. There are `parallel` + 1 buffers at the most: while that many parts are under way, the next one fills; a buffer is used again
 * when its part has been sent. So the memory is (`parallel` + 1) × part size, however long the image is.
 */
import { abortError } from '../errors.ts'
import { Interruption } from './abortable.ts'

/** One part of image data on its way out. */
export interface Part {
  /** From 1, in the order of the data. */
  readonly number: number
  /** Offset of its first byte in the image. */
  readonly offset: number
  /** The bytes; valid until the promise of `send` settles, then the memory is filled again. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Whether nothing comes after it. A first part that is the last holds the whole image; that of empty data has no bytes. */
  readonly last: boolean
}

/** How parts are cut and sent. */
export interface SendPartsOptions {
  /** Bytes of a part, by its number for sizes that grow; every part but the last has exactly so many. At least 1. */
  readonly partSize: number | ((number: number) => number)
  /** Most parts under way at the same time, by the number of the next one for parts that grow. At least 1. */
  readonly parallel: number | ((number: number) => number)
  readonly signal: AbortSignal
}

/**
 * Cuts data into parts and sends them, several at a time.
 *
 * `send` may be called for the next parts while earlier ones are under way. Its signal fires when the whole is called off, by the caller's signal or by the first failure; it should
 * settle soon then. When this returns or rejects no `send` is running any more, so that what was sent can be completed or taken back.
 *
 * @returns what `send` returned, in the order of the parts; at least one
 * @throws the first failure: what the data's source throws, as it is, or what `send` throws; StoreError ABORTED | TIMEOUT when the signal fired
 */
export async function sendParts<T>(
  data: AsyncIterable<Uint8Array>,
  { partSize, parallel, signal }: SendPartsOptions,
  send: (part: Part, signal: AbortSignal) => Promise<T>,
): Promise<T[]> {
  const sizeOf = typeof partSize === 'number' ? () => partSize : partSize
  const parallelOf = typeof parallel === 'number' ? () => parallel : parallel
  const results: T[] = []
  const running = new Set<Promise<void>>()
  const failed = new AbortController()
  const both = AbortSignal.any([signal, failed.signal])
  let failure: { readonly error: unknown } | null = null
  const fail = (error: unknown): void => {
    failure ??= { error }
    failed.abort(error)
  }
  const free: Uint8Array<ArrayBuffer>[] = []

  const dispatch = (part: Part, buffer: Uint8Array<ArrayBuffer>): void => {
    const sendOne = async (): Promise<void> => {
      try {
        results[part.number - 1] = await send(part, both)
      } catch (error) {
        fail(error)
      } finally {
        running.delete(sending)
        free.push(buffer)
      }
    }
    const sending = Promise.resolve().then(sendOne)
    running.add(sending)
  }
  const takeBuffer = (size: number): Uint8Array<ArrayBuffer> => {
    const buffer = free.pop()
    return buffer && buffer.byteLength >= size ? buffer : new Uint8Array(new ArrayBuffer(size))
  }

  const source = data[Symbol.asyncIterator]()
  const interruption = new Interruption(both, 'sending image data')
  let ended = false
  let filling: { buffer: Uint8Array<ArrayBuffer>; size: number; used: number } | null = null
  let number = 1
  let offset = 0
  /** Sends the part that is filled, as soon as it may be under way beside the others. */
  const finishPart = async (last: boolean): Promise<void> => {
    if (!filling) return
    while (running.size >= parallelOf(number)) await Promise.race(running)
    if (failure) return
    const { buffer, used } = filling
    dispatch({ number, offset, bytes: buffer.subarray(0, used), last }, buffer)
    filling = null
    number += 1
    offset += used
  }
  const next = async (): Promise<IteratorResult<Uint8Array, unknown>> => {
    try {
      return await source.next()
    } catch (error) {
      ended = true
      throw error
    }
  }
  try {
    if (signal.aborted) throw abortError(signal, 'sending image data')
    for (;;) {
      const step = await interruption.wait(next())
      if (step.done) {
        ended = true
        break
      }
      const chunk = step.value
      for (let from = 0; from < chunk.byteLength; ) {
        // A full part leaves when it is known that more comes, so that the last one can say so.
        if (filling && filling.used === filling.size) await finishPart(false)
        if (failure) break
        if (!filling) {
          const size = sizeOf(number)
          filling = { buffer: takeBuffer(size), size, used: 0 }
        }
        const length: number = Math.min(chunk.byteLength - from, filling.size - filling.used)
        filling.buffer.set(chunk.subarray(from, from + length), filling.used)
        filling.used += length
        from += length
      }
      if (failure) break
    }
    if (!failure) {
      filling ??= { buffer: takeBuffer(0), size: 0, used: 0 }
      await finishPart(true)
    }
  } catch (error) {
    fail(error)
  } finally {
    interruption.end()
    if (!ended) Promise.resolve(source.return?.()).catch(() => {})
  }
  await Promise.all(running)
  if (failure) throw (failure as { readonly error: unknown }).error
  return results
}
