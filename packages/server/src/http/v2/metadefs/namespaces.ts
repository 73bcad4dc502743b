import {
  createNamespace,
  type Deps,
  listNamespaces,
  removeNamespace,
  showNamespace,
  updateNamespace,
} from '@glance/service'
import type { FastifyRequest } from 'fastify'
import { contextOf } from '../../context.ts'
import { formatQuery, queryParameters } from '../query-string.ts'
import { type Route, segment } from '../route.ts'
import {
  createdNamespaceView,
  listedNamespaceView,
  namespacePath,
  plainNamespaceView,
  wholeNamespaceView,
} from '../view/metadef.ts'
import { sendJson } from './exchange.ts'

const all = '/v2/metadefs/namespaces'
const one = `${all}/:namespace`

/** Namespaces of metadata definitions. @param base - the URL under which the caller reaches the API */
export function namespaceRoutes(deps: Deps, base: (request: FastifyRequest) => string): readonly Route[] {
  return [
    {
      method: 'GET',
      path: all,
      body: 'none',
      async handle(request, reply) {
        const parameters = queryParameters(request.raw.url ?? '')
        const { namespaces, marker } = await listNamespaces(contextOf(request), deps, { parameters })
        const kept = parameters.filter(([name]) => name !== 'marker')
        const link = (more: readonly (readonly [string, string])[]): string => {
          const query = formatQuery([...kept, ...more])
          return query === '' ? all : `${all}?${query}`
        }
        return sendJson(reply, {
          namespaces: namespaces.map(listedNamespaceView),
          ...(marker === null ? {} : { next: link([['marker', marker]]) }),
          schema: '/v2/schemas/metadefs/namespaces',
          first: link([]),
        })
      },
    },
    {
      method: 'POST',
      path: all,
      body: 'json',
      async handle(request, reply) {
        const { namespace, contents } = await createNamespace(contextOf(request), deps, { body: request.body })
        reply.code(201).header('location', base(request) + namespacePath(namespace.namespace))
        return sendJson(reply, createdNamespaceView(namespace, contents))
      },
    },
    {
      method: 'GET',
      path: one,
      body: 'none',
      async handle(request, reply) {
        const { namespace, contents } = await showNamespace(contextOf(request), deps, {
          namespace: segment(request, 'namespace'),
          parameters: queryParameters(request.raw.url ?? ''),
        })
        return sendJson(reply, wholeNamespaceView(namespace, contents))
      },
    },
    {
      method: 'PUT',
      path: one,
      body: 'json',
      async handle(request, reply) {
        const input = { namespace: segment(request, 'namespace'), body: request.body }
        return sendJson(reply, plainNamespaceView(await updateNamespace(contextOf(request), deps, input)))
      },
    },
    {
      method: 'DELETE',
      path: one,
      body: 'none',
      async handle(request, reply) {
        await removeNamespace(contextOf(request), deps, { namespace: segment(request, 'namespace') })
        return reply.code(204).send()
      },
    },
  ]
}
