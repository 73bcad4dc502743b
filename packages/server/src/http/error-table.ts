/**
 * The one table that turns codes into HTTP answers.
 *
 * Reason phrases are WebOb's, which Glance's clients have seen for years; where they differ from Node's, these count.
 */
import type { StoreErrorCode } from '@glance/core'
import type { ServiceErrorCode } from '@glance/service'

/** Reason phrases of every status the API answers with. */
export const reasons = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  300: 'Multiple Choices',
  302: 'Found',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  416: 'Request Range Not Satisfiable',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
} as const satisfies Record<number, string>

/** A status of `reasons`. */
export type Status = keyof typeof reasons

/** What a refusal of a use case becomes. */
export const serviceStatus: Readonly<Record<ServiceErrorCode, Status>> = {
  INVALID: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  GONE: 410,
  OVER_LIMIT: 413,
  UNSUPPORTED_MEDIA: 415,
  RANGE: 416,
  UNAVAILABLE: 503,
}

/** What a store's failure becomes that no use case has given a meaning of its own. The user learns the kind, never the backend's words. */
export const storeStatus: Readonly<Record<StoreErrorCode, { readonly status: Status; readonly message: string }>> = {
  NOT_FOUND: { status: 404, message: 'The image data could not be found.' },
  ALREADY_EXISTS: { status: 409, message: 'The store already holds data of this image.' },
  INVALID_LOCATION: { status: 400, message: 'Invalid location' },
  SIZE_MISMATCH: { status: 400, message: 'The size of the data does not match the announced size.' },
  TOO_LARGE: { status: 413, message: 'The image data is over a limit.' },
  STORE_FULL: {
    status: 413,
    message: 'Image storage media is full: There is not enough disk space on the image storage media.',
  },
  WRITE_DENIED: {
    status: 503,
    message: 'Insufficient permissions on image storage media: Permission to write image storage media denied.',
  },
  FORBIDDEN: { status: 403, message: 'The store refuses access to the image data.' },
  READ_ONLY: { status: 410, message: 'Adding images to this store is disabled.' },
  UNSUPPORTED: { status: 400, message: 'The store cannot do this.' },
  IN_USE: { status: 409, message: 'The image is in use.' },
  UNAVAILABLE: { status: 503, message: 'The store does not answer at present.' },
  TIMEOUT: { status: 503, message: 'The store took too long to answer.' },
  ABORTED: { status: 503, message: 'The request was ended before it was complete.' },
  BAD_CONFIGURATION: { status: 500, message: 'The server is not configured for this.' },
  UNKNOWN: { status: 500, message: 'The store failed.' },
}
