import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  /** Method and URL. */
  readonly line: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface FakeService extends AsyncDisposable {
  readonly endpoint: string
  readonly requests: SeenRequest[]
}

/** What to answer: JSON with 200, or whatever the function writes. */
export type Reply = object | ((response: ServerResponse, request: SeenRequest) => void)

/** An image service that knows the given `METHOD /path?query` lines and answers 404 to everything else. */
export async function fakeService(routes: Readonly<Record<string, Reply>>): Promise<FakeService> {
  const requests: SeenRequest[] = []
  const server = createServer(async (message, response) => {
    let body = ''
    try {
      for await (const chunk of message) body += chunk
    } catch {
      return // the client went away
    }
    const request = { line: `${message.method} ${message.url}`, headers: message.headers, body }
    requests.push(request)
    const reply = routes[request.line] ?? page(404, 'Not Found', `No image found with ID ${message.url?.split('/')[3]}`)
    if (typeof reply === 'function') reply(response, request)
    else json(200, reply)(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function json(status: number, body: unknown): (response: ServerResponse) => void {
  return (response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** An error page as the image service writes it. */
export function page(status: number, reason: string, message: string): (response: ServerResponse) => void {
  const text = `<html>\n <head>\n  <title>${status} ${reason}</title>\n </head>\n <body>\n  <h1>${status} ${reason}</h1>\n  ${message}<br /><br />\n </body>\n</html>`
  return (response) => void response.writeHead(status, { 'content-type': 'text/html; charset=UTF-8' }).end(text)
}

export function empty(response: ServerResponse): void {
  response.writeHead(204).end()
}

/** Image data. */
export function bytes(data: string): (response: ServerResponse) => void {
  return (response) => void response.writeHead(200, { 'content-length': String(data.length) }).end(data)
}
