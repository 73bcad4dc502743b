/** What a generator of bytes yields first, to nobody: see `begun`. */
export const nothing: Uint8Array = new Uint8Array(0)

/**
 * Starts a generator that first yields `nothing` inside its `try`, and takes that.
 *
 * A generator nobody has read from ends without running its `finally` when it is left; a begun one runs it. So a reader may leave before the
 * first chunk (a client that goes away between the head and the body of an answer) and what is behind the generator is freed.
 */
export function begun(generator: AsyncGenerator<Uint8Array, void, void>): AsyncGenerator<Uint8Array, void, void> {
  generator.next().catch(() => {})
  return generator
}
