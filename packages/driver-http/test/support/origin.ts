import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Answers one request of a test. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** An HTTP server in this process, which behaves as badly as its test wants. */
export interface Origin {
  readonly port: number
  /** `http://127.0.0.1:port` (or https), without a slash at the end. */
  readonly url: string
  /** What was asked, in order. */
  readonly requests: IncomingMessage[]
  /** Connections in the order in which they came. */
  readonly sockets: Socket[]
}

/** Where the pre-made certificates lie. They are good for `origin.test` and 127.0.0.1, for a hundred years, and for nothing else. */
export function tlsFile(name: 'authority.pem' | 'origin.pem' | 'origin-key.pem'): string {
  return new URL(`tls/${name}`, import.meta.url).pathname
}

/** Starts an origin that lives until the end of the test. */
export async function startOrigin(answer: Answer, { tls = false, port = 0 } = {}): Promise<Origin> {
  const requests: IncomingMessage[] = []
  const sockets: Socket[] = []
  const listener: Answer = (request, response) => {
    requests.push(request)
    answer(request, response)
  }
  const server: Server = tls
    ? createTlsServer(
        { cert: readFileSync(tlsFile('origin.pem')), key: readFileSync(tlsFile('origin-key.pem')) },
        listener,
      )
    : createServer(listener)
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => {})))
  server.on('tlsClientError', () => {})
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port: bound } = server.address() as AddressInfo
  return { port: bound, url: `${tls ? 'https' : 'http'}://127.0.0.1:${bound}`, requests, sockets }
}

/** Serves data as it should be: ranges, 416 with the length, HEAD. */
export function serving(data: Uint8Array): Answer {
  return (request, response) => {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    if (first === undefined) {
      response.writeHead(200, { 'content-length': data.byteLength }).end(request.method === 'HEAD' ? undefined : data)
      return
    }
    const start = Number(first)
    if (start >= data.byteLength) {
      response.writeHead(416, { 'content-range': `bytes */${data.byteLength}` }).end()
      return
    }
    const end = Math.min(last ? Number(last) : data.byteLength - 1, data.byteLength - 1)
    const part = data.subarray(start, end + 1)
    response
      .writeHead(206, {
        'content-range': `bytes ${start}-${end}/${data.byteLength}`,
        'content-length': part.byteLength,
      })
      .end(part)
  }
}

/** Serves everything whatever is asked for, as origins without ranges do. */
export function servingWhole(data: Uint8Array): Answer {
  return (request, response) => {
    response.writeHead(200, { 'content-length': data.byteLength }).end(request.method === 'HEAD' ? undefined : data)
  }
}

/** Serves everything in chunks, without saying how much it is. */
export function servingChunked(data: Uint8Array): Answer {
  return (_request, response) => {
    response.writeHead(200)
    response.end(data)
  }
}

/** Answers with a status and some headers, and a body that must never show up anywhere. */
export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(code, headers).end('body of the origin')
  }
}

/** Writes text to the connection as it is, and then closes, resets or keeps it. */
export function raw(text: string, then: 'end' | 'reset' | 'keep' = 'end'): Answer {
  return (request) => {
    const { socket } = request
    socket.write(text, 'latin1', () => {
      if (then === 'end') socket.end()
      if (then === 'reset') socket.resetAndDestroy()
    })
  }
}

/** Answers by path; other paths are 404. */
export function routes(table: Readonly<Record<string, Answer>>): Answer {
  return (request, response) => (table[request.url ?? ''] ?? status(404))(request, response)
}

/** Bytes that differ at every offset a test looks at. */
export function someBytes(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8) * 7) & 255)
}
