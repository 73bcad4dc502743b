/** A caller's data that remembers what it threw, so that the caller gets that back and not an error of the store. */
export class Source implements AsyncIterable<Uint8Array> {
  readonly #data: AsyncIterable<Uint8Array>
  #failure: { readonly error: unknown } | null = null

  constructor(data: AsyncIterable<Uint8Array>) {
    this.#data = data
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* this.#data
    } catch (error) {
      this.#failure = { error }
      throw error
    }
  }

  threw(thrown: unknown): boolean {
    return this.#failure !== null && this.#failure.error === thrown
  }
}
