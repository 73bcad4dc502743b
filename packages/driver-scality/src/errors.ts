import { type NetworkFailure, networkError, StoreError } from '@glance/core'

/** What was being done when a connector answered; the same status means different things. */
export type Doing = 'add' | 'get' | 'getSize' | 'delete' | 'check'

const always: ReadonlyMap<number, NetworkFailure> = new Map([
  [404, { code: 'NOT_FOUND', words: 'the ring has no such object' }],
  [408, { code: 'TIMEOUT', words: 'the connector gave up waiting' }],
  [423, { code: 'IN_USE', words: 'the object is locked in the ring' }],
  [429, { code: 'UNAVAILABLE', words: 'the connector has too many requests' }],
  [507, { code: 'STORE_FULL', words: 'the ring is full' }],
])

const ofAdd: ReadonlyMap<number, NetworkFailure> = new Map([
  [401, { code: 'WRITE_DENIED', words: 'the connector wants other credentials' }],
  [403, { code: 'WRITE_DENIED', words: 'the connector forbids it' }],
  [404, { code: 'UNAVAILABLE', words: 'the connector does not know the path' }],
  [409, { code: 'ALREADY_EXISTS', words: 'the image id is taken' }],
  [412, { code: 'ALREADY_EXISTS', words: 'the image id is taken' }],
  [413, { code: 'STORE_FULL', words: 'the connector takes no object of this size' }],
  [422, { code: 'UNAVAILABLE', words: 'the ring could not write' }],
  [423, { code: 'UNAVAILABLE', words: 'the object is locked in the ring' }],
])

const ofOthers: ReadonlyMap<number, NetworkFailure> = new Map([
  [401, { code: 'FORBIDDEN', words: 'the connector wants other credentials' }],
  [403, { code: 'FORBIDDEN', words: 'the connector forbids it' }],
])

/** What a status that is no success means. */
export function failureOfStatus(status: number, doing: Doing): NetworkFailure {
  const found = (doing === 'add' ? ofAdd : ofOthers).get(status) ?? always.get(status)
  if (found) return found
  return status >= 500
    ? { code: 'UNAVAILABLE', words: `the connector answered ${status}` }
    : { code: 'UNKNOWN', words: `the connector answered ${status}` }
}

/** The error of an answer that is no success. The ring's own words go to the cause, so to the log and to nobody else. */
export function statusError(status: number, doing: Doing, what: string, ringStatus: string | null): StoreError {
  const { code, words } = failureOfStatus(status, doing)
  const cause = new Error(`status ${status}${ringStatus === null ? '' : `, ring status ${ringStatus}`}`)
  return new StoreError(code, `${what}: ${words}`, { cause })
}

/** The error of whatever a call threw; an abort of `signal` wins over what it made fail. */
export function storeErrorOf(error: unknown, what: string, signal: AbortSignal): StoreError {
  return networkError(error, what, 'the connector', signal)
}

/** Whether another connector may do better: this one is away, too slow, or in trouble with its ring. */
export function isConnectorsFault(error: StoreError): boolean {
  return error.code === 'UNAVAILABLE' || error.code === 'TIMEOUT'
}
