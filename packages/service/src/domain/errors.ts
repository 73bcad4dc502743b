/**
 * Every way in which a use case can refuse, by code. The server's error table turns codes into answers; nothing here knows HTTP.
 */
export const serviceErrorCodes = {
  INVALID: { summary: 'the input breaks a rule' },
  UNAUTHENTICATED: { summary: 'nobody is known to be asking' },
  FORBIDDEN: { summary: 'the caller may see it but may not do it' },
  NOT_FOUND: { summary: 'it does not exist, or the caller may not see it' },
  CONFLICT: { summary: 'the present state does not allow it' },
  GONE: { summary: 'it was deleted while the call went on' },
  OVER_LIMIT: { summary: 'a quota or a size limit is passed' },
  UNSUPPORTED_MEDIA: { summary: 'the data are of another type than announced' },
  RANGE: { summary: 'the requested bytes are outside the image' },
  UNAVAILABLE: { summary: 'something it depends on does not answer' },
} as const satisfies Record<string, { summary: string }>

/** A code of `serviceErrorCodes`. */
export type ServiceErrorCode = keyof typeof serviceErrorCodes

/** A refusal, told by its code. The message is for the user: it says what and where, in Glance's words where clients know them. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: ServiceErrorCode
  /** What Glance says in a second sentence after a general first one; empty for most. */
  readonly detail: string

  constructor(code: ServiceErrorCode, message: string, options: { cause?: unknown; detail?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.detail = options.detail ?? ''
  }
}

/** First sentences that Glance's answers begin with when the reason stands in the second. */
const general = {
  FORBIDDEN: 'Access was denied to this resource.',
  CONFLICT: 'There was a conflict when trying to complete your request.',
} as const

/** A refusal in two sentences, as Glance words those of names and operations: a general one, and the reason. */
export function refused(code: keyof typeof general, reason: string): ServiceError {
  return new ServiceError(code, general[code], { detail: reason })
}
