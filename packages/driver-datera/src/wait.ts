import { setTimeout as timer } from 'node:timers/promises'
import { abortError, StoreError } from '@glance/core'

/** Waits. @throws StoreError ABORTED | TIMEOUT when the signal fires */
export async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await timer(ms, undefined, { signal }).catch(() => {
    throw abortError(signal, 'waiting')
  })
}

/** How often something is looked at, and when. */
export interface Polling {
  readonly attempts: number
  /** Longest pause between two looks, in milliseconds; the first pauses are shorter. */
  readonly intervalMs: number
  readonly signal: AbortSignal
}

/** Looks until there is something. @throws StoreError UNAVAILABLE after the last look; what `look` throws */
export async function poll<T>(
  what: string,
  { attempts, intervalMs, signal }: Polling,
  look: () => Promise<T | null>,
): Promise<T> {
  let pauseMs = Math.min(intervalMs, 50)
  for (let left = attempts; ; left -= 1) {
    const found = await look()
    if (found !== null) return found
    if (left <= 1) throw new StoreError('UNAVAILABLE', `${what} is not ready after ${attempts} looks`)
    await waitFor(pauseMs, signal)
    pauseMs = Math.min(pauseMs * 2, intervalMs)
  }
}
