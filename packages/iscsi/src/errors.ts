/** What can go wrong, by code. `retryable`: the same call may succeed later without anybody changing anything. */
export const iscsiErrorCodes = {
  BAD_OPTIONS: { retryable: false, meaning: 'the options cannot work, whatever the target does' },
  AUTHENTICATION: { retryable: false, meaning: 'one side could not prove who it is (CHAP)' },
  FORBIDDEN: { retryable: false, meaning: 'the target does not let this initiator in' },
  NOT_FOUND: { retryable: false, meaning: 'no such target; many targets say so to initiators they do not let in, too' },
  LUN_NOT_FOUND: { retryable: false, meaning: 'the target has no such logical unit, or no disk at all' },
  REFUSED: { retryable: false, meaning: 'the target refuses the login, its terms or a redirection for another reason' },
  UNAVAILABLE: { retryable: true, meaning: 'the portal cannot be reached, or the target cannot serve now' },
  TIMEOUT: { retryable: true, meaning: 'no answer in time' },
  CONNECTION_LOST: { retryable: true, meaning: 'the connection broke and could not be had again in time' },
  PROTOCOL: { retryable: true, meaning: 'the target broke the rules of iSCSI, again and again' },
  DEVICE_CHANGED: { retryable: false, meaning: 'after a reconnect another device stands behind the logical unit' },
  BUSY: { retryable: true, meaning: 'the logical unit stayed busy or not ready' },
  RESERVED: { retryable: false, meaning: 'another initiator has reserved the logical unit' },
  NO_SPACE: { retryable: false, meaning: 'the space behind a thin logical unit is used up' },
  WRITE_PROTECTED: { retryable: false, meaning: 'the logical unit takes no writes' },
  OUT_OF_RANGE: { retryable: false, meaning: 'beyond the end of the logical unit' },
  UNSUPPORTED: { retryable: false, meaning: 'the logical unit does not know the command' },
  MEDIUM_ERROR: { retryable: false, meaning: 'the device could not read or write its medium, or is broken' },
  CHECK_CONDITION: { retryable: false, meaning: 'the command failed for another reason; see `sense`' },
  ABORTED: { retryable: false, meaning: "the caller's signal fired, or the session was closed" },
} as const

/** A code of `iscsiErrorCodes`. */
export type IscsiErrorCode = keyof typeof iscsiErrorCodes

/** Sense data of a command, decoded: why it failed (SPC-4, 4.5). */
export interface Sense {
  /** Sense key, 0 to 15. */
  readonly key: number
  /** Additional sense code, and its qualifier. */
  readonly asc: number
  readonly ascq: number
}

const brand: unique symbol = Symbol.for('@glance/iscsi/error') as never

/** A failure. Act on `code`. Messages hold no secret. `cause` keeps the error of the system, when there is one. */
export class IscsiError extends Error {
  override readonly name = 'IscsiError'
  readonly code: IscsiErrorCode
  /** Of a command that ended with CHECK CONDITION; else null. */
  readonly sense: Sense | null
  readonly [brand] = true

  constructor(
    code: IscsiErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly sense?: Sense | null } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.sense = options.sense ?? null
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return iscsiErrorCodes[this.code].retryable
  }
}

/** Tells an IscsiError, also one of another installed copy of this package. */
export function isIscsiError(error: unknown): error is IscsiError {
  return typeof error === 'object' && error !== null && brand in error
}

/** What a call ends with whose signal fired: TIMEOUT for one of `AbortSignal.timeout()`, else ABORTED. */
export function abortedError(signal: AbortSignal, what: string): IscsiError {
  const { reason } = signal
  if (isIscsiError(reason)) return reason
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError'
  return new IscsiError(timedOut ? 'TIMEOUT' : 'ABORTED', `${what}: ${timedOut ? 'it took too long' : 'aborted'}`, {
    cause: reason,
  })
}
