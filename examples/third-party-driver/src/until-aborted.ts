import { abortError } from '@glance/core'

/**
 * Passes chunks on until a signal fires, also while the source gives nothing.
 *
 * The source hears `return()` when the stream is left before its end; nobody waits for its answer, because a source that is stuck may
 * never give one.
 *
 * @throws what the source throws; StoreError ABORTED or TIMEOUT when the signal fires
 */
export async function* untilAborted(
  data: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  what: string,
): AsyncGenerator<Uint8Array, void, void> {
  const source = data[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const step = await nextOf(source, signal, what)
      ended = step.done ?? false
      if (step.done) return
      yield step.value
    }
  } finally {
    if (!ended) Promise.resolve(source.return?.()).catch(() => {})
  }
}

/** One chunk or the abort, whichever is first. A listener for each chunk, since a race with one long promise would grow with every chunk. */
function nextOf(
  source: AsyncIterator<Uint8Array>,
  signal: AbortSignal,
  what: string,
): Promise<IteratorResult<Uint8Array>> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(abortError(signal, what))
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    source
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
}
