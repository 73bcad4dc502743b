import { abortError, isStoreError, StoreError, type StoreErrorCode } from '@glance/core'

/** A kind of failure: its code, and the words that follow the name of what was tried. */
export interface Failure {
  readonly code: StoreErrorCode
  readonly words: string
}

const byStatus: ReadonlyMap<number, Failure> = new Map([
  [401, { code: 'FORBIDDEN', words: 'the origin wants other credentials' }],
  [403, { code: 'FORBIDDEN', words: 'the origin forbids it' }],
  [404, { code: 'NOT_FOUND', words: 'the origin has no such data' }],
  [407, { code: 'UNAVAILABLE', words: 'the proxy wants credentials' }],
  [408, { code: 'TIMEOUT', words: 'the origin gave up waiting' }],
  [410, { code: 'NOT_FOUND', words: 'the origin no longer has the data' }],
  [429, { code: 'UNAVAILABLE', words: 'the origin has too many requests' }],
])

const byCode: ReadonlyMap<string, Failure> = new Map([
  ...rows({ code: 'TIMEOUT', words: 'the origin did not take the connection in time' }, [
    'UND_ERR_CONNECT_TIMEOUT',
    'ETIMEDOUT',
  ]),
  ...rows({ code: 'TIMEOUT', words: 'the origin did not answer in time' }, ['UND_ERR_HEADERS_TIMEOUT']),
  ...rows({ code: 'TIMEOUT', words: 'the origin stopped sending' }, ['UND_ERR_BODY_TIMEOUT']),
  ...rows({ code: 'UNAVAILABLE', words: 'the name of the origin was not found' }, [
    'ENOTFOUND',
    'EAI_AGAIN',
    'EAI_FAIL',
    'EAI_NODATA',
    'EAI_NONAME',
  ]),
  ...rows({ code: 'UNAVAILABLE', words: 'the origin is unreachable' }, [
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'EHOSTDOWN',
    'ENETUNREACH',
    'ENETDOWN',
    'EADDRNOTAVAIL',
    'EACCES',
    'EPERM',
  ]),
  ...rows({ code: 'UNAVAILABLE', words: 'the connection broke' }, [
    'ECONNRESET',
    'ECONNABORTED',
    'EPIPE',
    'UND_ERR_SOCKET',
    'UND_ERR_INFO',
    'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  ]),
  ...rows({ code: 'UNAVAILABLE', words: 'the headers of the answer are too long' }, ['UND_ERR_HEADERS_OVERFLOW']),
  // A CONNECT that the proxy refuses comes as "aborted" from undici; aborts of ours are told apart by the signal.
  ...rows({ code: 'UNAVAILABLE', words: 'the proxy did not connect' }, [
    'UND_ERR_PRX_CONN',
    'UND_ERR_PRX_TLS',
    'UND_ERR_ABORTED',
  ]),
])

const byPrefix: readonly (readonly [RegExp, Failure])[] = [
  [
    /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|ERR_TLS_CERT|HOSTNAME_MISMATCH)/,
    { code: 'UNAVAILABLE', words: 'the certificate of the origin was not accepted' },
  ],
  [/^(ERR_SSL_|ERR_TLS_|EPROTO)/, { code: 'UNAVAILABLE', words: 'TLS with the origin failed' }],
]

/** What a status outside of 2xx means for a location. 3xx that are no redirects, and the other 4xx, are faults of the location. */
export function failureOfStatus(status: number): Failure {
  if (status >= 500) return { code: 'UNAVAILABLE', words: `the origin answered ${status}` }
  return byStatus.get(status) ?? { code: 'INVALID_LOCATION', words: `the origin answered ${status}` }
}

/** What an error of the connection or of its parser means, by its `code` alone: messages differ between versions and hold addresses. */
export function failureOfTrouble(error: unknown): Failure {
  if (isParserError(error)) return { code: 'UNAVAILABLE', words: 'the answer is not proper HTTP' }
  // The name of what AbortSignal.timeout throws; as a DOMException it has a number for its code.
  const code = error instanceof Error && error.name === 'TimeoutError' ? 'ETIMEDOUT' : codeOf(error)
  return (
    byCode.get(code) ??
    byPrefix.find(([pattern]) => pattern.test(code))?.[1] ?? {
      code: 'UNKNOWN',
      words: 'it failed for an unknown reason',
    }
  )
}

/**
 * Makes a StoreError of whatever a call threw.
 *
 * @param what - the operation and the redacted location, e.g. `get of https://host/…/disk.img`
 * @param signal - an abort of it wins over whatever the abort made fail
 */
export function storeErrorFrom(error: unknown, what: string, signal: AbortSignal): StoreError {
  if (signal.aborted) return abortError(signal, what)
  if (isStoreError(error)) return error
  const { code, words } = failureOfTrouble(error)
  // Errors of undici's parser carry the bytes it stopped at: they are the origin's, and no business of a log.
  const cause = isParserError(error) ? new Error(error.message) : error
  return new StoreError(code, `${what}: ${words}`, { cause })
}

/** undici gives most of these no code at all (8.12). */
function isParserError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'HTTPParserError'
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

function rows(failure: Failure, codes: readonly string[]): [string, Failure][] {
  return codes.map((code) => [code, failure])
}
