import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** Answers by `METHOD /path`: a status and a body. */
export type Answers = Readonly<Record<string, readonly [number, unknown]>>

/** Starts something that answers out of a table, and everything else with 401, until the end of the test. */
export async function anIdentityService(
  answers: Answers,
): Promise<{ readonly url: string; readonly bodies: unknown[] }> {
  const bodies: unknown[] = []
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString()
    if (text !== '') bodies.push(JSON.parse(text))
    const [status, body] = answers[`${request.method} ${request.url}`] ?? [401, {}]
    response.writeHead(status, { 'content-type': 'application/json' }).end(body === null ? '' : JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies }
}
