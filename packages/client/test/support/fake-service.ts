/**
 * An image service that does what a test tells it, over real sockets.
 *
 * `fakeService` answers each request by the handler; `rawService` hands over the naked connection once the request's
 * head has come, for everything an HTTP library would refuse to do.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createRawServer, type Server as RawServer, type Socket } from 'node:net'

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  /** Everything sent, once it has come. */
  readonly body: Buffer
}

export interface FakeService extends AsyncDisposable {
  readonly endpoint: string
  readonly requests: SeenRequest[]
}

export type Handler = (request: SeenRequest, response: ServerResponse, number: number) => void

/** `handler` runs when the whole request is in; `number` counts from 1. */
export async function fakeService(handler: Handler): Promise<FakeService> {
  const requests: SeenRequest[] = []
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of message) chunks.push(chunk)
    } catch {
      return // the client went away, which is its right
    }
    const { method = '', url = '', headers } = message
    const seen = { method, url, headers, body: Buffer.concat(chunks) }
    requests.push(seen)
    handler(seen, response, requests.length)
  })
  const endpoint = await listen(server)
  return { endpoint, requests, [Symbol.asyncDispose]: () => close(server, () => server.closeAllConnections()) }
}

/** `handler` runs once per connection, when at least the head of the request is in. */
export async function rawService(handler: (socket: Socket, head: string) => void): Promise<FakeService> {
  const sockets = new Set<Socket>()
  const server = createRawServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    let head = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      if (head.includes('\r\n\r\n')) return
      head += chunk.toString('latin1')
      if (head.includes('\r\n\r\n')) handler(socket, head)
    })
  })
  const endpoint = await listen(server)
  const stop = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return { endpoint, requests: [], [Symbol.asyncDispose]: () => close(server, stop) }
}

async function listen(server: Server | RawServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function close(server: Server | RawServer, dropConnections: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    dropConnections()
  })
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-openstack-request-id': 'req-42' })
  response.end(JSON.stringify(body))
}

/** An error page as the image service writes it. */
export function sendPage(response: ServerResponse, status: number, reason: string, message: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=UTF-8', 'x-openstack-request-id': 'req-42' })
  response.end(
    `<html>\n <head>\n  <title>${status} ${reason}</title>\n </head>\n <body>\n  <h1>${status} ${reason}</h1>\n  ${message}<br /><br />\n\n\n </body>\n</html>`,
  )
}
