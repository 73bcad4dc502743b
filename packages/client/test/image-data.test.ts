import { describe, expect, it } from 'vitest'
import { type FetchLike, ImageClient } from '../src/index.ts'
import { nodeFetch } from '../src/node/index.ts'
import { fakeService, rawService, sendPage } from './support/fake-service.ts'
import { aSource, someBytes } from './support/make-image.ts'

const fetches: [string, FetchLike][] = [
  ['the built-in fetch', (url, init) => fetch(url, init)],
  ['nodeFetch', nodeFetch()],
]

const REFUSAL =
  'HTTP/1.1 413 Request Entity Too Large\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 7\r\n\r\ntoo big'

describe.each(fetches)('data.upload with %s', (_name, fetch) => {
  function aClient(endpoint: string): ImageClient {
    return new ImageClient({ endpoint, token: 'secret', retry: null, fetch })
  }

  it('announces a known size and is not chunked', async () => {
    await using service = await fakeService((_request, response) => response.writeHead(204).end())
    const seen: number[] = []

    await aClient(service.endpoint).data.upload('a', aSource(new Uint8Array(3).fill(7), 4), {
      size: 12,
      store: 'fast',
      onProgress: (bytes) => seen.push(bytes),
    })

    const [request] = service.requests
    expect(request).toMatchObject({ method: 'PUT', url: '/v2/images/a/file', body: Buffer.alloc(12, 7) })
    expect(request?.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '12',
      'x-openstack-image-size': '12',
      'x-image-meta-store': 'fast',
    })
    expect(request?.headers).not.toHaveProperty('transfer-encoding')
    expect(seen).toEqual([3, 6, 9, 12])
  })

  it('is chunked when the size is unknown', async () => {
    await using service = await fakeService((_request, response) => response.writeHead(204).end())

    await aClient(service.endpoint).data.upload('a', new Blob(['hello']).stream())

    expect(service.requests[0]?.headers['transfer-encoding']).toBe('chunked')
    expect(service.requests[0]?.headers).not.toHaveProperty('x-openstack-image-size')
    expect(String(service.requests[0]?.body)).toBe('hello')
  })

  it.each([
    ['bytes', someBytes(5)],
    ['a blob', new Blob([someBytes(5)])],
    ['no bytes at all', new Uint8Array(0)],
  ])('sends %s with their length', async (_what, source) => {
    await using service = await fakeService((_request, response) => response.writeHead(204).end())
    const size = source instanceof Blob ? source.size : source.byteLength

    await aClient(service.endpoint).data.upload('a', source)

    expect(service.requests[0]?.headers['content-length']).toBe(String(size))
    expect(service.requests[0]?.body.equals(someBytes(size))).toBe(true)
  })

  it('rejects with the status that arrives while data are being sent, and stops the source', async () => {
    await using service = await rawService((socket) => socket.write(REFUSAL))
    const source = aSource(new Uint8Array(65_536), 100_000)

    await expect(aClient(service.endpoint).data.upload('a', source, { size: 6_553_600_000 })).rejects.toMatchObject({
      status: 413,
      message: 'too big',
    })
    await expect.poll(() => source.cleanedUp).toBe(true)
  })

  it('rejects with the early status also when the source waits for its next chunk', async () => {
    await using service = await rawService((socket) => socket.end(REFUSAL))
    async function* stalls(): AsyncGenerator<Uint8Array, void, void> {
      yield new Uint8Array(10)
      await new Promise(() => {})
    }

    await expect(aClient(service.endpoint).data.upload('a', stalls())).rejects.toMatchObject({ status: 413 })
  })

  it('rejects with the error of the source', async () => {
    await using service = await fakeService((_request, response) => response.writeHead(204).end())
    const failure = new Error('disk on fire')
    async function* fails(): AsyncGenerator<Uint8Array, void, void> {
      yield new Uint8Array(10)
      throw failure
    }

    await expect(aClient(service.endpoint).data.upload('a', fails())).rejects.toBe(failure)
  })

  it.each([
    [11, 'image data have more than the announced 11 bytes'],
    [13, 'image data ended after 12 of 13 bytes'],
  ])('rejects a source of 12 bytes announced as %i', async (size, message) => {
    await using service = await fakeService((_request, response) => response.writeHead(204).end())

    await expect(
      aClient(service.endpoint).data.upload('a', aSource(new Uint8Array(3), 4), { size }),
    ).rejects.toMatchObject({ name: 'ImageDataError', code: 'SIZE_MISMATCH', message })
    expect(service.requests).toEqual([])
  })

  it('rejects with the reason of the signal and stops the source', async () => {
    await using service = await rawService(() => {})
    const controller = new AbortController()
    const source = aSource(new Uint8Array(1_000), 1_000_000)
    const onProgress = (bytes: number): void => {
      if (bytes > 10_000) controller.abort(new Error('enough'))
    }

    await expect(
      aClient(service.endpoint).data.upload('a', source, { signal: controller.signal, onProgress }),
    ).rejects.toThrow('enough')
    await expect.poll(() => source.cleanedUp).toBe(true)
  })

  it('rejects with LOST when the connection is cut without an answer', async () => {
    await using service = await rawService((socket) => socket.resetAndDestroy())

    await expect(
      aClient(service.endpoint).data.upload('a', aSource(new Uint8Array(65_536), 10_000)),
    ).rejects.toMatchObject({ name: 'ImageConnectionError', code: 'LOST' })
  })
})

