/**
 * Passes data on and remembers what their source threw: others wrap it, and it has to come out as it is.
 *
 * It is no generator, since a `return()` has to reach the source also while that is stuck.
 */
export class Source implements AsyncIterable<Uint8Array> {
  failure: { readonly error: unknown } | null = null
  readonly #data: AsyncIterable<Uint8Array>

  constructor(data: AsyncIterable<Uint8Array>) {
    this.#data = data
  }

  /** Whether this is what the source threw. */
  threw(error: unknown): boolean {
    return this.failure !== null && this.failure.error === error
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void, void> {
    const source = this.#data[Symbol.asyncIterator]()
    return {
      next: async () => {
        try {
          const step = await source.next()
          return step.done ? { done: true, value: undefined } : step
        } catch (error) {
          this.failure = { error }
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
