import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A forward proxy in this process. */
export interface Proxy {
  /** host:port, as the option wants it. */
  readonly address: string
  /** First lines of the requests it got. */
  readonly requests: string[]
  /** The Proxy-Authorization header of each request. */
  readonly authorizations: (string | undefined)[]
}

/** Starts a proxy that connects every name to 127.0.0.1, and answers CONNECT with `tunnelStatus`. */
export async function startProxy({ tunnelStatus = 200 } = {}): Promise<Proxy> {
  const requests: string[] = []
  const authorizations: (string | undefined)[] = []
  const sockets: Socket[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    authorizations.push(request.headers['proxy-authorization'])
    const { port, pathname } = new URL(request.url ?? '')
    send({ host: '127.0.0.1', port, path: pathname, method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    }).end()
  })
  server.on('connection', (socket: Socket) => sockets.push(socket))
  server.on('connect', (request, client) => {
    requests.push(`${request.method} ${request.url}`)
    authorizations.push(request.headers['proxy-authorization'])
    if (tunnelStatus !== 200) {
      client.end(`HTTP/1.1 ${tunnelStatus} no\r\n\r\n`)
      return
    }
    const [, port] = (request.url ?? '').split(':')
    const upstream = connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 connected\r\n\r\n')
      upstream.pipe(client)
      client.pipe(upstream)
    })
    upstream.on('error', () => client.destroy())
    client.on('error', () => upstream.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests, authorizations }
}
