import { ImageDataError } from './errors.ts'
import type { IdleTimer } from './idle-timer.ts'

/** Where image data to send may come from. Streams and iterables are read once, chunk by chunk, as the network takes them. */
export type ImageDataSource = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | Blob

/**
 * Image data on their way out.
 *
 * Knows how much was sent and why reading failed, because `fetch` reports every trouble with a body as its own. Counts
 * against the announced size, so that a source that grew or shrank is told apart from a network that broke.
 */
export class OutgoingBody {
  /** Bytes in all, or null when nobody knows before the end. */
  readonly size: number | null
  /** The error with which the source failed, boxed because anything can be thrown. */
  failure: { readonly error: unknown } | null = null
  /** Bytes handed to the network so far. */
  sent = 0

  readonly #source: ImageDataSource
  readonly #onProgress: ((bytes: number) => void) | undefined
  #stop: () => void = () => {}

  constructor(source: ImageDataSource, size: number | null, onProgress?: (bytes: number) => void) {
    const known = source instanceof Uint8Array ? source.byteLength : source instanceof Blob ? source.size : null
    if (known !== null && size !== null && known !== size) {
      throw new ImageDataError('SIZE_MISMATCH', `image data have ${known} bytes, but ${size} were announced`)
    }
    this.#source = source
    this.size = known ?? size
    this.#onProgress = onProgress
  }

  /** What `fetch` takes. A buffer or blob goes as a whole; its progress is known only at the end. */
  open(idle: IdleTimer): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | Blob {
    const source = this.#source
    if (source instanceof Uint8Array || source instanceof Blob) {
      idle.stop()
      return source
    }
    const iterator = iterate(source)
    // A generator that waits for its next chunk settles return() only after it, so nobody waits for the clean-up.
    this.#stop = () => void iterator.return?.().catch(() => {})
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          idle.stop()
          const chunk = await this.#next(iterator)
          idle.start()
          if (chunk === null) controller.close()
          else controller.enqueue(chunk)
        },
        cancel: () => this.stop(),
      },
      { highWaterMark: 0 },
    )
  }

  /** Gives the source up and lets it clean up. Harmless after its end. */
  stop(): void {
    this.#stop()
  }

  /** Says that the service took everything. */
  finish(): void {
    if (!(this.#source instanceof Uint8Array || this.#source instanceof Blob)) return
    this.sent = this.size ?? 0
    this.#onProgress?.(this.sent)
  }

  async #next(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array | null> {
    try {
      while (true) {
        const { done, value } = await iterator.next()
        if (done === true) return this.#end()
        this.#count(value.byteLength)
        // A chunk of zero bytes would end a chunked body early.
        if (value.byteLength > 0) return value
      }
    } catch (error) {
      this.failure = { error }
      this.stop()
      throw error
    }
  }

  #count(bytes: number): void {
    this.sent += bytes
    if (this.size !== null && this.sent > this.size) {
      throw new ImageDataError('SIZE_MISMATCH', `image data have more than the announced ${this.size} bytes`)
    }
    this.#onProgress?.(this.sent)
  }

  #end(): null {
    if (this.size !== null && this.sent < this.size) {
      throw new ImageDataError('SIZE_MISMATCH', `image data ended after ${this.sent} of ${this.size} bytes`)
    }
    return null
  }
}

function iterate(source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>): AsyncIterator<Uint8Array> {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]()
  // Safari's streams are not iterable.
  const reader = (source as ReadableStream<Uint8Array>).getReader()
  return {
    async next() {
      const { done, value } = await reader.read()
      return done ? { done: true, value: undefined } : { done: false, value }
    },
    async return() {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}
