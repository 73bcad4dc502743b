import { ImageConnectionError, ImageServiceError, systemCode } from './errors.ts'

/** How often and how patiently calls that only read are tried again. */
export interface RetryPolicy {
  /** Tries in all, at least 1. */
  readonly attempts: number
  /** Milliseconds to wait after failed try number `attempt`, which counts from 1. */
  readonly delayMs: (attempt: number) => number
  /** Waits; rejects with the signal's reason when it fires. A test passes a clock of its own. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
}

/** Three tries with 200 and 400 milliseconds between them. */
export const defaultRetry: RetryPolicy = { attempts: 3, delayMs: (attempt) => 100 * 2 ** attempt }

/** One try. */
export const noRetry: RetryPolicy = { attempts: 1, delayMs: () => 0 }

// Resets are here because a kept-alive connection may be closed by the peer just as it is used again.
const PASSING = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

/** Runs `call` until it succeeds, fails for good, or the policy's tries are used up; then its last error is thrown. */
export async function withRetry<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  call: () => Promise<T>,
): Promise<T> {
  const wait = policy.sleep ?? sleep
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (attempt >= policy.attempts || !isPassing(error)) throw error
      await wait(policy.delayMs(attempt), signal)
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof ImageServiceError) return error.status === 503
  return (
    error instanceof ImageConnectionError && error.code === 'UNREACHABLE' && PASSING.has(systemCode(error.cause) ?? '')
  )
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
