import type { FastifyReply, FastifyRequest } from 'fastify'

/** One operation of the API. The routes of a resource are a table of these. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the root, in the router's notation. */
  readonly path: string
  /** `none` refuses a body, `json` reads one into `request.body`, `stream` leaves it to the handler. */
  readonly body: 'none' | 'json' | 'stream'
  /** Looks at the head before the body is read. */
  readonly check?: (request: FastifyRequest) => void
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>
}

/** A named segment of the request's path, decoded. */
export function segment(request: FastifyRequest, name: string): string {
  const value = (request.params as Readonly<Record<string, string>>)[name]
  if (value === undefined) throw new Error(`the route has no segment ${name}`)
  return value
}

/** A single header as text, or undefined. */
export function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** The media type of the request's body in lower case, without its parameters. */
export function mediaType(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
}
