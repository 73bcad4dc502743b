import { type NetworkFailure, networkError, networkFailure, type StoreError } from '@glance/core'

/** A kind of failure: its code, and the words that follow the name of what was tried. */
export type Failure = NetworkFailure

const byStatus: ReadonlyMap<number, Failure> = new Map([
  [401, { code: 'FORBIDDEN', words: 'the origin wants other credentials' }],
  [403, { code: 'FORBIDDEN', words: 'the origin forbids it' }],
  [404, { code: 'NOT_FOUND', words: 'the origin has no such data' }],
  [407, { code: 'UNAVAILABLE', words: 'the proxy wants credentials' }],
  [408, { code: 'TIMEOUT', words: 'the origin gave up waiting' }],
  [410, { code: 'NOT_FOUND', words: 'the origin no longer has the data' }],
  [429, { code: 'UNAVAILABLE', words: 'the origin has too many requests' }],
])

/** What a status outside of 2xx means for a location. 3xx that are no redirects, and the other 4xx, are faults of the location. */
export function failureOfStatus(status: number): Failure {
  if (status >= 500) return { code: 'UNAVAILABLE', words: `the origin answered ${status}` }
  return byStatus.get(status) ?? { code: 'INVALID_LOCATION', words: `the origin answered ${status}` }
}

/** What an error of the connection or of its parser means. */
export function failureOfTrouble(error: unknown): Failure {
  return networkFailure(error, 'the origin')
}

/**
 * Makes a StoreError of whatever a call threw.
 *
 * @param what - the operation and the redacted location, e.g. `get of https://host/…/disk.img`
 * @param signal - an abort of it wins over whatever the abort made fail
 */
export function storeErrorFrom(error: unknown, what: string, signal: AbortSignal): StoreError {
  return networkError(error, what, 'the origin', signal)
}
