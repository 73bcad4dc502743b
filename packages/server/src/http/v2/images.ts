import {
  createImage,
  type Deps,
  deleteImage,
  listImages,
  parseJsonPatch,
  showImage,
  updateImage,
} from '@glance/service'
import type { FastifyRequest } from 'fastify'
import { contextOf } from '../context.ts'
import { unsupportedMedia } from '../http-error.ts'
import { formatQuery, queryParameters } from './query-string.ts'
import { mediaType, type Route, segment } from './route.ts'
import { imageView } from './view/image.ts'

/** Media types of a patch and the form of their operations. */
const patchTypes: Readonly<Record<string, '2.0' | '2.1'>> = {
  'application/openstack-images-v2.0-json-patch': '2.0',
  'application/openstack-images-v2.1-json-patch': '2.1',
}

/** Records of images. @param base - the URL under which the caller reaches the API */
export function imageRoutes(deps: Deps, base: (request: FastifyRequest) => string): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v2/images',
      body: 'stream',
      async handle(request, reply) {
        const context = contextOf(request)
        const parameters = queryParameters(request.raw.url ?? '')
        const { images, marker } = await listImages(context, deps, { parameters })
        const kept = parameters.filter(([name]) => name !== 'marker')
        const link = (more: readonly (readonly [string, string])[]): string => {
          const query = formatQuery([...kept, ...more])
          return query === '' ? '/v2/images' : `/v2/images?${query}`
        }
        return reply.type('application/json').send(
          JSON.stringify({
            images: images.map((found) => imageView(found, context, deps)),
            first: link([]),
            schema: '/v2/schemas/images',
            ...(marker === null ? {} : { next: link([['marker', marker]]) }),
          }),
        )
      },
    },
    {
      method: 'POST',
      path: '/v2/images',
      body: 'json',
      async handle(request, reply) {
        const context = contextOf(request)
        const found = await createImage(context, deps, { body: request.body })
        if (deps.settings.multiStore)
          reply.header('openstack-image-store-ids', deps.stores.all.map((store) => store.id).join(','))
        return reply
          .code(201)
          .header('location', `${base(request)}/v2/images/${found.image.id}`)
          .type('application/json')
          .send(JSON.stringify(imageView(found, context, deps)))
      },
    },
    {
      method: 'GET',
      path: '/v2/images/:imageId',
      body: 'none',
      async handle(request, reply) {
        const context = contextOf(request)
        const found = await showImage(context, deps, { imageId: segment(request, 'imageId') })
        return reply.type('application/json').send(JSON.stringify(imageView(found, context, deps)))
      },
    },
    {
      method: 'PATCH',
      path: '/v2/images/:imageId',
      body: 'json',
      check: (request) => void patchVersion(request),
      async handle(request, reply) {
        const context = contextOf(request)
        const operations = parseJsonPatch(request.body, patchVersion(request))
        const found = await updateImage(context, deps, { imageId: segment(request, 'imageId'), operations })
        return reply.type('application/json').send(JSON.stringify(imageView(found, context, deps)))
      },
    },
    {
      method: 'DELETE',
      path: '/v2/images/:imageId',
      body: 'none',
      async handle(request, reply) {
        await deleteImage(contextOf(request), deps, { imageId: segment(request, 'imageId') })
        return reply.code(204).send()
      },
    },
  ]
}

function patchVersion(request: FastifyRequest): '2.0' | '2.1' {
  const version = patchTypes[mediaType(request)]
  if (version === undefined) throw unsupportedMedia(request, { 'accept-patch': Object.keys(patchTypes).join(', ') })
  return version
}
