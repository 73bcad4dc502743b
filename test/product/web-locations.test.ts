/** Locations on the web, as an operator sets them up: origins behind TLS with an authority of the house, through a server that is told of it by its configuration. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, createImage, eventually, showImage } from '../support/images.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const tlsFile = (name: string): string => new URL(`../support/tls/${name}`, import.meta.url).pathname
const data = randomBytes(1024 ** 2 + 3)

/** `/ranges` gives parts, `/whole` always everything, `/moved` leads to the first, `/inside` to an address that no location may reach. */
async function startOrigin(): Promise<Server> {
  const identity = { cert: readFileSync(tlsFile('origin.pem')), key: readFileSync(tlsFile('origin-key.pem')) }
  const server = createServer(identity, (request, response) => {
    const target = { '/moved': '/ranges', '/inside': 'https://169.254.169.254/latest/meta-data' }[request.url ?? '']
    if (target !== undefined) {
      response.writeHead(302, { location: target }).end()
      return
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    const isPart = request.url === '/ranges' && from !== undefined && to !== undefined
    const body = isPart ? data.subarray(Number(from), Number(to) + 1) : data
    response.writeHead(isPart ? 206 : 200, {
      'content-length': body.byteLength,
      ...(isPart && { 'content-range': `bytes ${from}-${Number(from) + body.byteLength - 1}/${data.byteLength}` }),
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** A server that shows locations and lets them point at this machine. */
function startWithWeb(authority: string | null): Promise<ServerProcess> {
  return startServer({
    env: {
      OS_DEFAULT__SHOW_MULTIPLE_LOCATIONS: 'true',
      OS_GLANCE_STORE__HTTP_STORE_ALLOW_PRIVATE_ADDRESSES: 'true',
      ...(authority !== null && { OS_GLANCE_STORE__HTTPS_CA_CERTIFICATES_FILE: authority }),
    },
  })
}

const ways = {
  PATCH: (server: ServerProcess, id: string, url: string) =>
    call(server, 'PATCH', `/v2/images/${id}`, {
      headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' },
      body: JSON.stringify([{ op: 'add', path: '/locations/-', value: { url, metadata: {} } }]),
    }),
  POST: (server: ServerProcess, id: string, url: string) =>
    call(server, 'POST', `/v2/images/${id}/locations`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url }),
    }),
} as const

describe('a location on an https origin with an authority of its own', () => {
  let origin: Server
  let url: string
  let server: ServerProcess

  beforeAll(async () => {
    origin = await startOrigin()
    url = `https://127.0.0.1:${(origin.address() as AddressInfo).port}`
    server = await startWithWeb(tlsFile('authority.pem'))
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    origin?.closeAllConnections()
    origin?.close()
  })

  it.each([
    ['PATCH', '/ranges', 'gives parts'],
    ['PATCH', '/whole', 'gives no parts'],
    ['PATCH', '/moved', 'has moved it'],
    ['POST', '/ranges', 'gives parts'],
    ['POST', '/whole', 'gives no parts'],
    ['POST', '/moved', 'has moved it'],
  ] as const)('added by %s at %s is downloaded whole and in part when the origin %s', async (way, path, _why) => {
    const { id } = await createImage(server)

    const added = await ways[way](server, id, url + path)
    const text = await added.text()
    await eventually('the image is active', async () => (await showImage(server, id)).status === 'active')

    expect([added.status, text]).toEqual([way === 'PATCH' ? 200 : 202, way === 'PATCH' ? expect.anything() : ''])
    const whole = await call(server, 'GET', `/v2/images/${id}/file`)
    expect(whole.status).toBe(200)
    expect(data.equals(await bytesOf(whole))).toBe(true)
    const part = await call(server, 'GET', `/v2/images/${id}/file`, { headers: { range: 'bytes=70000-900000' } })
    expect(part.status).toBe(206)
    expect(part.headers.get('content-range')).toBe(`bytes 70000-900000/${data.byteLength}`)
    expect(data.subarray(70_000, 900_001).equals(await bytesOf(part))).toBe(true)
  })

  it.each(['PATCH', 'POST'] as const)(
    'is refused by %s when it leads to an address that is not allowed',
    async (way) => {
      const { id } = await createImage(server)

      const added = await ways[way](server, id, `${url}/inside`)
      const text = await added.text()

      expect([added.status, text]).toEqual([400, expect.not.stringContaining('169.254')])
      expect(await showImage(server, id)).toMatchObject({ status: 'queued' })
    },
  )

  it('is refused by a server that knows nothing of the authority', async () => {
    await using stranger = await startWithWeb(null)
    const { id } = await createImage(stranger)

    const added = await ways.PATCH(stranger, id, `${url}/ranges`)

    expect(added.status).toBe(400)
    expect(await showImage(stranger, id)).toMatchObject({ status: 'queued' })
  })
})

async function bytesOf(answer: Response): Promise<Uint8Array> {
  return new Uint8Array(await answer.arrayBuffer())
}
