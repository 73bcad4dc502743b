/** Image data whose source's own errors can be told from everything else that goes wrong. */
export class WatchedSource implements AsyncIterable<Uint8Array> {
  readonly #data: AsyncIterable<Uint8Array>
  #failure: { readonly error: unknown } | null = null

  constructor(data: AsyncIterable<Uint8Array>) {
    this.#data = data
  }

  /** Whether it was the source that threw this. */
  threw(error: unknown): boolean {
    return this.#failure !== null && this.#failure.error === error
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const source = this.#data[Symbol.asyncIterator]()
    return {
      next: async () => {
        try {
          return await source.next()
        } catch (error) {
          this.#failure = { error }
          throw error
        }
      },
      return: async () => {
        await source.return?.()
        return { done: true, value: undefined }
      },
    }
  }
}
