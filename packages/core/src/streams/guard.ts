import { abortError, StoreError } from '../errors.ts'
import { begun, nothing } from './begun.ts'
import { bounded } from './bounded.ts'

/** What a guarded body must keep to. */
export interface GuardRules {
  /** Bytes the body must give; null when unknown. */
  readonly size: number | null
  readonly signal: AbortSignal
  /** Longest wait for one chunk in milliseconds; 0 for no limit. */
  readonly idleMs: number
}

/**
 * Passes a driver's body on and makes sure that it ends whole or fails loudly.
 *
 * A body that is shorter or longer than its size fails with UNAVAILABLE, a chunk that does not come in time with TIMEOUT, an abort with ABORTED at once, also when
 * the driver is stuck. The driver's `return()` is always called, also when nothing was read; it is not waited for when the driver did not answer.
 */
export function guard(body: AsyncIterable<Uint8Array>, rules: GuardRules): AsyncGenerator<Uint8Array, void, void> {
  return begun(run(body[Symbol.asyncIterator](), rules))
}

async function* run(
  source: AsyncIterator<Uint8Array>,
  { size, signal, idleMs }: GuardRules,
): AsyncGenerator<Uint8Array, void, void> {
  const bounds = { signal, idleMs, what: 'reading' }
  let total = 0
  // The driver owes no answer; one that is stuck in next() answers return() only after it.
  let answered = true
  let ended = false
  try {
    yield nothing
    for (;;) {
      if (signal.aborted) throw abortError(signal, 'reading')
      answered = false
      const step = await bounded(source.next(), bounds)
      answered = true
      if (step.done) break
      total += step.value.byteLength
      if (size !== null && total > size)
        throw new StoreError('UNAVAILABLE', `the backend gave more than the ${size} bytes it announced`)
      yield step.value
    }
    ended = true
    if (size !== null && total < size)
      throw new StoreError('UNAVAILABLE', `the backend gave ${total} of the ${size} bytes it announced`)
  } finally {
    if (!ended) {
      const left = leave(source)
      if (answered) await bounded(left, bounds).catch(() => {})
    }
  }
}

/** Tells a driver that nobody reads on. What goes wrong there concerns nobody any more. */
async function leave(source: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    await source.return?.()
  } catch {}
}
