import {
  abortError,
  type NetworkFailure,
  networkError,
  networkFailure,
  StoreError,
  type StoreErrorCode,
} from '@glance/core'
import { type IscsiErrorCode, isIscsiError } from '@glance/iscsi'

/** An answer of the management API that is no success. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** Datera's name of the fault, e.g. `ConflictError`; empty when the answer has none. */
  readonly fault: string

  constructor(status: number, fault: string, message: string) {
    super(message)
    this.status = status
    this.fault = fault
  }

  /** Whether the same request may succeed in a moment. */
  get passing(): boolean {
    return this.status === 503 || (this.status === 500 && /still initializing/i.test(this.message))
  }

  /** Whether the session key was not taken. */
  get expired(): boolean {
    return this.status === 401
  }
}

/** No public list of its errors exists; this is what its clients look for. */
const outOfSpace = /capacity|not enough|insufficient|no space|out of (?:disk )?space|exceeds/i

/** What an answer of the management API means. */
export function failureOfApi({ status, message }: ApiError): NetworkFailure {
  if ((status === 422 || status === 500) && outOfSpace.test(message))
    return { code: 'STORE_FULL', words: 'the system has no room for it' }
  if (status === 401) return { code: 'FORBIDDEN', words: 'the system refuses the user or the password' }
  if (status === 403 || status === 405) return { code: 'FORBIDDEN', words: 'the user may not do that' }
  if (status === 404) return { code: 'NOT_FOUND', words: 'the system has no such image' }
  if (status === 409) return { code: 'ALREADY_EXISTS', words: 'the image id is taken' }
  if (status >= 500) return { code: 'UNAVAILABLE', words: `the management API answered ${status}` }
  return { code: 'UNKNOWN', words: `the management API answered ${status}` }
}

const iscsiCodes: Readonly<Record<IscsiErrorCode, readonly [StoreErrorCode, string]>> = {
  BAD_OPTIONS: ['BAD_CONFIGURATION', 'the options of the initiator do not work'],
  AUTHENTICATION: ['FORBIDDEN', 'CHAP with the volume failed'],
  FORBIDDEN: ['FORBIDDEN', 'the volume does not let this initiator in'],
  NOT_FOUND: ['UNAVAILABLE', 'the volume is not offered'],
  LUN_NOT_FOUND: ['UNAVAILABLE', 'the target offers no disk'],
  REFUSED: ['UNAVAILABLE', 'the target refuses the login'],
  UNAVAILABLE: ['UNAVAILABLE', 'the volume cannot be reached'],
  TIMEOUT: ['TIMEOUT', 'the volume did not answer in time'],
  CONNECTION_LOST: ['UNAVAILABLE', 'the connection to the volume was lost'],
  PROTOCOL: ['UNAVAILABLE', 'the target broke the rules of iSCSI'],
  DEVICE_CHANGED: ['UNAVAILABLE', 'another disk stands in the place of the volume'],
  BUSY: ['UNAVAILABLE', 'the volume stays busy'],
  RESERVED: ['IN_USE', 'another initiator has reserved the volume'],
  NO_SPACE: ['STORE_FULL', 'the system has no room left'],
  WRITE_PROTECTED: ['WRITE_DENIED', 'the volume takes no writes'],
  OUT_OF_RANGE: ['UNKNOWN', 'the volume is shorter than it was said to be'],
  UNSUPPORTED: ['UNKNOWN', 'the volume does not know a command'],
  MEDIUM_ERROR: ['UNAVAILABLE', 'the volume cannot read or write its medium'],
  CHECK_CONDITION: ['UNKNOWN', 'the volume refused a command'],
  ABORTED: ['ABORTED', 'the session with the volume was closed'],
}

/** The failure behind whatever the API, the initiator or a connection threw. */
export function failureOf(error: unknown): NetworkFailure {
  if (error instanceof ApiError) return failureOfApi(error)
  if (isIscsiError(error)) {
    const [code, words] = iscsiCodes[error.code] ?? (['UNKNOWN', 'the initiator failed'] as const)
    return { code, words }
  }
  return networkFailure(error, 'the Datera system')
}

/**
 * The error of whatever a call threw; an abort of `signal` wins over what it made fail.
 *
 * @param doing - an add that is not allowed is WRITE_DENIED, everything else FORBIDDEN
 */
export function storeErrorOf(
  error: unknown,
  what: string,
  signal: AbortSignal,
  doing: 'add' | 'other' = 'other',
): StoreError {
  if (signal.aborted) return abortError(signal, what)
  if (!(error instanceof ApiError) && !isIscsiError(error))
    return networkError(error, what, 'the Datera system', signal)
  const { code, words } = failureOf(error)
  const meant =
    doing === 'add' && code === 'FORBIDDEN'
      ? 'WRITE_DENIED'
      : doing === 'add' && code === 'NOT_FOUND'
        ? 'UNAVAILABLE'
        : code
  return new StoreError(meant, `${what}: ${words}`, { cause: error })
}
