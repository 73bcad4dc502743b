import { parseOptions } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { HttpDriver } from '../src/driver.ts'
import definition, { httpOptions } from '../src/index.ts'
import { bytesOf, failureOf, never, openDriver, whole } from './support/open-driver.ts'
import {
  type Answer,
  raw,
  routes,
  serving,
  servingChunked,
  servingWhole,
  someBytes,
  startOrigin,
  status,
} from './support/origin.ts'

const data = someBytes(300_000)
const refusingHead = (code: number, answer: Answer): Answer => {
  return (request, response) => (request.method === 'HEAD' ? status(code) : answer)(request, response)
}

describe('get', () => {
  it('reads the bytes and tells their number', async () => {
    const origin = await startOrigin(serving(data))
    const driver = await openDriver()

    const image = await driver.get(`${origin.url}/disk.img`, whole)

    expect(image.size).toBe(300_000)
    expect(await bytesOf(image)).toEqual(Buffer.from(data))
  })

  it('sends path and query as they stand, credentials as a header, and asks for no encoding', async () => {
    const origin = await startOrigin(serving(data))
    const driver = await openDriver()

    await driver.get(`http://me:p%40ss@127.0.0.1:${origin.port}/a/../b?x=%2F'#part`, whole)

    expect(origin.requests[0]?.url).toBe("/a/../b?x=%2F'")
    expect(origin.requests[0]?.headers).toMatchObject({
      'accept-encoding': 'identity',
      authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}`,
      host: `127.0.0.1:${origin.port}`,
    })
    expect(origin.requests[0]?.headers.range).toBeUndefined()
  })

  it('tells null for the size when the origin does not', async () => {
    const origin = await startOrigin(servingChunked(data))
    const driver = await openDriver()

    const image = await driver.get(`${origin.url}/x`, whole)

    expect(image.size).toBeNull()
    expect(await bytesOf(image)).toEqual(Buffer.from(data))
  })

  it('reads an empty image', async () => {
    const origin = await startOrigin(serving(new Uint8Array()))
    const driver = await openDriver()

    const image = await driver.get(`${origin.url}/x`, whole)

    expect(image.size).toBe(0)
    expect(await bytesOf(image)).toHaveLength(0)
  })

  describe.each([
    ['serves ranges', serving, true],
    ['ignores ranges', servingWhole, true],
    ['ignores ranges and tells no length', servingChunked, false],
    [
      'refuses ranges without a word',
      (bytes: Uint8Array): Answer =>
        (request, response) =>
          (request.headers.range ? status(416) : servingWhole(bytes))(request, response),
      true,
    ],
  ])('from an origin that %s', (_title, answer, tells) => {
    it.each([
      [0, 1],
      [1, 1],
      [100_000, 70_000],
      [65_536, 65_536],
      [299_999, 1],
      [299_990, 100],
      [100_000, null],
      [0, 300_000],
      [300_000, null],
      [300_000, 5],
      [400_000, null],
      [5, 0],
    ])('reads from offset %i a length of %s', async (offset, length) => {
      const origin = await startOrigin(answer(data))
      const driver = await openDriver()
      const expected = data.subarray(offset, length === null ? undefined : offset + length)

      const image = await driver.get(`${origin.url}/x`, { offset, length, signal: never })

      if (tells) expect(image.size).toBe(expected.byteLength)
      expect(await bytesOf(image)).toEqual(Buffer.from(expected))
    })
  })

  it('refuses a part that is not the one it asked for', async () => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(206, { 'content-range': 'bytes 0-4/300000' }).end(data.subarray(0, 5))
    })
    const driver = await openDriver()

    const error = await failureOf(driver.get(`${origin.url}/x`, { offset: 10, length: 5, signal: never }))

    expect(error.code).toBe('UNAVAILABLE')
  })

  it.each(['gzip', 'x-gzip', 'br', 'gzip, identity'])('refuses a body in the encoding %s', async (encoding) => {
    const origin = await startOrigin(status(200, { 'content-encoding': encoding }))
    const driver = await openDriver()

    expect(await failureOf(driver.get(`${origin.url}/x`, whole))).toMatchObject({ code: 'INVALID_LOCATION' })
    expect(await failureOf(driver.getSize(`${origin.url}/x`, { signal: never }))).toMatchObject({
      code: 'INVALID_LOCATION',
    })
  })

  it.each([
    ['fewer bytes than announced', raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345')],
    ['a reset within the body', raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345', 'reset')],
    ['chunks without an end', raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n')],
    ['a malformed chunk', raw('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\nzz\r\n')],
  ])('throws UNAVAILABLE from the body at %s', async (_title, answer) => {
    const origin = await startOrigin(answer)
    const driver = await openDriver()

    const error = await failureOf(driver.get(`${origin.url}/x`, whole).then(bytesOf))

    expect(error.code).toBe('UNAVAILABLE')
  })

  it.each([
    ['fewer', 'bytes 10-19/100', '12345'],
    ['more', 'bytes 10-19/100', '1234567890123'],
  ])('throws UNAVAILABLE when a chunked part has %s bytes than its range says', async (_title, range, body) => {
    const origin = await startOrigin((_request, response) => {
      response.writeHead(206, { 'content-range': range })
      response.end(body)
    })
    const driver = await openDriver()

    const image = await driver.get(`${origin.url}/x`, { offset: 10, length: 10, signal: never })

    expect(await failureOf(bytesOf(image))).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('takes bytes after the announced length for no part of this image or of the next answer', async () => {
    const origin = await startOrigin(
      routes({
        '/surplus': raw(
          'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
        ),
        '/next': serving(data),
      }),
    )
    const driver = await openDriver()

    const first = await driver.get(`${origin.url}/surplus`, whole).then(bytesOf)
    const next = await driver.get(`${origin.url}/next`, whole).then(bytesOf)

    expect(first.toString()).toBe('12345')
    expect(next).toEqual(Buffer.from(data))
  })

  it.each([
    [204, 'INVALID_LOCATION'],
    [400, 'INVALID_LOCATION'],
    [401, 'FORBIDDEN'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [410, 'NOT_FOUND'],
    [416, 'INVALID_LOCATION'],
    [500, 'UNAVAILABLE'],
    [503, 'UNAVAILABLE'],
  ])('makes %i a %s, without the body of the origin, the query or credentials', async (code, expected) => {
    const origin = await startOrigin(status(code))
    const driver = await openDriver()

    const error = await failureOf(driver.get(`http://me:secret@127.0.0.1:${origin.port}/x?token=secret`, whole))

    expect(error.code).toBe(expected)
    expect(error.message).not.toMatch(/secret|me:|body of the origin/)
  })

  it.each([
    ['nothing but an end', raw('')],
    ['a reset', raw('', 'reset')],
    ['no HTTP', raw('SSH-2.0-OpenSSH_9.9\r\n')],
    ['two lengths', raw('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345')],
    ['huge headers', status(200, { 'x-large': 'x'.repeat(20_000) })],
  ])('rejects with UNAVAILABLE when the origin answers with %s', async (_title, answer) => {
    const origin = await startOrigin(answer)
    const driver = await openDriver()

    expect(await failureOf(driver.get(`${origin.url}/x`, whole))).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('rejects with UNAVAILABLE when nobody listens', async () => {
    const driver = await openDriver()

    const error = await failureOf(driver.get('http://127.0.0.1:1/x', whole))

    expect(error).toMatchObject({ code: 'UNAVAILABLE', cause: { code: 'ECONNREFUSED' } })
  })

  it('rejects with TIMEOUT when no headers come', async () => {
    const origin = await startOrigin(() => {})
    const driver = await openDriver({ http_store_headers_timeout: '50ms' })

    expect(await failureOf(driver.get(`${origin.url}/x`, whole))).toMatchObject({ code: 'TIMEOUT' })
  })

  it('throws TIMEOUT from the body when it stands still', async () => {
    const origin = await startOrigin(raw('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345', 'keep'))
    const driver = await openDriver({ http_store_idle_timeout: '50ms' })

    expect(await failureOf(driver.get(`${origin.url}/x`, whole).then(bytesOf))).toMatchObject({ code: 'TIMEOUT' })
  })
})

describe('getSize', () => {
  it('asks with HEAD', async () => {
    const origin = await startOrigin(serving(data))
    const driver = await openDriver()

    expect(await driver.getSize(`${origin.url}/x`, { signal: never })).toBe(300_000)
    expect(origin.requests.map(({ method }) => method)).toEqual(['HEAD'])
  })

  it.each([
    [403, serving(data), 300_000],
    [405, serving(data), 300_000],
    [501, servingWhole(data), 300_000],
    [405, servingChunked(data), null],
    [405, serving(new Uint8Array()), 0],
  ])('asks for one byte when HEAD is refused with %i', async (code, answer, size) => {
    const origin = await startOrigin(refusingHead(code, answer))
    const driver = await openDriver()

    expect(await driver.getSize(`${origin.url}/x`, { signal: never })).toBe(size)
    expect(origin.requests.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=0-0'])
  })

  it('asks for one byte when the answer to HEAD tells no length', async () => {
    const origin = await startOrigin((request, response) => {
      if (request.method === 'HEAD') response.writeHead(200).end()
      else serving(data)(request, response)
    })
    const driver = await openDriver()

    expect(await driver.getSize(`${origin.url}/x`, { signal: never })).toBe(300_000)
  })

  it.each([
    [401, 'FORBIDDEN'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [500, 'UNAVAILABLE'],
  ])('makes %i a %s', async (code, expected) => {
    const origin = await startOrigin(status(code))
    const driver = await openDriver()

    expect(await failureOf(driver.getSize(`${origin.url}/x`, { signal: never }))).toMatchObject({ code: expected })
  })
})

describe('the definition', () => {
  it('names the driver, its schemes and what it can do', async () => {
    const driver = await openDriver()

    expect(definition).toMatchObject({ name: 'http', schemes: ['http', 'https'] })
    expect(definition.aliases).toContain('glance.store.http.Store')
    expect(driver.capabilities).toMatchObject({ add: false, delete: false, randomRead: true, setAcls: false })
    expect(driver.locationPrefixes).toEqual(['http://', 'https://'])
  })

  it('rejects add with READ_ONLY and delete with UNSUPPORTED', async () => {
    const driver = await openDriver()

    expect(await failureOf(driver.add())).toMatchObject({ code: 'READ_ONLY' })
    expect(await failureOf(driver.delete())).toMatchObject({ code: 'UNSUPPORTED' })
  })

  it.each([
    ['http_proxy_information', 'ftp:10.0.0.1:21'],
    ['http_proxy_information', 'http:me:hidden@:3128'],
    ['http_proxy_information', 'http:10.0.0.1:3128/hidden'],
    ['https_ca_certificates_file', '/nonexistent/authority.pem'],
    ['https_ca_certificates_file', new URL(import.meta.url).pathname],
    ['http_store_allowed_networks', '10.0.0.0/64'],
  ])('stops the start when %s is %s', async (option, value) => {
    const error = await failureOf(openDriver({ [option]: value }))

    expect(error.code).toBe('BAD_CONFIGURATION')
    expect(error.message).toContain(option)
    expect(error.message).not.toContain('hidden')
  })

  it('is safe without any option', () => {
    const { values } = parseOptions(httpOptions, {})

    expect(values).toMatchObject({ insecure: false, allowPrivateAddresses: false, maxRedirects: 4 })
  })

  it('does not open after an abort', async () => {
    const { values } = parseOptions(httpOptions, {})

    const opening = values === null ? Promise.resolve() : HttpDriver.open(values, { signal: AbortSignal.abort() })

    expect(await failureOf(opening)).toMatchObject({ code: 'ABORTED' })
  })
})
