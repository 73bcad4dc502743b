import { isStoreError, type NetworkFailure, networkError, StoreError } from '@glance/core'
import { isKeystoneError, type KeystoneErrorCode } from '@glance/keystone'

/** A kind of failure: its code, and the words that follow the name of what was tried. */
export type Failure = NetworkFailure

const byStatus: ReadonlyMap<number, Failure> = new Map([
  [401, { code: 'FORBIDDEN', words: 'Swift refuses the credentials' }],
  [403, { code: 'FORBIDDEN', words: 'Swift forbids it' }],
  [404, { code: 'NOT_FOUND', words: 'Swift has no such object' }],
  [408, { code: 'TIMEOUT', words: 'Swift gave up waiting' }],
  [409, { code: 'UNAVAILABLE', words: 'Swift sees a conflict' }],
  [412, { code: 'ALREADY_EXISTS', words: 'the object is there already' }],
  // A quota of the account or the container, or an object that is larger than the cluster takes (Swift, "Account Quotas").
  [413, { code: 'STORE_FULL', words: 'Swift has no room for it, by a quota or by its limit for one object' }],
  [422, { code: 'UNAVAILABLE', words: 'the bytes arrived damaged' }],
  [429, { code: 'UNAVAILABLE', words: 'Swift has too many requests' }],
  // What Swift's rate limiting answers.
  [498, { code: 'UNAVAILABLE', words: 'Swift has too many requests' }],
  [507, { code: 'STORE_FULL', words: 'the disks of Swift are full' }],
])

/** What a status outside of 2xx means. */
export function failureOfStatus(status: number): Failure {
  const known = byStatus.get(status)
  if (known) return known
  return { code: status >= 500 ? 'UNAVAILABLE' : 'UNKNOWN', words: `Swift answered ${status}` }
}

/** The error of a status outside of 2xx. @param what - what was tried, without secrets */
export function statusError(status: number, what: string): StoreError {
  const { code, words } = failureOfStatus(status)
  return new StoreError(code, `${what}: ${words}`)
}

/** Statuses after which the same request may go well a moment later. */
export function passes(status: number): boolean {
  return [408, 422, 429, 498].includes(status) || (status >= 500 && status !== 501 && status !== 507)
}

const byKeystone: Readonly<Record<KeystoneErrorCode, StoreError['code']>> = {
  UNAUTHORIZED: 'FORBIDDEN',
  UNAVAILABLE: 'UNAVAILABLE',
  TIMEOUT: 'TIMEOUT',
  ABORTED: 'ABORTED',
  BAD_CONFIGURATION: 'BAD_CONFIGURATION',
  NO_ENDPOINT: 'BAD_CONFIGURATION',
  UNEXPECTED: 'UNAVAILABLE',
}

/**
 * Makes a StoreError of whatever a call threw.
 *
 * @param what - what was tried and on what, without secrets
 * @param signal - an abort of it wins over whatever the abort made fail
 */
export function storeErrorFrom(error: unknown, what: string, signal: AbortSignal): StoreError {
  if (signal.aborted || isStoreError(error) || !isKeystoneError(error))
    return networkError(error, what, 'Swift', signal)
  return new StoreError(byKeystone[error.code], `${what}: ${error.message}`, { cause: error })
}
