import { once } from 'node:events'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { tlsFile } from '../../../test/support/fake-keystone.ts'
import { KeystoneConnection } from '../src/index.ts'
import { aConnection, aKeystone, never } from './support/sessions.ts'

const login = { method: 'POST', path: '/auth/tokens', body: { auth: 'correct horse' }, signal: never } as const

describe('KeystoneConnection', () => {
  it.each([
    ['http://keystone:5000', 'http://keystone:5000/v3'],
    ['http://keystone:5000/v3/', 'http://keystone:5000/v3'],
    ['https://cloud/identity', 'https://cloud/identity/v3'],
    ['https://cloud/identity/v2.0', 'https://cloud/identity/v3'],
  ])('takes %s for %s', (authUrl, url) => {
    expect(aConnection(authUrl).url).toBe(url)
  })

  it('refuses what cannot work with BAD_CONFIGURATION', () => {
    for (const options of [
      { authUrl: 'keystone' },
      { authUrl: 'ftp://keystone' },
      { authUrl: 'https://keystone', caFile: '/nonexistent/ca.pem' },
    ])
      expect(() => new KeystoneConnection(options)).toThrow(expect.objectContaining({ code: 'BAD_CONFIGURATION' }))
  })

  it('tries again while Keystone is away, as often as it may', async () => {
    const fake = await aKeystone()
    fake.faults.statuses.push(503, 502)
    expect(await aConnection(fake.url, { retries: 2 }).request(login)).toMatchObject({ status: 201 })

    fake.faults.statuses.push(503, 503)
    await expect(aConnection(fake.url, { retries: 1 }).request(login)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    })
    expect(fake.requests).toHaveLength(5)
  })

  it('does not repeat a request that made Keystone stumble', async () => {
    const fake = await aKeystone()
    fake.faults.statuses.push(500)

    await expect(aConnection(fake.url).request(login)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(fake.requests).toHaveLength(1)
  })

  it('ends with UNAVAILABLE when nobody listens, and UNEXPECTED when the answer is not of Keystone', async () => {
    const fake = await aKeystone()
    fake.faults.body = '<html>'
    await expect(aConnection(fake.url).request(login)).rejects.toMatchObject({ code: 'UNEXPECTED' })
    await fake.stop()
    await expect(aConnection(fake.url).request(login)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('shows nothing of an answer that is not HTTP', async () => {
    const odd = createServer((socket) =>
      socket.end('HTTP/1.1 201 Created\r\nx-subject-token: hidden\r\nno header\r\n\r\n'),
    )
    odd.listen(0, '127.0.0.1')
    await once(odd, 'listening')
    const address = odd.address()
    const port = typeof address === 'object' ? address?.port : 0

    const error: unknown = await aConnection(`http://127.0.0.1:${port}`, { retries: 0 })
      .request(login)
      .catch((reason: unknown) => reason)

    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('not proper HTTP') })
    expect(inspect(error, { depth: 9 })).not.toContain('hidden')
    odd.close()
  })

  it('waits no longer than it may for an answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    const connection = aConnection(`http://127.0.0.1:${port}`, { requestTimeoutMs: 50, retries: 0 })

    await expect(connection.request(login)).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true })
    await connection.close()
    silent.close()
  })

  it('leaves at once when the signal fires, also between two tries', async () => {
    const fake = await aKeystone()
    fake.faults.statuses.push(503, 503, 503, 503)
    const leaving = new AbortController()
    const call = aConnection(fake.url, { retryDelayMs: 60_000 }).request({ ...login, signal: leaving.signal })
    while (fake.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    leaving.abort()

    await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('checks the certificate of Keystone unless told otherwise', async () => {
    const fake = await aKeystone({ tls: true })

    await expect(aConnection(fake.url, { retries: 0 }).request(login)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('TLS with Keystone failed'),
    })
    const trusting = aConnection(fake.url, { caFile: tlsFile('authority.pem') })
    expect(await trusting.request(login)).toMatchObject({ status: 201 })
    expect(await aConnection(fake.url, { insecure: true }).request(login)).toMatchObject({ status: 201 })
  })

  it('shows its own certificate to a Keystone that wants one', async () => {
    const fake = await aKeystone({ tls: true, clients: true })
    const caFile = tlsFile('authority.pem')

    await expect(aConnection(fake.url, { caFile, retries: 0 }).request(login)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    const known = aConnection(fake.url, { caFile, certFile: tlsFile('origin.pem'), keyFile: tlsFile('origin-key.pem') })
    expect(await known.request(login)).toMatchObject({ status: 201 })
  })
})