describe.each(fetches)('data.download with %s', (_name, fetch) => {
  function aClient(endpoint: string): ImageClient {
    return new ImageClient({ endpoint, token: 'secret', retry: null, fetch })
  }

  it('gives size, MD5 and body', async () => {
    await using service = await fakeService((_request, response) => {
      response
        .writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': '5', 'content-md5': 'abc' })
        .end('hello')
    })

    const data = await aClient(service.endpoint).data.download('a', { prefer: ['fast', 'slow'] })

    expect(data).toMatchObject({ size: 5, contentMd5: 'abc', contentRange: null })
    expect(await new Response(data?.body).text()).toBe('hello')
    expect(service.requests[0]?.url).toBe('/v2/images/a/file?prefer=fast%2Cslow')
    expect(service.requests[0]?.headers['accept-encoding']).toBe('identity')
  })

  it('gives null when the image has no data', async () => {
    await using service = await fakeService((_request, response) => response.writeHead(204).end())

    expect(await aClient(service.endpoint).data.download('a')).toBeNull()
  })

  it.each([
    [{ offset: 2 }, 'bytes=2-'],
    [{ offset: 2, length: 3 }, 'bytes=2-4'],
    [{ length: 3 }, 'bytes=0-2'],
    [{ offset: -4 }, 'bytes=-4'],
  ])('asks for %o as %s', async (options, range) => {
    await using service = await fakeService((_request, response) => {
      response.writeHead(206, { 'content-range': 'bytes 2-4/9', 'content-length': '3' }).end('abc')
    })

    const data = await aClient(service.endpoint).data.download('a', options)

    expect(data?.contentRange).toBe('bytes 2-4/9')
    expect(service.requests[0]?.headers['range']).toBe(range)
    await data?.body.cancel()
  })

  it('refuses the whole image when a part was asked for', async () => {
    await using service = await fakeService((_request, response) => response.end('hello'))

    await expect(aClient(service.endpoint).data.download('a', { offset: 1 })).rejects.toMatchObject({
      code: 'UNEXPECTED_ANSWER',
    })
  })

  it('fails in the body when the data break off', async () => {
    await using service = await rawService((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello'),
    )

    const data = await aClient(service.endpoint).data.download('a')

    await expect(new Response(data?.body).text()).rejects.toMatchObject({ code: 'LOST', endpoint: service.endpoint })
  })

  it('fails in the body with the reason of the signal', async () => {
    await using service = await rawService((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello'),
    )
    const controller = new AbortController()

    const data = await aClient(service.endpoint).data.download('a', {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    })

    await expect(new Response(data?.body).text()).rejects.toThrow('enough')
  })

  it('rejects with the explanation of an error answer', async () => {
    await using service = await fakeService((_request, response) => sendPage(response, 403, 'Forbidden', 'deactivated'))

    await expect(aClient(service.endpoint).data.download('a')).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'deactivated',
    })
  })
})
