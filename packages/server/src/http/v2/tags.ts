import { addTag, type Deps, removeTag } from '@glance/service'
import { contextOf } from '../context.ts'
import { type Route, segment } from './route.ts'

/** Tags of an image, one at a time. */
export function tagRoutes(deps: Deps): readonly Route[] {
  return [
    {
      method: 'PUT',
      path: '/v2/images/:imageId/tags/:tag',
      body: 'none',
      async handle(request, reply) {
        await addTag(contextOf(request), deps, { imageId: segment(request, 'imageId'), tag: segment(request, 'tag') })
        return reply.code(204).send()
      },
    },
    {
      method: 'DELETE',
      path: '/v2/images/:imageId/tags/:tag',
      body: 'none',
      async handle(request, reply) {
        await removeTag(contextOf(request), deps, {
          imageId: segment(request, 'imageId'),
          tag: segment(request, 'tag'),
        })
        return reply.code(204).send()
      },
    },
  ]
}
