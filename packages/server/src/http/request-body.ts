/**
 * Bodies of requests: when one belongs there, how JSON is read, and what happens to data that nobody wanted.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { HttpError } from './http-error.ts'

/** Whether a request comes with a body, by Glance's rule. */
export function hasBody(request: IncomingMessage): boolean {
  if (Number(request.headers['content-length'] ?? 0) > 0) return true
  return request.headers['transfer-encoding'] !== undefined && ['POST', 'PUT', 'PATCH'].includes(request.method ?? '')
}

/** Requests that wait for `100 Continue`, with the response to send it on. */
const waiting = new WeakMap<IncomingMessage, ServerResponse>()

/** Notes that a client sends its body only after a word from us, so that a refusal saves it the sending. */
export function expectsContinue(request: IncomingMessage, response: ServerResponse): void {
  waiting.set(request, response)
}

/**
 * The body as it comes in. Leaving it early does not end the connection, so that an answer can still be sent.
 *
 * It throws what the connection throws when the client goes away.
 */
export async function* bodyOf(request: IncomingMessage): AsyncGenerator<Uint8Array, void, void> {
  waiting.get(request)?.writeContinue()
  waiting.delete(request)
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    yield chunk
    free(chunk)
  }
}

/**
 * Gives the memory of a chunk back now and not when the garbage collector comes round.
 *
 * A chunk of a request is memory of its own that nobody else holds, and its reader is done with it when it asks for the next one. V8 counts such memory and starts a whole collection for
 * every few dozen megabytes of it, which at full speed is a quarter of the work of an upload (bench/README.md).
 */
function free(chunk: unknown): void {
  if (!(chunk instanceof Uint8Array) || !(chunk.buffer instanceof ArrayBuffer)) return
  if (chunk.byteLength === chunk.buffer.byteLength) chunk.buffer.transfer(0)
}

/** @param longest - bytes. @throws HttpError 400 when there is none, it is not JSON, not UTF-8 or a scalar; 413 when it is too long */
export async function readJson(request: IncomingMessage, longest: number): Promise<unknown> {
  if (!hasBody(request)) throw new HttpError(400, 'Body expected in request.')
  if (Number(request.headers['content-length'] ?? 0) > longest) throw tooLong(longest)
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of bodyOf(request)) {
    total += chunk.byteLength
    if (total > longest) throw tooLong(longest)
    // A copy: the memory of a chunk is gone when the next one comes.
    chunks.push(Buffer.from(chunk))
  }
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch {
    throw new HttpError(400, 'Malformed JSON in request body.')
  }
  if (typeof value !== 'object' || value === null) throw new HttpError(400, 'Unexpected body type. Expected list/dict.')
  return value
}

function tooLong(longest: number): HttpError {
  return new HttpError(413, `Request is too large. Larger than max_request_body_size (${longest}).`)
}

/** How much of an unwanted body is read so that the client sees the answer, and for how long. */
const lingering = { bytes: 256 * 1024 * 1024, ms: 30_000 }

/**
 * Lets an answer reach a client that is still sending.
 *
 * Closing at once would reset the connection, and the client would lose the answer with it. So the rest is read and dropped while the answer goes out; past a bound the connection is
 * closed. The connection stays open for that, and may be used again when the body ends within the bound. A client that waits for `100 Continue` sends nothing and is closed right away.
 */
export function lingerAfterAnswer(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete || !hasBody(request)) return
  if (waiting.has(request)) {
    response.shouldKeepAlive = false
    return
  }
  let left = lingering.bytes
  const timer = setTimeout(() => request.destroy(), lingering.ms)
  timer.unref()
  const stop = (): void => clearTimeout(timer)
  request.on('data', (chunk: Uint8Array) => {
    left -= chunk.byteLength
    if (left < 0) request.destroy()
  })
  request.once('end', stop)
  request.once('close', stop)
  request.on('error', stop)
}
