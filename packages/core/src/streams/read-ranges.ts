/**
 * Reading with several ranges at a time, for backends that answer one range slower than a reader takes it.
 *
 * Ranges are asked for ahead, at most `parallel` at the same time, and handed out in order. Their memory is used again, so it is `parallel` + 1 times `rangeSize`, however long the image is.
 */
import { abortError } from '../errors.ts'

/** A stretch of image data. */
export interface Range {
  /** First byte, from 0. */
  readonly offset: number
  /** Bytes, at least 1. */
  readonly length: number
}

/** What is read, and how. */
export interface ReadRangesOptions {
  /** First byte wanted. */
  readonly offset: number
  /** Bytes wanted, all of which must be there. */
  readonly length: number
  /** Bytes of one range; the last one may be shorter. */
  readonly rangeSize: number
  /** Most ranges under way at the same time. */
  readonly parallel: number
  readonly signal: AbortSignal
}

/**
 * Reads a stretch of image data by ranges.
 *
 * `read` fills `into`, which has exactly the range's length, or throws; its signal fires when the reader has left or another range has failed, and it must not write into the memory after it
 * has settled. A chunk that is handed out is valid until the next one is asked for. No `read` is running any more when the generator has ended, however it ended.
 *
 * @throws what `read` throws for the earliest range that failed, after the bytes before it; StoreError ABORTED | TIMEOUT when the signal fired
 */
export async function* readRanges(
  { offset, length, rangeSize, parallel, signal }: ReadRangesOptions,
  read: (into: Uint8Array<ArrayBuffer>, range: Range, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const left = new AbortController()
  const both = AbortSignal.any([signal, left.signal])
  const free: Uint8Array<ArrayBuffer>[] = []
  const ahead: {
    readonly bytes: Uint8Array<ArrayBuffer>
    readonly buffer: Uint8Array<ArrayBuffer>
    readonly done: Promise<unknown>
  }[] = []
  const end = offset + length
  let asked = offset
  const ask = (): void => {
    const range = { offset: asked, length: Math.min(rangeSize, end - asked) }
    const buffer = free.pop() ?? new Uint8Array(new ArrayBuffer(Math.min(rangeSize, length)))
    const bytes = buffer.subarray(0, range.length)
    asked += range.length
    const done = (async () => read(bytes, range, both))()
    // Its failure is told when its turn comes; until then it must not count as unhandled.
    done.catch(() => {})
    ahead.push({ bytes, buffer, done })
  }
  try {
    for (;;) {
      while (asked < end && ahead.length < parallel) ask()
      const first = ahead[0]
      if (!first) return
      await first.done
      if (signal.aborted) throw abortError(signal, 'reading image data')
      ahead.shift()
      yield first.bytes
      free.push(first.buffer)
    }
  } catch (error) {
    throw signal.aborted ? abortError(signal, 'reading image data') : error
  } finally {
    left.abort()
    await Promise.allSettled(ahead.map(({ done }) => done))
  }
}
