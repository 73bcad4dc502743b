/**
 * A body that gives its volume back in every case: at its end, at an error, and at `return()` also when nothing was read before, which a
 * bare generator would not notice.
 */
export class ImageBody implements AsyncIterableIterator<Uint8Array> {
  readonly #bytes: AsyncGenerator<Uint8Array, void, void>
  readonly #over: AbortController
  readonly #release: () => Promise<void>
  #left = false

  /**
   * @param over - ends the reading behind the body
   * @param release - called once the reading has ended; it may be called several times
   */
  constructor(
    bytes: AsyncGenerator<Uint8Array, void, void>,
    over: AbortController,
    release: () => Promise<void> = async () => {},
  ) {
    this.#bytes = bytes
    this.#over = over
    this.#release = release
  }

  async next(): Promise<IteratorResult<Uint8Array, void>> {
    if (this.#left) return { done: true, value: undefined }
    try {
      const step = await this.#bytes.next()
      if (step.done) await this.#release()
      return step
    } catch (error) {
      await this.#release()
      // A reader that has left wants to hear nothing of what that did to the reading.
      if (this.#left) return { done: true, value: undefined }
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, void>> {
    this.#left = true
    this.#over.abort()
    await this.#bytes.return().catch(() => {})
    await this.#release()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
