import {
  addMetadefProperty,
  clearMetadefProperties,
  type Deps,
  listMetadefProperties,
  removeMetadefProperty,
  replaceMetadefProperty,
  showMetadefProperty,
} from '@glance/service'
import { contextOf } from '../../context.ts'
import type { Route } from '../route.ts'
import { propertiesView, propertyView } from '../view/metadef.ts'
import { itemInput, namespaceInput, parameter, removing, sendJson } from './exchange.ts'

const all = '/v2/metadefs/namespaces/:namespace/properties'
const one = `${all}/:name`

/** Properties of namespaces. */
export function metadefPropertyRoutes(deps: Deps): readonly Route[] {
  return [
    {
      method: 'GET',
      path: all,
      body: 'none',
      async handle(request, reply) {
        const properties = await listMetadefProperties(contextOf(request), deps, namespaceInput(request))
        return sendJson(reply, { properties: propertiesView(properties) })
      },
    },
    {
      method: 'POST',
      path: all,
      body: 'json',
      async handle(request, reply) {
        const input = { ...namespaceInput(request), body: request.body }
        return sendJson(reply.code(201), propertyView(await addMetadefProperty(contextOf(request), deps, input)))
      },
    },
    removing(all, deps, clearMetadefProperties, namespaceInput),
    {
      method: 'GET',
      path: one,
      body: 'none',
      async handle(request, reply) {
        const input = { ...itemInput(request), resourceType: parameter(request, 'resource_type') }
        return sendJson(reply, propertyView(await showMetadefProperty(contextOf(request), deps, input)))
      },
    },
    {
      method: 'PUT',
      path: one,
      body: 'json',
      async handle(request, reply) {
        const input = { ...itemInput(request), body: request.body }
        return sendJson(reply, propertyView(await replaceMetadefProperty(contextOf(request), deps, input)))
      },
    },
    removing(one, deps, removeMetadefProperty, itemInput),
  ]
}
