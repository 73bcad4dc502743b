import { type Deps, deactivateImage, reactivateImage } from '@glance/service'
import { contextOf } from '../context.ts'
import { type Route, segment } from './route.ts'

/** Taking an image out of service and back. */
export function imageActionRoutes(deps: Deps): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/v2/images/:imageId/actions/deactivate',
      body: 'none',
      async handle(request, reply) {
        await deactivateImage(contextOf(request), deps, { imageId: segment(request, 'imageId') })
        return reply.code(204).send()
      },
    },
    {
      method: 'POST',
      path: '/v2/images/:imageId/actions/reactivate',
      body: 'none',
      async handle(request, reply) {
        await reactivateImage(contextOf(request), deps, { imageId: segment(request, 'imageId') })
        return reply.code(204).send()
      },
    },
  ]
}
