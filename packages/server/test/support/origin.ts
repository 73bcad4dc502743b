import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Store } from '@glance/core'
import httpDriver from '@glance/driver-http'

/** A web server that gives the data a test puts there, and notes what it was asked for. */
export interface Origin extends AsyncDisposable {
  readonly url: string
  readonly data: Map<string, string>
  readonly requests: string[]
  /** Awaited before each answer. */
  before: () => void | Promise<void>
}

/** Starts one on a free port. */
export async function openOrigin(): Promise<Origin> {
  const data = new Map<string, string>()
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    await origin.before()
    const found = data.get(request.url ?? '')
    if (found === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-length': found.length }).end(request.method === 'HEAD' ? '' : found)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin: Origin = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    data,
    requests,
    before: () => {},
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return origin
}

/** A store of web addresses. @param options - of the http driver; by default addresses of this machine are allowed, too */
export function webStore(
  options: Readonly<Record<string, string>> = { http_store_allow_private_addresses: 'true' },
): Promise<Store> {
  return Store.open(httpDriver, options, { id: 'web' })
}
