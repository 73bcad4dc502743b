import { isStoreError, type NetworkFailure, networkFailure, StoreError, type StoreErrorCode } from '@glance/core'
import { credentialsFileError } from './credentials.ts'

/** What a call was doing when the service refused; the same answer means different things to a reader and to a writer. */
export type Doing = 'read' | 'write' | 'delete'

type Meaning = StoreErrorCode | Readonly<Record<Doing, StoreErrorCode>>

const refused: Meaning = { read: 'FORBIDDEN', write: 'WRITE_DENIED', delete: 'FORBIDDEN' }
const taken: Meaning = { read: 'NOT_FOUND', write: 'ALREADY_EXISTS', delete: 'NOT_FOUND' }
/** Bytes that changed on the way; a second try may bring them whole. */
const damaged: Meaning = 'UNAVAILABLE'

/** What each error code of S3 means. A bucket that is away must never look like an image that is gone. */
const codes: Readonly<Record<string, Meaning>> = {
  NoSuchKey: 'NOT_FOUND',
  NotFound: 'NOT_FOUND',
  NoSuchBucket: 'UNAVAILABLE',
  NoSuchUpload: 'UNAVAILABLE',
  AccessDenied: refused,
  AccountProblem: refused,
  AllAccessDisabled: refused,
  ExpiredToken: refused,
  InvalidAccessKeyId: refused,
  InvalidToken: refused,
  RequestTimeTooSkewed: refused,
  SignatureDoesNotMatch: refused,
  InvalidObjectState: 'FORBIDDEN',
  PreconditionFailed: taken,
  ConditionalRequestConflict: taken,
  EntityTooLarge: 'TOO_LARGE',
  QuotaExceeded: 'STORE_FULL',
  ServiceQuotaExceededException: 'STORE_FULL',
  InsufficientCapacity: 'STORE_FULL',
  XMinioStorageFull: 'STORE_FULL',
  BadDigest: damaged,
  InvalidDigest: damaged,
  XAmzContentSHA256Mismatch: damaged,
  XAmzContentChecksumMismatch: damaged,
  IncompleteBody: damaged,
  InvalidPart: damaged,
  RequestTimeout: 'UNAVAILABLE',
  SlowDown: 'UNAVAILABLE',
  OperationAborted: 'UNAVAILABLE',
  PermanentRedirect: 'BAD_CONFIGURATION',
  TemporaryRedirect: 'UNAVAILABLE',
  AuthorizationHeaderMalformed: 'BAD_CONFIGURATION',
  InvalidLocationConstraint: 'BAD_CONFIGURATION',
  IllegalLocationConstraintException: 'BAD_CONFIGURATION',
  InvalidBucketName: 'BAD_CONFIGURATION',
  BucketAlreadyExists: 'BAD_CONFIGURATION',
  CredentialsProviderError: refused,
  [credentialsFileError]: 'BAD_CONFIGURATION',
  TimeoutError: 'TIMEOUT',
}

/** Statuses, for answers without a body that names a code: those to HEAD, and those of proxies. */
const statuses: Readonly<Record<number, Meaning>> = {
  301: 'BAD_CONFIGURATION',
  307: 'UNAVAILABLE',
  401: refused,
  403: refused,
  404: 'NOT_FOUND',
  408: 'UNAVAILABLE',
  412: taken,
  413: 'TOO_LARGE',
  429: 'UNAVAILABLE',
  507: 'STORE_FULL',
}

/** What errors of SDK and Node have that matters here. */
interface Native {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string; readonly attempts?: number }
}

/** The code that the service gave, or the name of the failure; null when there is none. */
export function nameOf(error: unknown): string | null {
  const { name, code } = (error ?? {}) as Native
  if (typeof code === 'string') return code
  return typeof name === 'string' && name !== 'Error' && name !== 'Unknown' ? name : null
}

/** What `nameOf` gives for the native error that a StoreError was made of; null for any other error. */
export function nativeNameOf(error: unknown): string | null {
  return isStoreError(error) && error.cause !== undefined ? nameOf(error.cause) : null
}

/** The HTTP status of an answer, null when none came. */
export function statusOf(error: unknown): number | null {
  return ((error ?? {}) as Native).$metadata?.httpStatusCode ?? null
}

/** The code for what was thrown by SDK or Node. */
export function codeOf(error: unknown, doing: Doing): StoreErrorCode {
  const status = statusOf(error)
  const { name, code } = error as Native
  const broken = connectionFailureOf(error)
  if (broken !== null) return broken.code
  const meaning =
    [code, name].flatMap((key) => (typeof key === 'string' && Object.hasOwn(codes, key) ? codes[key] : []))[0] ??
    (status === null ? undefined : statuses[status])
  if (meaning !== undefined) return typeof meaning === 'string' ? meaning : meaning[doing]
  return status !== null && status >= 500 && status !== 501 ? 'UNAVAILABLE' : 'UNKNOWN'
}

/** What became of the connection, when an error is about that: it has a code of Node's. The SDK calls some of them a TimeoutError whose code says otherwise. */
function connectionFailureOf(error: unknown): NetworkFailure | null {
  const { code } = (error ?? {}) as Native
  if (statusOf(error) !== null || typeof code !== 'string' || !/^[A-Z][A-Z0-9_]+$/.test(code)) return null
  const known = networkFailure({ code }, 'the service')
  return known.code === 'UNKNOWN' ? { code: 'UNAVAILABLE', words: code } : known
}

/** A StoreError of whatever was thrown. `what` is the subject, e.g. `the image`; the message holds nothing of the location. */
export function storeErrorOf(thrown: unknown, doing: Doing, what: string): StoreError {
  if (isStoreError(thrown)) return thrown
  const why = connectionFailureOf(thrown)?.words ?? nameOf(thrown) ?? statusOf(thrown)
  const message = `cannot ${doing} ${what}${why === null ? '' : ` (${why})`}`
  return new StoreError(codeOf(thrown, doing), message, { cause: withoutRequest(thrown) })
}

/**
 * An error of the SDK without the request and the answer that hang on it: the signed headers hold the access key, and errors of wrong keys name them
 * (LP 2047688).
 */
export function withoutRequest(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown
  const { $metadata } = thrown as Native
  const status = $metadata?.httpStatusCode
  const kept = new Error(status === undefined ? thrown.message : `${thrown.message} (status ${status})`)
  kept.name = thrown.name
  if (thrown.stack !== undefined) kept.stack = thrown.stack
  const facts = { code: nameOf(thrown), requestId: $metadata?.requestId, attempts: $metadata?.attempts }
  return Object.assign(kept, Object.fromEntries(Object.entries(facts).filter(([, value]) => value != null)))
}
