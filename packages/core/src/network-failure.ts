/**
 * What goes wrong between a driver and a backend that it reaches over a network, told by the codes that Node and undici give their errors.
 *
 * Messages of those errors differ between versions and hold addresses, so nothing but the code is looked at.
 */
import { abortError, isStoreError, StoreError, type StoreErrorCode } from './errors.ts'

/** A kind of failure: its code, and the words that follow the name of what was tried. */
export interface NetworkFailure {
  readonly code: StoreErrorCode
  readonly words: string
}

type Words = (peer: string) => string

const byCode: ReadonlyMap<string, readonly [StoreErrorCode, Words]> = new Map([
  ...rows('TIMEOUT', (peer) => `${peer} did not take the connection in time`, ['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']),
  ...rows('TIMEOUT', (peer) => `${peer} did not answer in time`, ['UND_ERR_HEADERS_TIMEOUT']),
  ...rows('TIMEOUT', (peer) => `${peer} stopped sending`, ['UND_ERR_BODY_TIMEOUT']),
  ...rows('UNAVAILABLE', (peer) => `the name of ${peer} was not found`, [
    'ENOTFOUND',
    'EAI_AGAIN',
    'EAI_FAIL',
    'EAI_NODATA',
    'EAI_NONAME',
  ]),
  ...rows('UNAVAILABLE', (peer) => `${peer} is unreachable`, [
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'EHOSTDOWN',
    'ENETUNREACH',
    'ENETDOWN',
    'EADDRNOTAVAIL',
    'EACCES',
    'EPERM',
  ]),
  ...rows('UNAVAILABLE', () => 'the connection broke', [
    'ECONNRESET',
    'ECONNABORTED',
    'EPIPE',
    'UND_ERR_SOCKET',
    'UND_ERR_INFO',
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  ]),
  ...rows('UNAVAILABLE', () => 'the headers of the answer are too long', ['UND_ERR_HEADERS_OVERFLOW']),
  // A CONNECT that the proxy refuses comes as "aborted" from undici; aborts by a signal are told apart by the signal.
  ...rows('UNAVAILABLE', () => 'the proxy did not connect', ['UND_ERR_PRX_CONN', 'UND_ERR_PRX_TLS', 'UND_ERR_ABORTED']),
])

const byPrefix: readonly (readonly [RegExp, StoreErrorCode, Words])[] = [
  [
    /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|ERR_TLS_CERT|HOSTNAME_MISMATCH)/,
    'UNAVAILABLE',
    (peer) => `the certificate of ${peer} was not accepted`,
  ],
  [/^(ERR_SSL_|ERR_TLS_|EPROTO)/, 'UNAVAILABLE', (peer) => `TLS with ${peer} failed`],
]

/**
 * The failure that an error of a connection, or of undici's parser, stands for.
 *
 * @param peer - who was spoken to, with its article: `the origin`
 * @returns UNKNOWN for errors of no known code
 */
export function networkFailure(error: unknown, peer: string): NetworkFailure {
  if (isHttpParserError(error)) return { code: 'UNAVAILABLE', words: 'the answer is not proper HTTP' }
  // The name of what AbortSignal.timeout throws; as a DOMException it has a number for its code.
  const code = error instanceof Error && error.name === 'TimeoutError' ? 'ETIMEDOUT' : codeOf(error)
  const exact = byCode.get(code)
  if (exact) return { code: exact[0], words: exact[1](peer) }
  const prefixed = byPrefix.find(([pattern]) => pattern.test(code))
  if (prefixed) return { code: prefixed[1], words: prefixed[2](peer) }
  return { code: 'UNKNOWN', words: 'it failed for an unknown reason' }
}

/**
 * Makes a StoreError of whatever a call over a network threw.
 *
 * A StoreError stays as it is. The native error is the cause, but for what a peer sent that was no HTTP.
 *
 * @param what - what was tried and on what, without secrets: `get of scality://…`
 * @param peer - as for `networkFailure`
 * @param signal - an abort of it wins over whatever the abort made fail
 */
export function networkError(error: unknown, what: string, peer: string, signal: AbortSignal): StoreError {
  if (signal.aborted) return abortError(signal, what)
  if (isStoreError(error)) return error
  const { code, words } = networkFailure(error, peer)
  return new StoreError(code, `${what}: ${words}`, {
    cause: isHttpParserError(error) ? new Error(error.message) : error,
  })
}

/** Whether undici could not read an answer; its error carries the bytes it stopped at, which are no business of a log. */
function isHttpParserError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'HTTPParserError'
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

function rows(
  code: StoreErrorCode,
  words: Words,
  codes: readonly string[],
): [string, readonly [StoreErrorCode, Words]][] {
  return codes.map((each) => [each, [code, words]])
}
