import { addAssociation, type Deps, listAssociations, listResourceTypes, removeAssociation } from '@glance/service'
import { contextOf } from '../../context.ts'
import type { Route } from '../route.ts'
import { associationView, resourceTypeView } from '../view/metadef.ts'
import { itemInput, namespaceInput, removing, sendJson } from './exchange.ts'

const all = '/v2/metadefs/namespaces/:namespace/resource_types'
const one = `${all}/:name`

/** Types of resources, and which namespaces are meant for them. */
export function resourceTypeRoutes(deps: Deps): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v2/metadefs/resource_types',
      body: 'none',
      async handle(request, reply) {
        const types = await listResourceTypes(contextOf(request), deps)
        return sendJson(reply, { resource_types: types.map(resourceTypeView) })
      },
    },
    {
      method: 'GET',
      path: all,
      body: 'none',
      async handle(request, reply) {
        const associations = await listAssociations(contextOf(request), deps, namespaceInput(request))
        return sendJson(reply, { resource_type_associations: associations.map(associationView) })
      },
    },
    {
      method: 'POST',
      path: all,
      body: 'json',
      async handle(request, reply) {
        const input = { ...namespaceInput(request), body: request.body }
        return sendJson(reply.code(201), associationView(await addAssociation(contextOf(request), deps, input)))
      },
    },
    removing(one, deps, removeAssociation, itemInput),
  ]
}
