/**
 * Answers in gzip for clients that take it: what Glance's optional filter of that name does.
 *
 * Off by default, for image data are compressed already or travel on fast networks, and compressing costs more than all the rest of a download.
 */
import { promisify } from 'node:util'
import { createGzip, type Gzip, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'

const compressed = promisify(gzip)

/** Whether a client takes gzip; `gzip;q=0` says no. */
export function takesGzip(acceptEncoding: string | undefined): boolean {
  return (acceptEncoding ?? '').split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase())
    return name === 'gzip' && !parameters.some((each) => /^q=0(?:\.0*)?$/.test(each))
  })
}

/**
 * The last hook before a body goes out. Answers without a body stay as they are. Every answer with one says that it depends on `Accept-Encoding`, so that caches tell the two forms apart.
 */
export async function gzipPayload(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  if (typeof payload !== 'string' || payload === '' || request.method === 'HEAD') return payload
  addVary(reply)
  if (!takesGzip(request.headers['accept-encoding']) || reply.getHeader('content-encoding') !== undefined)
    return payload
  reply.header('content-encoding', 'gzip').removeHeader('content-length')
  return await compressed(payload)
}

/** Notes that the answer depends on `Accept-Encoding`. */
export function addVary(reply: FastifyReply): void {
  const vary = reply.getHeader('vary')
  reply.header('vary', vary === undefined ? 'Accept-Encoding' : `${vary},Accept-Encoding`)
}

/**
 * A body in gzip, chunk by chunk: a chunk is asked for when the one before has been taken in, so lent memory may be refilled then. Holds the window of gzip (some 256 KiB) and no more.
 *
 * @throws what the body throws
 */
export async function* gzipped(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const stream = createGzip()
  const fed = feed(stream, body)
  try {
    for await (const piece of stream) yield piece as Uint8Array
  } finally {
    // Ends a write that waits, and with it the reading of the body.
    stream.destroy()
    await fed
  }
}

/** Never rejects: what goes wrong comes out of the stream. */
async function feed(stream: Gzip, body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const chunk of body) await written(stream, chunk)
    stream.end()
  } catch (error) {
    stream.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

/** Also ends when the stream does, which does not answer a write that it has not finished then. */
function written(stream: Gzip, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the answer has ended'))
    stream.once('close', ended)
    stream.write(chunk, (error) => {
      stream.off('close', ended)
      if (error) reject(error)
      else resolve()
    })
  })
}
