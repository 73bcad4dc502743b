/** The errors a caller of the client can act on. None of them ever carries the token. */

const REASONS: Readonly<Record<number, readonly [code: string, title: string]>> = {
  300: ['MULTIPLE_CHOICES', 'Multiple Choices'],
  400: ['BAD_REQUEST', 'Bad Request'],
  401: ['UNAUTHORIZED', 'Unauthorized'],
  403: ['FORBIDDEN', 'Forbidden'],
  404: ['NOT_FOUND', 'Not Found'],
  405: ['METHOD_NOT_ALLOWED', 'Method Not Allowed'],
  409: ['CONFLICT', 'Conflict'],
  410: ['GONE', 'Gone'],
  413: ['OVER_LIMIT', 'Request Entity Too Large'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'Unsupported Media Type'],
  416: ['RANGE_NOT_SATISFIABLE', 'Requested Range Not Satisfiable'],
  429: ['TOO_MANY_REQUESTS', 'Too Many Requests'],
  500: ['INTERNAL_SERVER_ERROR', 'Internal Server Error'],
  501: ['NOT_IMPLEMENTED', 'Not Implemented'],
  502: ['BAD_GATEWAY', 'Bad Gateway'],
  503: ['SERVICE_UNAVAILABLE', 'Service Unavailable'],
  504: ['GATEWAY_TIMEOUT', 'Gateway Timeout'],
}

/** Facts an `ImageServiceError` is made of. `title` and `message` may be empty; the status then speaks for itself. */
export interface ServiceFault {
  readonly status: number
  readonly title: string
  readonly message: string
  readonly requestId: string | null
}

/**
 * The service answered, and the answer is no.
 *
 * `status` is the HTTP status and `code` its name (`NOT_FOUND`, `CONFLICT`, …; `HTTP_418` for a status without one;
 * `UNEXPECTED_ANSWER` when a success is not what the API promises, as when the endpoint is some other web server).
 * `message` is the explanation alone, `detail` is `404 Not Found: <message>`. `requestId` finds the call in the
 * service's log and is null when the answer carried none.
 */
export class ImageServiceError extends Error {
  override readonly name = 'ImageServiceError'
  readonly status: number
  readonly code: string
  readonly title: string
  readonly requestId: string | null

  constructor(fault: ServiceFault, code?: string) {
    const [reason, title] = REASONS[fault.status] ?? [`HTTP_${fault.status}`, '']
    const shown = fault.title === '' ? title : fault.title
    super(fault.message === '' ? shown || `HTTP status ${fault.status}` : fault.message)
    this.status = fault.status
    this.code = code ?? reason
    this.title = shown
    this.requestId = fault.requestId
  }

  get detail(): string {
    const heading = `${this.status} ${this.title}`.trim()
    return this.message === this.title ? heading : `${heading}: ${this.message}`
  }
}

/** Why no answer came: `UNREACHABLE` before one began, `LOST` in the middle of data, `TIMEOUT` after silence. */
export type ConnectionCode = 'UNREACHABLE' | 'LOST' | 'TIMEOUT'

/**
 * The service gave no answer, or its answer broke off.
 *
 * `endpoint` is the address as the client uses it; `cause` is the native error. Whether the service acted on the
 * request is unknown.
 */
export class ImageConnectionError extends Error {
  override readonly name = 'ImageConnectionError'
  readonly code: ConnectionCode
  readonly endpoint: string

  constructor(code: ConnectionCode, endpoint: string, what: string, cause?: unknown) {
    const reason = describeCause(cause)
    super(`${what} ${endpoint}${reason === '' ? '' : `: ${reason}`}`, cause === undefined ? {} : { cause })
    this.code = code
    this.endpoint = endpoint
  }
}

/** What is wrong with image data: other bytes, another length, or a hash this platform cannot compute. */
export type DataCode = 'HASH_MISMATCH' | 'SIZE_MISMATCH' | 'UNKNOWN_ALGORITHM'

/** Image data are not what was announced. A download leaves nothing behind; an upload was broken off. */
export class ImageDataError extends Error {
  override readonly name = 'ImageDataError'
  readonly code: DataCode

  constructor(code: DataCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The system's error code (`ECONNREFUSED`) below any number of wrappers, or null. */
export function systemCode(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return null
}

function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return ''
  // fetch says only "fetch failed" or "terminated"; the reason is one level down.
  if (error.cause instanceof Error) return describeCause(error.cause)
  return error.message || systemCode(error) || error.name
}
