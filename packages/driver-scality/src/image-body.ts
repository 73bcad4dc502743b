/**
 * A body that frees its connection in every case: at its end, at an error, and at `return()` also when nothing was read before, which a bare
 * generator would not notice.
 */
export class ImageBody implements AsyncIterableIterator<Uint8Array> {
  readonly #bytes: AsyncGenerator<Uint8Array, void, void>
  readonly #over: AbortController
  #left = false

  /** @param over - ends the call behind the body */
  constructor(bytes: AsyncGenerator<Uint8Array, void, void>, over: AbortController) {
    this.#bytes = bytes
    this.#over = over
  }

  async next(): Promise<IteratorResult<Uint8Array, void>> {
    if (this.#left) return { done: true, value: undefined }
    try {
      const step = await this.#bytes.next()
      if (step.done) this.#over.abort()
      return step
    } catch (error) {
      // A reader that has left wants to hear nothing of what that did to the connection.
      if (this.#left) return { done: true, value: undefined }
      this.#over.abort()
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, void>> {
    this.#left = true
    // First the connection: a pending next() holds the generator until bytes come or the stream is gone.
    this.#over.abort()
    await this.#bytes.return().catch(() => {})
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
