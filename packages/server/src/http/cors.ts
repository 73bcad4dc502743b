/**
 * Cross-origin requests of browsers, answered as oslo.middleware does, which Glance has in front of everything.
 *
 * A preflight is answered before anybody asks who is calling, for it carries no token. Every `OPTIONS` is answered with 200 and no body, and what the caller may do stands in the headers or does not:
 * a browser takes their absence for a no.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Options of `[cors]`. */
export interface CorsSettings {
  /** Origins as browsers send them (`https://horizon.example.org`), or `*`. */
  readonly allowedOrigin: readonly string[]
  readonly allowCredentials: boolean
  readonly exposeHeaders: readonly string[]
  /** Seconds; 0 leaves the header out. */
  readonly maxAge: number
  readonly allowMethods: readonly string[]
  readonly allowHeaders: readonly string[]
}

/** Headers that a browser may always send, as oslo.middleware counts them. */
const simpleHeaders = [
  'accept',
  'accept-language',
  'content-type',
  'cache-control',
  'content-language',
  'expires',
  'last-modified',
  'pragma',
]

/** The first hook of all: answers `OPTIONS`, and puts headers on whatever answer another request gets. */
export function cors(settings: CorsSettings): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const origins = new Set(settings.allowedOrigin)
  const headers = new Set([...simpleHeaders, ...settings.allowHeaders.map((name) => name.toLowerCase())])
  const allowedOrigin = (request: FastifyRequest): string | null => {
    const { origin } = request.headers
    if (origin === undefined) return null
    return origins.has(origin) ? origin : origins.has('*') ? '*' : null
  }
  const allow = (reply: FastifyReply, origin: string): void => {
    reply.header('vary', 'Origin').header('access-control-allow-origin', origin)
    if (settings.allowCredentials) reply.header('access-control-allow-credentials', 'true')
  }
  const answerPreflight = (request: FastifyRequest, reply: FastifyReply): void => {
    const origin = allowedOrigin(request)
    const method = one(request.headers['access-control-request-method'])
    const wanted = listed(one(request.headers['access-control-request-headers']))
    if (origin === null || method === '' || !settings.allowMethods.includes(method)) return
    if (!wanted.every((name) => headers.has(name.toLowerCase()))) return
    allow(reply, origin)
    if (settings.maxAge !== 0) reply.header('access-control-max-age', String(settings.maxAge))
    reply.header('access-control-allow-methods', method)
    if (wanted.length > 0) reply.header('access-control-allow-headers', wanted.join(','))
  }
  return async (request, reply) => {
    if (request.method === 'OPTIONS') {
      answerPreflight(request, reply)
      await reply.code(200).send()
      return
    }
    const origin = allowedOrigin(request)
    if (origin === null) return
    allow(reply, origin)
    if (settings.exposeHeaders.length > 0)
      reply.header('access-control-expose-headers', settings.exposeHeaders.join(','))
  }
}

function one(header: string | string[] | undefined): string {
  return (Array.isArray(header) ? header.join(',') : header) ?? ''
}

function listed(header: string): readonly string[] {
  return header
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
