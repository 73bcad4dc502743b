import type { Enforcer, RequestContext } from '@glance/service'
import type { FastifyRequest } from 'fastify'
import type { Identity } from '../auth/identity.ts'

/** What the hooks found out about a request, by its Fastify request. */
const contexts = new WeakMap<FastifyRequest, RequestContext>()

/** Notes who asks; whether that is an administrator is for the rule `context_is_admin` to say. Called once for each request, before its handler. */
export function setContext(request: FastifyRequest, identity: Identity, signal: AbortSignal, enforcer: Enforcer): void {
  const { user, project, roles, token = null, serviceRoles = [], readOnly = false } = identity
  const who = { requestId: request.id, user, project, token, roles, serviceRoles }
  const caller = { ...who, admin: false, readOnly, signal }
  contexts.set(request, { ...caller, admin: enforcer.allows('context_is_admin', caller, { project_id: project }) })
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
