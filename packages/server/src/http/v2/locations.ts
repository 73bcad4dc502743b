import { addImageLocation, type Deps, deleteFromStore, listImageLocations } from '@glance/service'
import { contextOf } from '../context.ts'
import { type Route, segment } from './route.ts'

const path = '/v2/images/:imageId/locations'

/** Where image data lie. */
export function locationRoutes(deps: Deps): readonly Route[] {
  return [
    {
      method: 'GET',
      path,
      body: 'none',
      async handle(request, reply) {
        const locations = await listImageLocations(contextOf(request), deps, { imageId: segment(request, 'imageId') })
        const shown = locations.map(({ url, metadata }) => ({ url, metadata }))
        return reply.type('application/json').send(JSON.stringify(shown))
      },
    },
    {
      method: 'POST',
      path,
      body: 'json',
      async handle(request, reply) {
        const input = { imageId: segment(request, 'imageId'), body: request.body }
        await addImageLocation(contextOf(request), deps, input)
        return reply.code(202).send()
      },
    },
    {
      method: 'DELETE',
      path: '/v2/stores/:storeId/:imageId',
      body: 'none',
      async handle(request, reply) {
        const input = { storeId: segment(request, 'storeId'), imageId: segment(request, 'imageId') }
        await deleteFromStore(contextOf(request), deps, input)
        return reply.code(204).send()
      },
    },
  ]
}
