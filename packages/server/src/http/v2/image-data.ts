import type { OutgoingHttpHeaders } from 'node:http'
import { type Deps, downloadImageData, uploadImageData } from '@glance/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { contextOf } from '../context.ts'
import { addVary, gzipped, takesGzip } from '../gzip.ts'
import { HttpError, unsupportedMedia } from '../http-error.ts'
import { parseRange } from '../range.ts'
import { bodyOf } from '../request-body.ts'
import { streamBody } from '../stream-reply.ts'
import { queryParameters } from './query-string.ts'
import { header, mediaType, type Route, segment } from './route.ts'

type Head = Record<string, string | number>

/** Image data in and out. @param gzip - whether to compress what goes out for those who take it */
export function imageDataRoutes(deps: Deps, { gzip }: { readonly gzip: boolean }): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v2/images/:imageId/file',
      body: 'none',
      async handle(request, reply) {
        const range = parseRange(header(request, 'range'), header(request, 'content-range'))
        const prefer = preferredStores(request)
        const imageId = segment(request, 'imageId')
        const found = await downloadImageData(contextOf(request), deps, { imageId, range, prefer })
        if (found === null) return reply.code(204).send()
        const { image, size, offset, length, body } = found
        const head: Head = { 'content-type': 'application/octet-stream' }
        if (image.checksum !== null) head['content-md5'] = image.checksum
        if (length !== null) head['content-length'] = length
        if (range !== null && length !== null) head['content-range'] = `bytes ${offset}-${offset + length - 1}/${size}`
        return send(reply, range === null ? 200 : 206, head, body, gzip)
      },
    },
    {
      method: 'PUT',
      path: '/v2/images/:imageId/file',
      body: 'stream',
      async handle(request, reply) {
        if (mediaType(request) !== 'application/octet-stream') throw unsupportedMedia(request)
        await uploadImageData(contextOf(request), deps, {
          imageId: segment(request, 'imageId'),
          data: bodyOf(request.raw),
          size: announcedSize(request),
          storeId: header(request, 'x-image-meta-store') ?? null,
        })
        return reply.code(204).send()
      },
    },
  ]
}

/** The stores of `?prefer=a,b`; null when there is none. */
function preferredStores(request: FastifyRequest): readonly string[] | null {
  const given = queryParameters(request.raw.url ?? '').filter(([name]) => name === 'prefer')
  const ids = given
    .flatMap(([, value]) => value.split(','))
    .map((id) => id.trim())
    .filter((id) => id !== '')
  return ids.length === 0 ? null : ids
}

/** Bytes that the client says it will send; null when it does not say. `x-openstack-image-size` is what counts when both headers are there. */
function announcedSize(request: FastifyRequest): number | null {
  const given = header(request, 'x-openstack-image-size')
  if (given !== undefined) {
    const size = Number(given)
    if (!/^\d+$/.test(given.trim()) || !Number.isSafeInteger(size))
      throw new HttpError(400, 'x-openstack-image-size must be a whole number of bytes.')
    return size
  }
  const length = header(request, 'content-length')
  if (length !== undefined) return Number(length)
  return header(request, 'transfer-encoding') === undefined ? 0 : null
}

/** How long the compressed data are shows at their end. The MD5 stays that of the image. */
function withoutLength({ 'content-length': _, ...head }: Head): Head {
  return { ...head, 'content-encoding': 'gzip' }
}

/** Image data go to the socket past Fastify, which would wrap them in a stream of its own. */
async function send(
  reply: FastifyReply,
  status: number,
  head: Head,
  body: AsyncIterable<Uint8Array>,
  gzip: boolean,
): Promise<FastifyReply> {
  // A part is told by its place among the bytes as they are, so it goes out as it is. (Glance compresses it and leaves its place.)
  const mayCompress = gzip && status === 200
  if (mayCompress) addVary(reply)
  const compresses = mayCompress && takesGzip(reply.request.headers['accept-encoding'])
  const told = compresses ? withoutLength(head) : head
  reply.hijack()
  reply.raw.writeHead(status, { ...reply.getHeaders(), ...told } as OutgoingHttpHeaders)
  try {
    await streamBody(reply.raw, compresses ? gzipped(body) : body)
  } catch (error) {
    reply.request.log.warn({ err: error }, 'download ended early')
  }
  return reply
}
