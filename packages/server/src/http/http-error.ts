import type { FastifyRequest } from 'fastify'
import type { Status } from './error-table.ts'

/** A refusal by the transport itself: wrong method, wrong media type, a body where none belongs. Use cases have their own errors. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: Status
  /** The real cause, shown after the message. */
  readonly detail: string
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: Status,
    message: string,
    options: { detail?: string; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message)
    this.status = status
    this.detail = options.detail ?? ''
    this.headers = options.headers ?? {}
  }
}

/** What WebOb says when nobody gave it words. */
export const standardWords = {
  404: 'The resource could not be found.',
  416: 'The Range requested is not available.',
  500: 'The server has either erred or is incapable of performing the requested operation.',
  501: 'The server does not support the requested method.',
} as const

/** The refusal of a body of a type that a route does not take. */
export function unsupportedMedia(
  request: Pick<FastifyRequest, 'headers'>,
  headers: Readonly<Record<string, string>> = {},
): HttpError {
  const given = (request.headers['content-type'] ?? '').slice(0, 200)
  return new HttpError(415, `The request media type ${given} is not supported by this server.`, { headers })
}
