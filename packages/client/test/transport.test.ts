import { describe, expect, it } from 'vitest'
import { ImageClient, type ImageClientOptions, type TrafficEvent } from '../src/index.ts'
import { fakeService, rawService, sendJson, sendPage } from './support/fake-service.ts'
import { anImage } from './support/make-image.ts'

function aClient(endpoint: string, options: Partial<ImageClientOptions> = {}): ImageClient {
  return new ImageClient({ endpoint, token: 'secret', retry: null, ...options })
}

/** Tries thrice and notes the waits instead of waiting. */
function aRetry(waits: number[]): NonNullable<ImageClientOptions['retry']> {
  return { attempts: 3, delayMs: (attempt) => attempt * 10, sleep: async (ms) => void waits.push(ms) }
}

describe('retry', () => {
  it('tries a GET again after 503 and returns the first good answer', async () => {
    const waits: number[] = []
    await using service = await fakeService((_request, response, number) => {
      if (number < 3) sendPage(response, 503, 'Service Unavailable', 'busy')
      else sendJson(response, 200, anImage())
    })

    const image = await aClient(service.endpoint, { retry: aRetry(waits) }).images.get('a')

    expect(image.name).toBe('cirros')
    expect(waits).toEqual([10, 20])
  })

  it('gives up after the last try with its error', async () => {
    const waits: number[] = []
    await using service = await fakeService((_request, response) =>
      sendPage(response, 503, 'Service Unavailable', 'busy'),
    )

    await expect(aClient(service.endpoint, { retry: aRetry(waits) }).images.get('a')).rejects.toMatchObject({
      status: 503,
    })
    expect(service.requests).toHaveLength(3)
  })

  it('tries a refused connection again and then names endpoint and cause', async () => {
    const waits: number[] = []
    const service = await fakeService(() => {})
    await service[Symbol.asyncDispose]()

    await expect(aClient(service.endpoint, { retry: aRetry(waits) }).images.get('a')).rejects.toMatchObject({
      name: 'ImageConnectionError',
      code: 'UNREACHABLE',
      endpoint: service.endpoint,
      message: expect.stringMatching(`^cannot reach ${service.endpoint}: .*ECONNREFUSED`),
      cause: expect.any(Error),
    })
    expect(waits).toEqual([10, 20])
  })

  it.each(['create', 'delete'] as const)('never sends a %s twice', async (call) => {
    const waits: number[] = []
    await using service = await fakeService((_request, response) =>
      sendPage(response, 503, 'Service Unavailable', 'busy'),
    )
    const { images } = aClient(service.endpoint, { retry: aRetry(waits) })

    await expect(call === 'create' ? images.create() : images.delete('a')).rejects.toMatchObject({ status: 503 })
    expect(service.requests).toHaveLength(1)
  })

  it('does not repeat other errors', async () => {
    await using service = await fakeService((_request, response) =>
      sendPage(response, 500, 'Internal Server Error', 'oops'),
    )

    await expect(aClient(service.endpoint, { retry: aRetry([]) }).images.get('a')).rejects.toMatchObject({
      status: 500,
    })
    expect(service.requests).toHaveLength(1)
  })

  it('stops waiting when the signal fires', async () => {
    const controller = new AbortController()
    await using service = await fakeService((_request, response) => {
      sendPage(response, 503, 'Service Unavailable', 'busy')
      response.on('close', () => setImmediate(() => controller.abort(new Error('enough'))))
    })
    const client = aClient(service.endpoint, { retry: { attempts: 2, delayMs: () => 3_600_000 } })

    await expect(client.images.get('a', { signal: controller.signal })).rejects.toThrow('enough')
  })
})

describe('token', () => {
  it('asks a function for each call and once more after a 401', async () => {
    const asked: (string | null)[] = []
    await using service = await fakeService((request, response) => {
      if (request.headers['x-auth-token'] === 'old') sendPage(response, 401, 'Unauthorized', 'expired')
      else sendJson(response, 200, anImage())
    })
    const client = aClient(service.endpoint, {
      token: async ({ refused }) => {
        asked.push(refused)
        return refused === null ? 'old' : 'new'
      },
    })

    await client.images.get('a')

    expect(asked).toEqual([null, 'old'])
  })

  it('gives up when the function has no better token', async () => {
    await using service = await fakeService((_request, response) => sendPage(response, 401, 'Unauthorized', 'expired'))

    await expect(aClient(service.endpoint, { token: () => 'same' }).images.get('a')).rejects.toMatchObject({
      status: 401,
    })
    expect(service.requests).toHaveLength(1)
  })

  it('sends none when there is none', async () => {
    await using service = await fakeService((_request, response) => sendJson(response, 200, anImage()))

    await new ImageClient({ endpoint: service.endpoint }).images.get('a')

    expect(service.requests[0]?.headers).not.toHaveProperty('x-auth-token')
  })

  it('is not repeated in the error when it cannot travel', async () => {
    const error = await aClient('http://127.0.0.1:1', { token: 'hun\nter2' }).images.get('a').catch(String)

    expect(error).toContain('TypeError')
    expect(error).not.toContain('ter2')
  })
})

describe('Transport', () => {
  it('does not follow a redirect, which would carry the token elsewhere', async () => {
    await using other = await fakeService((_request, response) => sendJson(response, 200, anImage()))
    await using service = await fakeService((_request, response) =>
      response.writeHead(302, { location: `${other.endpoint}/v2/images/a` }).end(),
    )

    await expect(aClient(service.endpoint).images.get('a')).rejects.toMatchObject({
      status: 302,
      message: `redirects to ${other.endpoint}/v2/images/a are not followed`,
    })
    expect(other.requests).toEqual([])
  })

  it('fails with TIMEOUT when the service is silent', async () => {
    await using service = await fakeService(() => {})

    await expect(aClient(service.endpoint, { timeoutMs: 30 }).images.get('a')).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: `no answer from ${service.endpoint}: silent for 0.03 s`,
    })
  })

  it('fails with TIMEOUT when an answer stalls half-way', async () => {
    await using service = await rawService((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id"'),
    )

    await expect(aClient(service.endpoint, { timeoutMs: 30 }).images.get('a')).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
  })

  it('fails with LOST when an answer breaks off', async () => {
    await using service = await rawService((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id"'),
    )

    await expect(aClient(service.endpoint).images.get('a')).rejects.toMatchObject({
      name: 'ImageConnectionError',
      code: 'LOST',
      endpoint: service.endpoint,
    })
  })

  it('tells an observer of requests and answers, without the token', async () => {
    const events: TrafficEvent[] = []
    await using service = await fakeService((_request, response) => sendJson(response, 201, anImage()))

    await aClient(service.endpoint, {
      observe: (event) => events.push(event),
      userAgent: 'me/1',
      requestId: 'req-me',
    }).images.create({ name: 'n' })

    expect(events).toMatchObject([
      {
        type: 'request',
        method: 'POST',
        body: '{"name":"n"}',
        headers: { 'user-agent': 'me/1', 'x-openstack-request-id': 'req-me' },
      },
      { type: 'response', status: 201, headers: { 'x-openstack-request-id': 'req-42' } },
    ])
    expect(JSON.stringify(events)).not.toContain('secret')
    expect(service.requests[0]?.headers).toMatchObject({ 'user-agent': 'me/1', 'x-openstack-request-id': 'req-me' })
  })
})
