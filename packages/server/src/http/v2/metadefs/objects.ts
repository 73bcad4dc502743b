import {
  addMetadefObject,
  clearMetadefObjects,
  type Deps,
  listMetadefObjects,
  removeMetadefObject,
  replaceMetadefObject,
  showMetadefObject,
} from '@glance/service'
import { contextOf } from '../../context.ts'
import { queryParameters } from '../query-string.ts'
import type { Route } from '../route.ts'
import { objectView } from '../view/metadef.ts'
import { itemInput, namespaceInput, removing, sendJson } from './exchange.ts'

const all = '/v2/metadefs/namespaces/:namespace/objects'
const one = `${all}/:name`

/** Objects of namespaces. */
export function metadefObjectRoutes(deps: Deps): readonly Route[] {
  return [
    {
      method: 'GET',
      path: all,
      body: 'none',
      async handle(request, reply) {
        const { namespace } = namespaceInput(request)
        const parameters = queryParameters(request.raw.url ?? '')
        const objects = await listMetadefObjects(contextOf(request), deps, { namespace, parameters })
        // The address of the schema has no slash in front: Glance's has none.
        const schema = 'v2/schemas/metadefs/objects'
        return sendJson(reply, { objects: objects.map((each) => objectView(namespace, each)), schema })
      },
    },
    {
      method: 'POST',
      path: all,
      body: 'json',
      async handle(request, reply) {
        const input = { ...namespaceInput(request), body: request.body }
        const added = await addMetadefObject(contextOf(request), deps, input)
        return sendJson(reply.code(201), objectView(input.namespace, added))
      },
    },
    removing(all, deps, clearMetadefObjects, namespaceInput),
    {
      method: 'GET',
      path: one,
      body: 'none',
      async handle(request, reply) {
        const input = itemInput(request)
        return sendJson(reply, objectView(input.namespace, await showMetadefObject(contextOf(request), deps, input)))
      },
    },
    {
      method: 'PUT',
      path: one,
      body: 'json',
      async handle(request, reply) {
        const input = { ...itemInput(request), body: request.body }
        const replaced = await replaceMetadefObject(contextOf(request), deps, input)
        return sendJson(reply, objectView(input.namespace, replaced))
      },
    },
    removing(one, deps, removeMetadefObject, itemInput),
  ]
}
