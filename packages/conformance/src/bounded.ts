import { setTimeout as delay } from 'node:timers/promises'
import { Finding } from './finding.ts'

/** Waits for a promise, but not for ever. @throws Finding when it does not settle in time */
export async function within<T>(patienceMs: number, what: string, promise: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const limit = delay(patienceMs, null, { signal: stop.signal }).then(() => {
    throw new Finding(`${what} did not settle within ${patienceMs} ms`)
  })
  limit.catch(() => {})
  promise.catch(() => {})
  try {
    return await Promise.race([promise, limit])
  } finally {
    stop.abort()
  }
}

/** The end of a promise as a value, so that several can be looked at together. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly error?: never }
  | { readonly ok: false; readonly error: unknown; readonly value?: never }

/** Turns either end of a promise into a value; never rejects. */
export function outcomeOf<T>(promise: Promise<T>): Promise<Outcome<T>> {
  return promise.then(
    (value) => ({ ok: true, value }) as const,
    (error: unknown) => ({ ok: false, error }) as const,
  )
}
