import type { RequestContext } from '@glance/service'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../auth/identity.ts'

/** What the hooks found out about a request, by its Fastify request. */
const contexts = new WeakMap<FastifyRequest, RequestContext>()

/** Notes who asks. Called once for each request, before its handler. */
export function setContext(request: FastifyRequest, identity: Identity, signal: AbortSignal): void {
  const { user, project, roles } = identity
  contexts.set(request, {
    requestId: request.id,
    user,
    project,
    roles,
    admin: roles.includes('admin'),
    readOnly: false,
    signal,
  })
}

/** Who asks. Only for handlers behind authentication. */
export function contextOf(request: FastifyRequest): RequestContext {
  const context = contexts.get(request)
  if (!context)
    throw new Error(
      `no context for ${request.method} ${request.routeOptions.url}: the route is not behind authentication`,
    )
  return context
}
