/**
 * Every way in which a store can fail, by code.
 *
 * A program acts on the code; people read `summary` and the message. `retryable` says whether the same call may succeed later without
 * anybody changing anything. The names of glance_store are kept so that an operator can look up old log lines. Adding a code is a minor
 * release of this package; HTTP statuses live in the server alone.
 */
export const storeErrorCodes = {
  NOT_FOUND: { retryable: false, glanceStore: 'NotFound', summary: 'no data at this location' },
  ALREADY_EXISTS: { retryable: false, glanceStore: 'Duplicate', summary: 'image id is taken in this store' },
  INVALID_LOCATION: {
    retryable: false,
    glanceStore: 'BadStoreUri',
    summary: 'malformed, foreign scheme, or outside the store',
  },
  SIZE_MISMATCH: { retryable: false, glanceStore: 'Invalid', summary: 'fewer or more bytes than announced' },
  TOO_LARGE: { retryable: false, glanceStore: 'ImageSizeLimitExceeded', summary: 'over a configured limit' },
  STORE_FULL: { retryable: false, glanceStore: 'StorageFull', summary: 'no space or quota left in the backend' },
  WRITE_DENIED: { retryable: false, glanceStore: 'StorageWriteDenied', summary: 'the backend refuses writes' },
  FORBIDDEN: { retryable: false, glanceStore: 'Forbidden', summary: 'the credentials lack the right' },
  READ_ONLY: { retryable: false, glanceStore: 'StoreAddDisabled', summary: 'the store does not take new image data' },
  UNSUPPORTED: {
    retryable: false,
    glanceStore: 'StoreGetNotSupported',
    summary: 'an ability this store does not have',
  },
  IN_USE: {
    retryable: false,
    glanceStore: 'InUseByStore',
    summary: 'snapshots, clones or attachments depend on the data',
  },
  UNAVAILABLE: {
    retryable: true,
    glanceStore: 'RemoteServiceUnavailable',
    summary: 'the backend is unreachable or answers 5xx',
  },
  TIMEOUT: { retryable: true, glanceStore: 'TimeoutError', summary: 'a time limit passed' },
  ABORTED: { retryable: false, glanceStore: null, summary: "the caller's signal fired, or the store was closed" },
  BAD_CONFIGURATION: { retryable: false, glanceStore: 'BadStoreConfiguration', summary: 'the options cannot work' },
  UNKNOWN: { retryable: false, glanceStore: 'GlanceStoreException', summary: 'not classified; the cause is kept' },
} as const

/** A code of `storeErrorCodes`. */
export type StoreErrorCode = keyof typeof storeErrorCodes

/** The table as one that may be asked for a code it lacks: a newer copy of this package may have thrown it. */
const facts: Readonly<Record<string, { retryable: boolean; glanceStore: string | null; summary: string }>> =
  storeErrorCodes

/** Shared by every installed copy of this package, so that two copies still recognise each other's errors. */
const brand: unique symbol = Symbol.for('@glance/core/StoreError') as never

/** Where an error happened; `Store` fills it in on the way up. */
export interface StoreErrorContext {
  readonly store?: string
  readonly operation?: string
  readonly imageId?: string
}

/**
 * A failure of a store, told by its code.
 *
 * Messages are lower case, say what was tried and on what, and contain no secret and no full location (`redactLocation`). The native
 * error is kept as `cause` for the log; it never reaches an API answer.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** Store id, operation and image id, as far as known. */
  readonly context: StoreErrorContext

  constructor(code: StoreErrorCode, message: string, options: { cause?: unknown; context?: StoreErrorContext } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.context = options.context ?? {}
    Object.defineProperty(this, brand, { value: true })
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return facts[this.code]?.retryable ?? false
  }
}

/** Whether a value is a `StoreError`, of this or of another installed copy of the package. */
export function isStoreError(value: unknown): value is StoreError {
  return typeof value === 'object' && value !== null && brand in value
}

/**
 * The error that an abort ends in.
 *
 * A signal fired by a time-out (`AbortSignal.timeout`) becomes TIMEOUT, everything else ABORTED; `cause` is the signal's reason. A reason
 * that already is a StoreError (a limit that fired the signal itself) is returned as it is.
 */
export function abortError(signal: AbortSignal, what: string): StoreError {
  const reason: unknown = signal.reason
  if (isStoreError(reason)) return reason
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError'
  return new StoreError(timedOut ? 'TIMEOUT' : 'ABORTED', `${what} ${timedOut ? 'took too long' : 'was aborted'}`, {
    cause: reason,
  })
}

/**
 * Makes a StoreError of anything thrown, and adds context to it.
 *
 * A StoreError keeps its code and message and gains the context members it lacks. Of everything else an abort of `signal` is taken to be
 * the reason, and without one it becomes UNKNOWN with the thrown value as its cause.
 */
export function wrapError(thrown: unknown, context: StoreErrorContext, signal?: AbortSignal): StoreError {
  if (isStoreError(thrown)) {
    const members = ['store', 'operation', 'imageId'] as const
    if (members.every((name) => context[name] === undefined || thrown.context[name] !== undefined)) return thrown
    return new StoreError(thrown.code, thrown.message, {
      cause: thrown.cause ?? thrown,
      context: { ...context, ...thrown.context },
    })
  }
  if (signal?.aborted) {
    const aborted = abortError(signal, context.operation ?? 'the call')
    return new StoreError(aborted.code, aborted.message, { cause: aborted.cause, context })
  }
  return new StoreError('UNKNOWN', `${context.operation ?? 'the call'} failed in the backend`, {
    cause: thrown,
    context,
  })
}
