import { describe, expect, it } from 'vitest'
import { AddressGuard, type Resolve } from '../src/address-guard.ts'
import { bytesOf, failureOf, never, openDriver, whole } from './support/open-driver.ts'
import { serving, someBytes, startOrigin } from './support/origin.ts'
import { startProxy } from './support/proxy.ts'

const closed = { allowPrivateAddresses: false, allowedNetworks: [] }
const data = someBytes(100)

/** Names with their addresses; others are not found. Counts how often each was looked up. */
function names(table: Readonly<Record<string, readonly string[]>>): Resolve & { readonly asked: string[] } {
  const asked: string[] = []
  const resolve: Resolve = async (hostname) => {
    asked.push(hostname)
    const addresses = table[hostname]
    if (addresses === undefined) throw Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
  return Object.assign(resolve, { asked })
}

describe('AddressGuard', () => {
  it.each([
    ['8.8.8.8', closed, true],
    ['10.0.0.1', closed, false],
    ['::ffff:10.0.0.1', closed, false],
    ['nonsense', closed, false],
    ['10.0.0.1', { ...closed, allowPrivateAddresses: true }, true],
    ['::1', { ...closed, allowPrivateAddresses: true }, true],
    ['169.254.169.254', { ...closed, allowPrivateAddresses: true }, false],
    ['64:ff9b::a00:1', { ...closed, allowPrivateAddresses: true }, false],
    ['fd00:ec2::254', { ...closed, allowPrivateAddresses: true }, false],
    ['10.20.1.1', { ...closed, allowedNetworks: ['10.20.0.0/16'] }, true],
    ['::ffff:10.20.1.1', { ...closed, allowedNetworks: ['10.20.0.0/16'] }, true],
    ['10.21.1.1', { ...closed, allowedNetworks: ['10.20.0.0/16'] }, false],
    ['169.254.10.1', { ...closed, allowedNetworks: ['169.254.10.0/24'] }, true],
  ])('for %s under %j answers %s', (address, rules, allowed) => {
    expect(new AddressGuard(rules).allows(address)).toBe(allowed)
  })

  it('stops the start at a malformed network', () => {
    expect(() => new AddressGuard({ ...closed, allowedNetworks: ['10.0.0.0/8', 'intranet'] })).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIGURATION', message: expect.stringContaining('"intranet"') }),
    )
  })
})

