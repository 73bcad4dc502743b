import { abortError, StoreError } from '../errors.ts'

/** How long a wait may last. */
export interface Bounds {
  readonly signal: AbortSignal
  /** Longest wait in milliseconds; 0 for no limit. */
  readonly idleMs: number
  /** What is waited for, as the beginning of the message of an abort. */
  readonly what: string
}

/** The longest time a timer takes (24.8 days); a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1

/**
 * Waits for a promise, an abort or a time-out, whichever is first. A promise that is no longer waited for may reject later without harm.
 *
 * @throws what the promise rejects with; StoreError ABORTED | TIMEOUT
 */
export async function bounded<T>(promise: Promise<T>, { signal, idleMs, what }: Bounds): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(abortError(signal, what))
  const late = (): void => reject(new StoreError('TIMEOUT', `the backend gave nothing for ${idleMs / 1000} s`))
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  const timer = idleMs > 0 ? setTimeout(late, Math.min(idleMs, longestTimer)) : null
  try {
    return await Promise.race([interrupted, promise])
  } finally {
    signal.removeEventListener('abort', stop)
    if (timer) clearTimeout(timer)
  }
}
