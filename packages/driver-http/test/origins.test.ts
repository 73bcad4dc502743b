import { describe, expect, it } from 'vitest'
import { bytesOf, failureOf, never, openDriver, whole } from './support/open-driver.ts'
import { serving, someBytes, startOrigin, tlsFile } from './support/origin.ts'
import { startProxy } from './support/proxy.ts'

const data = someBytes(1000)
const authority = tlsFile('authority.pem')

describe('https', () => {
  it('is refused with UNAVAILABLE when the certificate is of no known authority, unlike in Glance', async () => {
    const origin = await startOrigin(serving(data), { tls: true })
    const driver = await openDriver()

    const error = await failureOf(driver.get(`${origin.url}/x`, whole))

    expect(error.code).toBe('UNAVAILABLE')
    expect(error.message).toContain('certificate')
    expect(origin.requests).toHaveLength(0)
  })

  it('is checked against the authorities of the file', async () => {
    const origin = await startOrigin(serving(data), { tls: true })
    const driver = await openDriver({ https_ca_certificates_file: authority })

    expect(await driver.get(`${origin.url}/x`, whole).then(bytesOf)).toEqual(Buffer.from(data))
  })

  it.each([
    ['origin.test', null],
    ['other.test', 'UNAVAILABLE'],
  ])('to the name %s ends with %s', async (name, code) => {
    const origin = await startOrigin(serving(data), { tls: true })
    const resolve = async () => [{ address: '127.0.0.1', family: 4 as const }]
    const driver = await openDriver({ https_ca_certificates_file: authority }, resolve)

    const outcome = await driver.getSize(`https://${name}:${origin.port}/x`, { signal: never }).then(
      () => null,
      (error) => error.code,
    )

    expect(outcome).toBe(code)
  })

  it('takes any certificate when https_insecure is on', async () => {
    const origin = await startOrigin(serving(data), { tls: true })
    const driver = await openDriver({ https_insecure: 'true' })

    expect(await driver.getSize(`${origin.url}/x`, { signal: never })).toBe(1000)
  })

  it('ignores https_insecure when there is a file of authorities', async () => {
    const origin = await startOrigin(serving(data), { tls: true })
    const resolve = async () => [{ address: '127.0.0.1', family: 4 as const }]
    const driver = await openDriver({ https_insecure: 'true', https_ca_certificates_file: authority }, resolve)

    const error = await failureOf(driver.getSize(`https://other.test:${origin.port}/x`, { signal: never }))

    expect(error.code).toBe('UNAVAILABLE')
  })

  it('to a server without TLS is UNAVAILABLE', async () => {
    const origin = await startOrigin(serving(data))
    const driver = await openDriver()

    const error = await failureOf(driver.getSize(`https://127.0.0.1:${origin.port}/x`, { signal: never }))

    expect(error.code).toBe('UNAVAILABLE')
  })
})

describe('proxies', () => {
  it('carry http as it is, with the credentials of the location', async () => {
    const origin = await startOrigin(serving(data))
    const proxy = await startProxy()
    const driver = await openDriver({ http_proxy_information: `http:${proxy.address}` })

    const image = await driver.get(`http://me:secret@127.0.0.1:${origin.port}/x`, whole)

    expect(await bytesOf(image)).toEqual(Buffer.from(data))
    expect(proxy.requests).toEqual([`GET http://127.0.0.1:${origin.port}/x`])
    expect(origin.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`)
  })

  it('carry https through a tunnel, and the certificate is still checked', async () => {
    const origin = await startOrigin(serving(data), { tls: true })
    const proxy = await startProxy()
    const options = { http_proxy_information: `https:${proxy.address}` }
    const driver = await openDriver({ ...options, https_ca_certificates_file: authority })
    const strict = await openDriver(options)

    const image = await driver.get(`${origin.url}/x`, whole)

    expect(await bytesOf(image)).toEqual(Buffer.from(data))
    expect(proxy.requests).toEqual([`CONNECT 127.0.0.1:${origin.port}`])
    expect(await failureOf(strict.getSize(`${origin.url}/x`, { signal: never }))).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it.each(['http', 'https'] as const)('get the user and password of their own option for %s', async (scheme) => {
    const origin = await startOrigin(serving(data), { tls: scheme === 'https' })
    const proxy = await startProxy()
    const driver = await openDriver({
      http_proxy_information: `${scheme}:http://me:secret@${proxy.address}`,
      https_ca_certificates_file: authority,
    })

    await driver.getSize(`${origin.url}/x`, { signal: never })

    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('me:secret').toString('base64')}`])
  })

  it('serve only their own scheme', async () => {
    const origin = await startOrigin(serving(data))
    const proxy = await startProxy()
    const driver = await openDriver({ http_proxy_information: `https:${proxy.address}` })

    expect(await driver.getSize(`${origin.url}/x`, { signal: never })).toBe(1000)
    expect(proxy.requests).toEqual([])
  })

  it.each(['http', 'https'])('that are away make a call of %s UNAVAILABLE', async (scheme) => {
    const driver = await openDriver({ http_proxy_information: `${scheme}:127.0.0.1:1` })

    const error = await failureOf(driver.getSize(`${scheme}://127.0.0.1:2/x`, { signal: never }))

    expect(error.code).toBe('UNAVAILABLE')
  })

  it('that refuse the tunnel make the call UNAVAILABLE', async () => {
    const proxy = await startProxy({ tunnelStatus: 403 })
    const driver = await openDriver({ http_proxy_information: `https:${proxy.address}` })

    const error = await failureOf(driver.getSize('https://127.0.0.1:2/x', { signal: never }))

    expect(error.code).toBe('UNAVAILABLE')
  })
})