describe('an http store with the guard up', () => {
  it.each([
    'http://127.0.0.1/x',
    'http://2130706433/x',
    'http://0x7f000001/x',
    'http://0177.0.0.1/x',
    'http://127.1/x',
    'http://%31%32%37.0.0.1/x',
    'http://127.0.0.1./x',
    'http://１２７.0.0.1/x',
    'http://0/x',
    'http://[::1]/x',
    'http://[::]/x',
    'http://[::ffff:127.0.0.1]/x',
    'http://[::ffff:7f00:1]/x',
    'http://[0:0:0:0:0:ffff:7f00:0001]/x',
    'http://[::127.0.0.1]/x',
    'http://[64:ff9b::127.0.0.1]/x',
    'http://[2002:7f00:1::]/x',
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]/x',
    'https://10.0.0.1/x',
    'http://user:hidden@192.168.0.1/x',
  ])('refuses %s', async (location) => {
    const driver = await openDriver({ http_store_allowed_networks: '' })

    for (const work of [driver.get(location, whole), driver.getSize(location, whole)]) {
      const error = await failureOf(work)
      expect(error.code).toBe('INVALID_LOCATION')
      expect(error.message).not.toContain('hidden')
    }
  })

  it.each([
    'localhost',
    'localhost.',
    'LOCALHOST',
    'intranet.example',
    'mixed.example',
    'six.example',
    'empty.example',
    '%6cocalhost',
  ])('refuses the name %s without telling its addresses', async (name) => {
    const resolve = names({
      localhost: ['127.0.0.1'],
      'localhost.': ['127.0.0.1'],
      'intranet.example': ['10.1.2.3'],
      'mixed.example': ['8.8.8.8', '10.1.2.3'],
      'six.example': ['fe80::1%eth0'],
      'empty.example': [],
    })
    const driver = await openDriver({ http_store_allowed_networks: '' }, resolve)

    const error = await failureOf(driver.get(`http://${name}/x`, whole))

    expect(error.code).toBe('INVALID_LOCATION')
    expect(error.message).not.toMatch(/\d/)
  })

  it('connects to the address that was checked, though the name has another one by then', async () => {
    const origin = await startOrigin(serving(data))
    const answers = [['127.0.0.1'], ['169.254.169.254']]
    const resolve: Resolve = async () => (answers.shift() ?? []).map((address) => ({ address, family: 4 }))
    const driver = await openDriver({}, resolve)

    const image = await driver.get(`http://rebind.example:${origin.port}/x`, whole)

    expect(await bytesOf(image)).toEqual(Buffer.from(data))
    expect(answers).toHaveLength(1)
    expect(origin.requests[0]?.headers.host).toBe(`rebind.example:${origin.port}`)
  })

  it('checks again when a name that was allowed is connected to anew', async () => {
    const origin = await startOrigin((request, response) => {
      response.setHeader('connection', 'close')
      serving(data)(request, response)
    })
    const answers = [['127.0.0.1'], ['169.254.169.254']]
    const resolve: Resolve = async () => (answers.shift() ?? []).map((address) => ({ address, family: 4 }))
    const driver = await openDriver({}, resolve)
    const location = `http://rebind.example:${origin.port}/x`

    await bytesOf(await driver.get(location, whole))

    expect(await failureOf(driver.get(location, whole))).toMatchObject({ code: 'INVALID_LOCATION' })
  })

  it('tries the other addresses of a name when the first one does not answer', async () => {
    const origin = await startOrigin(serving(data))
    const driver = await openDriver({}, names({ 'two.example': ['127.0.0.2', '127.0.0.1'] }))

    const image = await driver.get(`http://two.example:${origin.port}/x`, whole)

    expect(await bytesOf(image)).toEqual(Buffer.from(data))
  })

  it('rejects with UNAVAILABLE when the name is not found', async () => {
    const driver = await openDriver({}, names({}))

    expect(await failureOf(driver.get('http://nobody.example/x', whole))).toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('ends a look-up that does not come back with the connect time-out', async () => {
    const driver = await openDriver({ http_store_connect_timeout: '50ms' }, () => new Promise(() => {}))

    expect(await failureOf(driver.get('http://slow.example/x', whole))).toMatchObject({ code: 'TIMEOUT' })
  })
})

describe('the guard behind a proxy', () => {
  const resolve = names({ 'intranet.example': ['10.1.2.3'] })

  it.each([
    'http://127.0.0.1/x',
    'http://0x7f.1/x',
    'http://[::ffff:10.0.0.1]/x',
    'http://localhost/x',
    'http://a.localhost./x',
    'http://intranet.example/x',
  ])('refuses %s before the proxy hears of it', async (location) => {
    const proxy = await startProxy()
    const driver = await openDriver(
      { http_store_allowed_networks: '', http_proxy_information: `http:${proxy.address}` },
      resolve,
    )

    expect(await failureOf(driver.get(location, whole))).toMatchObject({ code: 'INVALID_LOCATION' })
    expect(proxy.requests).toEqual([])
  })

  it('lets the proxy look up a name that is unknown here', async () => {
    const origin = await startOrigin(serving(data))
    const proxy = await startProxy()
    const driver = await openDriver({ http_proxy_information: `http:${proxy.address}` }, names({}))

    const image = await driver.get(`http://outside.example:${origin.port}/x`, whole)

    expect(await bytesOf(image)).toEqual(Buffer.from(data))
    expect(proxy.requests).toEqual([`GET http://outside.example:${origin.port}/x`])
  })

  it('ends a look-up that does not come back with the connect time-out or the abort', async () => {
    const proxy = await startProxy()
    const driver = await openDriver(
      { http_proxy_information: `http:${proxy.address}`, http_store_connect_timeout: '50ms' },
      () => new Promise(() => {}),
    )

    expect(await failureOf(driver.getSize('http://slow.example/x', { signal: never }))).toMatchObject({
      code: 'TIMEOUT',
    })
    expect(await failureOf(driver.getSize('http://slow.example/x', { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'ABORTED',
    })
  })
})
