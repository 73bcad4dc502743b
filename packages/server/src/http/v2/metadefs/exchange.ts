import type { Deps, ItemInput, NamespaceInput, RequestContext } from '@glance/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { contextOf } from '../../context.ts'
import { queryParameters } from '../query-string.ts'
import { type Route, segment } from '../route.ts'

/** Answers with JSON. */
export function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json').send(JSON.stringify(body))
}

/** The last value of a query parameter, or null. */
export function parameter(request: FastifyRequest, name: string): string | null {
  return queryParameters(request.raw.url ?? '').findLast(([each]) => each === name)?.[1] ?? null
}

/** The namespace that the path names. */
export function namespaceInput(request: FastifyRequest): NamespaceInput {
  return { namespace: segment(request, 'namespace') }
}

/** The item of a namespace that the path names. */
export function itemInput(request: FastifyRequest): ItemInput {
  return { ...namespaceInput(request), name: segment(request, 'name') }
}

/** A route that removes what its path names. */
export function removing<Input>(
  path: string,
  deps: Deps,
  remove: (context: RequestContext, deps: Deps, input: Input) => Promise<void>,
  inputOf: (request: FastifyRequest) => Input,
): Route {
  return {
    method: 'DELETE',
    path,
    body: 'none',
    async handle(request, reply) {
      await remove(contextOf(request), deps, inputOf(request))
      return reply.code(204).send()
    },
  }
}
