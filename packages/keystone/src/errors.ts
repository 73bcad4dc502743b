/** What can go wrong with Keystone, by code; the text is the meaning of the code. */
export const keystoneErrorCodes = {
  UNAUTHORIZED: 'Keystone refused the credentials',
  UNAVAILABLE: 'Keystone cannot be reached, or answers that it cannot work',
  TIMEOUT: 'Keystone did not answer in time',
  ABORTED: "the caller's signal fired, or the connections were closed",
  BAD_CONFIGURATION: 'the options cannot work, whatever Keystone does',
  NO_ENDPOINT: 'the catalog has no endpoint that fits',
  UNEXPECTED: 'Keystone answered something that is not its API',
} as const

/** A code of `keystoneErrorCodes`. */
export type KeystoneErrorCode = keyof typeof keystoneErrorCodes

const brand: unique symbol = Symbol.for('@glance/keystone/error') as never

/** A failure with Keystone. Messages hold no password, no secret and no token. Act on `code`. */
export class KeystoneError extends Error {
  override readonly name = 'KeystoneError'
  readonly code: KeystoneErrorCode
  readonly [brand] = true

  constructor(code: KeystoneErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options)
    this.code = code
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return this.code === 'UNAVAILABLE' || this.code === 'TIMEOUT'
  }
}

/** Tells a KeystoneError, also one of another installed copy of this package. */
export function isKeystoneError(error: unknown): error is KeystoneError {
  return typeof error === 'object' && error !== null && brand in error
}

/** What a call ends with whose signal fired: TIMEOUT for one of `AbortSignal.timeout()`, else ABORTED. */
export function abortedError(signal: AbortSignal, what: string): KeystoneError {
  const { reason } = signal
  if (isKeystoneError(reason)) return reason
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError'
  return new KeystoneError(timedOut ? 'TIMEOUT' : 'ABORTED', `${what}: ${timedOut ? 'it took too long' : 'aborted'}`, {
    cause: reason,
  })
}

const timeouts: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])

/**
 * Makes a KeystoneError of whatever a request threw, by its `code` alone.
 *
 * @param what - the request in words, such as `GET /auth/tokens`
 * @param signal - the caller's; an abort of it wins over whatever the abort made fail
 */
export function keystoneErrorFrom(error: unknown, what: string, signal: AbortSignal): KeystoneError {
  if (signal.aborted) return abortedError(signal, what)
  if (isKeystoneError(error)) return error
  // undici's parser hands over the bytes it stopped at, and among them may be a token.
  if (error instanceof Error && error.name === 'HTTPParserError')
    return new KeystoneError('UNAVAILABLE', `${what}: the answer is not proper HTTP`)
  const code = codeOf(error)
  if (timeouts.has(code) || (error instanceof Error && error.name === 'TimeoutError'))
    return new KeystoneError('TIMEOUT', `${what}: Keystone did not answer in time`, { cause: error })
  const tls = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH)/.test(code)
  const words = tls ? 'TLS with Keystone failed' : 'Keystone cannot be reached'
  return new KeystoneError('UNAVAILABLE', `${what}: ${words}${code === '' ? '' : ` (${code})`}`, { cause: error })
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : ''
}
