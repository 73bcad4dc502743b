/**
 * Waiting for what may never come: a source that sleeps, a file server that is gone.
 *
 * An operation of the file system cannot be ended once a thread runs it. So whoever waits gives up, and cleaning up begins when the
 * operation ends after all.
 */
import { StoreError } from '@glance/core'

/** How long a call that failed waits for its own cleaning up, in milliseconds; then that goes on in the background. */
const graceMs = 5_000

/** The longest time a timer takes; a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1

/** Waits for one operation on a file, at most as long as was configured. @throws StoreError TIMEOUT; what the operation throws */
export type Bounded = <T>(operation: Promise<T>) => Promise<T>

/** A limit for operations on files; 0 is without limit. */
export function boundedBy(timeoutMs: number): Bounded {
  return (operation) => inTime(operation, timeoutMs, 'an operation on a file')
}

/** Waits for a promise at most so long; 0 is without limit. @throws StoreError TIMEOUT */
export async function inTime<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  if (timeoutMs === 0) return promise
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new StoreError('TIMEOUT', `${what} took longer than ${timeoutMs / 1000} s`)),
    Math.min(timeoutMs, longestTimer),
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Waits for cleaning up to end in whatever way, but not for ever. */
export async function withinGrace(cleaning: Promise<unknown>): Promise<void> {
  await inTime(cleaning, graceMs, 'cleaning up').catch(() => {})
}
