import { abortError, orAborted, readRanges } from '@glance/core'
import { naming, storeErrorOf } from './errors.ts'
import type { RbdImage } from './rbd-client.ts'
import { withinGrace } from './waiting.ts'

/** Bytes of a range. With four of them under way and one with the reader, a download takes 20 MiB. */
const rangeSize = 4 * 1024 * 1024
const rangesAtOnce = 4

/** Which bytes of an open image to give. */
export interface ImageBodySettings {
  readonly offset: number
  readonly length: number
  readonly signal: AbortSignal
}

/**
 * The bytes of an image, read several ranges at a time into memory that is used again.
 *
 * A chunk is valid until the next one is asked for. The body owns the image and closes it at the end, after a failure, on an abort (also when nobody reads), and by `return()`, also before
 * the first chunk was asked for. Reads that still run then end by themselves; the image is closed after them.
 *
 * @throws StoreError UNAVAILABLE | TIMEOUT | ABORTED | FORBIDDEN | NOT_FOUND | UNKNOWN
 */
export class ImageBody implements AsyncIterableIterator<Uint8Array> {
  /** Resolves when the image is closed. */
  readonly closed: Promise<void>
  readonly #image: RbdImage
  readonly #signal: AbortSignal
  /** Fires when the reader leaves. */
  readonly #left = new AbortController()
  readonly #chunks: AsyncGenerator<Uint8Array, void, void>
  readonly #whenClosed: PromiseWithResolvers<void> = Promise.withResolvers()
  #closing = false

  constructor(image: RbdImage, { offset, length, signal }: ImageBodySettings) {
    this.#image = image
    this.#signal = signal
    this.closed = this.#whenClosed.promise
    const both = AbortSignal.any([signal, this.#left.signal])
    // A read cannot be ended. Its memory is not used again after an abort, so nobody has to wait for it.
    this.#chunks = readRanges(
      { offset, length, rangeSize, parallel: rangesAtOnce, signal: both },
      (into, range, stop) => naming(orAborted(image.read(into, range.offset), stop, 'reading'), 'read', 'the image'),
    )
    signal.addEventListener('abort', this.#close, { once: true })
    // An empty body holds no image open until somebody finds out that it is empty.
    if (length === 0) this.#close()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, void>> {
    try {
      if (this.#signal.aborted) throw abortError(this.#signal, 'reading')
      const step = await this.#chunks.next()
      if (step.done) this.#close()
      return step
    } catch (error) {
      this.#close()
      // The reader has left; what ended the read concerns nobody.
      if (this.#left.signal.aborted && !this.#signal.aborted) return { done: true, value: undefined }
      throw storeErrorOf(error, 'read', 'the image')
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, void>> {
    // First this, because a read under way holds the generator until it ends.
    this.#left.abort()
    await this.#chunks.return().catch(() => {})
    this.#close()
    await withinGrace(this.closed)
    return { done: true, value: undefined }
  }

  readonly #close = (): void => {
    if (this.#closing) return
    this.#closing = true
    this.#signal.removeEventListener('abort', this.#close)
    const done = (): void => this.#whenClosed.resolve()
    this.#image.close().then(done, done)
  }
}
