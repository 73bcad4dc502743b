/**
 * Reads the first piece of a body, so that a failure shows before anything depends on the rest.
 *
 * The result gives that piece first and then the rest, and passes `return()` on also when it was never read. It is no generator, since leaving a generator that was never
 * started runs nothing of it and would leave the body open.
 *
 * @throws what the body throws before its first piece
 */
export async function startReading(body: AsyncIterable<Uint8Array>): Promise<AsyncIterableIterator<Uint8Array>> {
  const rest = body[Symbol.asyncIterator]()
  let first: IteratorResult<Uint8Array> | null = await rest.next()
  const started: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => started,
    next() {
      if (!first) return rest.next()
      const step = first
      first = null
      return Promise.resolve(step)
    },
    async return() {
      first = null
      await rest.return?.()
      return { done: true, value: undefined }
    },
  }
  return started
}
