import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ImageClient } from '../../src/index.ts'
import { type NodeFetchOptions, nodeFetch } from '../../src/node/index.ts'
import { CERTIFICATE, KEY } from '../support/certificate.ts'
import { fakeService, rawService, sendJson } from '../support/fake-service.ts'
import { anImage, aSource } from '../support/make-image.ts'

function aClient(endpoint: string): ImageClient {
  return new ImageClient({ endpoint, token: 'secret', retry: null, fetch: nodeFetch() })
}

describe('nodeFetch', () => {
  it('hears the answer of a server that resets the connection before the next write', async () => {
    const answer = 'HTTP/1.1 409 Conflict\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\ntaken'
    const reset = Promise.withResolvers<void>()
    await using service = await rawService((socket) => {
      socket.write(answer, () => {
        socket.resetAndDestroy()
        // The source goes on in the same turn, so the client writes before it could have read.
        reset.resolve()
      })
    })
    async function* source(): AsyncGenerator<Uint8Array, void, void> {
      yield new Uint8Array(10)
      await reset.promise
      for (let n = 0; n < 1_000; n++) yield new Uint8Array(65_536)
    }

    const upload = aClient(service.endpoint).data.upload('a', source())

    await expect(upload).rejects.toMatchObject({ status: 409, message: 'taken' })
  })

  it('hears the answer of a server that closes with data unread', async () => {
    const answer = 'HTTP/1.1 409 Conflict\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\ntaken'
    await using service = await rawService((socket) => socket.write(answer, () => socket.destroy()))
    const client = aClient(service.endpoint)

    for (let round = 0; round < 10; round++) {
      const upload = client.data.upload('a', aSource(new Uint8Array(65_536), 500), { size: 32_768_000 })
      await expect(upload).rejects.toMatchObject({ status: 409, message: 'taken' })
    }
  })

  it('shares a kept-alive connection among reads', async () => {
    const ports = new Set<number | undefined>()
    await using service = await fakeService((_request, response) => {
      ports.add(response.socket?.remotePort)
      sendJson(response, 200, anImage())
    })
    const client = aClient(service.endpoint)

    await client.images.get('a')
    await client.images.get('b')

    expect(ports.size).toBe(1)
  })

  it('survives a status no Response can have', async () => {
    await using service = await rawService((socket) => socket.end('HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n'))

    await expect(aClient(service.endpoint).images.get('a')).rejects.toMatchObject({ name: 'ImageConnectionError' })
  })

  it('survives an answer that is not HTTP', async () => {
    await using service = await rawService((socket) => socket.end('SSH-2.0-OpenSSH\r\n'))

    await expect(aClient(service.endpoint).images.get('a')).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })
})

describe('nodeFetch over TLS', () => {
  async function getOver(options: NodeFetchOptions): Promise<string> {
    const server = createServer({ cert: CERTIFICATE, key: KEY }, (_request, response) =>
      sendJson(response, 200, anImage()),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const client = new ImageClient({ endpoint, retry: null, fetch: nodeFetch(options) })
    try {
      return (await client.images.get('a')).id
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }

  it('refuses a certificate nobody vouches for (OSSA-2013-018)', async () => {
    await expect(getOver({})).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('self-signed'),
    })
  })

  it.each([
    ['its authority', { ca: CERTIFICATE }],
    ['insecure', { insecure: true }],
  ])('accepts it with %s', async (_what, options) => {
    expect(await getOver(options)).toBe(anImage().id)
  })
})
