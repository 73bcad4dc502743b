import { StoreError } from '@glance/core'

/** From so many bytes on a socket's buffer is full after one write, so the next chunk is asked for only when this one has left it. */
const lentBytes = 128 * 1024

/**
 * Image data on their way into a request, watched: whether any byte was asked for, whether the end was reached, and what the source threw.
 *
 * Chunks are lent until the next one is asked for. HTTP clients ask for the next one while a small one still lies in the socket's buffer, so
 * small chunks are copied. With an announced length the receiver knows the end by counting, so the chunk that completes it is kept back until the
 * source has ended as well: only then is it certain that the data are good.
 */
export class UploadSource implements AsyncIterable<Uint8Array> {
  /** Whether the source was asked for its first chunk: from then on it cannot be sent again. */
  started = false
  /** Whether every byte was handed out and the source said that it is at its end. */
  finished = false
  /** Bytes handed out. */
  bytes = 0
  /** What the source threw. */
  failure: { readonly error: unknown } | null = null
  readonly #data: AsyncIterable<Uint8Array>
  readonly #size: number | null

  /** @param size - announced bytes, null when unknown */
  constructor(data: AsyncIterable<Uint8Array>, size: number | null) {
    this.#data = data
    this.#size = size
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    this.started = true
    const source = this.#data[Symbol.asyncIterator]()
    let ended = false
    let keptBack: Uint8Array | null = null
    try {
      for (;;) {
        const step = await source.next().catch((error: unknown) => {
          ended = true
          this.failure = { error }
          throw error
        })
        if (step.done) {
          ended = true
          this.finished = true
          if (keptBack) yield keptBack
          return
        }
        if (keptBack) throw new StoreError('SIZE_MISMATCH', 'there are more bytes than were announced')
        this.bytes += step.value.byteLength
        if (this.bytes === this.#size) keptBack = step.value.slice()
        else yield step.value.byteLength < lentBytes ? step.value.slice() : step.value
      }
    } finally {
      if (!ended) Promise.resolve(source.return?.()).catch(() => {})
    }
  }
}
