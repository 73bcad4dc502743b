import { describe, expect, it } from 'vitest'
import { parseLocation } from '../src/location.ts'
import { redirectTarget } from '../src/redirects.ts'
import { bytesOf, failureOf, never, openDriver, whole } from './support/open-driver.ts'
import { type Answer, routes, serving, someBytes, startOrigin, status } from './support/origin.ts'

const data = someBytes(1000)
const to = (location: string, code = 302): Answer => status(code, { location })

/** `/4` needs four redirects to the data, and so on. */
const chain = routes({
  '/0': serving(data),
  '/1': to('/0'),
  '/2': to('/1'),
  '/3': to('/2'),
  '/4': to('/3'),
  '/5': to('/4'),
})

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('follows a relative %i for GET and HEAD', async (code) => {
    const origin = await startOrigin(routes({ '/a/old': to('../new?q=1', code), '/new?q=1': serving(data) }))
    const driver = await openDriver()

    const image = await driver.get(`${origin.url}/a/old`, whole)
    const size = await driver.getSize(`${origin.url}/a/old`, { signal: never })

    expect(await bytesOf(image)).toEqual(Buffer.from(data))
    expect(size).toBe(1000)
    expect(origin.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'HEAD', 'HEAD'])
  })

  it('asks the target for the same range', async () => {
    const origin = await startOrigin(routes({ '/old': to('/new'), '/new': serving(data) }))
    const driver = await openDriver()

    const image = await driver.get(`${origin.url}/old`, { offset: 10, length: 5, signal: never })

    expect(await bytesOf(image)).toEqual(Buffer.from(data.subarray(10, 15)))
  })

  it('keeps the query of the target letter by letter (Launchpad bug 1633860)', async () => {
    const query = "/disk.img?sig=a%2Fb'c|d&x=%41"
    const origin = await startOrigin(serving(data))
    const first = await startOrigin(to(`${origin.url}${query}`))
    const driver = await openDriver()

    await driver.get(`${first.url}/?gone=1`, whole)

    expect(origin.requests[0]?.url).toBe(query)
  })

  it('follows four redirects and no more, as Glance does', async () => {
    const origin = await startOrigin(chain)
    const driver = await openDriver()

    const image = await driver.get(`${origin.url}/4`, whole)

    expect(image.size).toBe(1000)
    expect(await failureOf(driver.get(`${origin.url}/5`, whole))).toMatchObject({ code: 'INVALID_LOCATION' })
  })

  it('follows as many as the option says', async () => {
    const origin = await startOrigin(chain)
    const none = await openDriver({ http_store_max_redirects: '0' })
    const five = await openDriver({ http_store_max_redirects: '5' })

    expect(await failureOf(none.getSize(`${origin.url}/1`, { signal: never }))).toMatchObject({
      code: 'INVALID_LOCATION',
    })
    expect(await five.getSize(`${origin.url}/5`, { signal: never })).toBe(1000)
  })

  it('gives up a loop', async () => {
    const origin = await startOrigin(to('/again'))
    const driver = await openDriver()

    expect(await failureOf(driver.get(`${origin.url}/again`, whole))).toMatchObject({ code: 'INVALID_LOCATION' })
    expect(origin.requests).toHaveLength(5)
  })

  it('does not wait for the end of a redirect that has a body', async () => {
    const origin = await startOrigin(
      routes({
        '/old': (_request, response) => {
          response.writeHead(302, { location: '/new', 'content-length': 1_000_000 }).write('never more than this')
        },
        '/new': serving(data),
      }),
    )
    const driver = await openDriver()

    const image = await driver.get(`${origin.url}/old`, whole)

    expect(await bytesOf(image)).toHaveLength(1000)
  })

  it.each([
    ['http://169.254.169.254/latest/meta-data'],
    ['http://2852039166/latest/meta-data'],
    ['//[::ffff:10.0.0.1]/x'],
    ['http://0x0a000001/x'],
    ['file:///etc/passwd'],
    ['ftp://127.0.0.1/x'],
    ['gopher://127.0.0.1/x'],
    ['http://a:b:c@127.0.0.1/x'],
    ['http://127.0.0.1:99999/x'],
    ['http://127.0.0.1\\@10.0.0.1/'],
  ])('refuses one that leads to %s', async (target) => {
    const origin = await startOrigin(to(target))
    const driver = await openDriver()

    const error = await failureOf(driver.get(`${origin.url}/x`, whole))

    expect(error.code).toBe('INVALID_LOCATION')
    expect(error.message).not.toMatch(/passwd|meta-data|169|10\.0/)
  })

  it.each([
    [300, {}],
    [302, {}],
    [304, {}],
    [305, { location: '/x' }],
  ])('rejects %i that is no redirect with INVALID_LOCATION', async (code, headers) => {
    const origin = await startOrigin(status(code, headers))
    const driver = await openDriver()

    expect(await failureOf(driver.get(`${origin.url}/x`, whole))).toMatchObject({ code: 'INVALID_LOCATION' })
  })

  it('gives credentials to the server they were written for, and to no other', async () => {
    const other = await startOrigin(serving(data))
    const origin = await startOrigin(routes({ '/old': to('/new'), '/new': to(`${other.url}/x`) }))
    const driver = await openDriver()

    await driver.get(`http://me:secret@127.0.0.1:${origin.port}/old`, whole)

    const expected = `Basic ${Buffer.from('me:secret').toString('base64')}`
    expect(origin.requests.map(({ headers }) => headers.authorization)).toEqual([expected, expected])
    expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined])
  })
})

describe('redirectTarget', () => {
  const rules = { maxRedirects: 4, allowHttpsToHttp: false }
  const from = parseLocation('https://me:secret@host.example/a')

  it.each([
    ['/b', true],
    ['https://host.example/b', true],
    ['https://HOST.example:443/b', true],
    ['https://host.example:8443/b', false],
    ['https://other.example/b', false],
    ['https://host.example./b', false],
    ['//other.example/b', false],
  ])('to %s keeps credentials: %s', (header, kept) => {
    expect(redirectTarget(from, header, rules, 'get').credentials).toEqual(
      kept ? { user: 'me', password: 'secret' } : null,
    )
  })

  it('takes the credentials that the target brings', () => {
    const target = redirectTarget(from, 'https://you:other@host.example/b', rules, 'get')

    expect(target.credentials).toEqual({ user: 'you', password: 'other' })
  })

  it('goes from https to http only when the option allows it', () => {
    const header = 'http://host.example/b'

    expect(() => redirectTarget(from, header, rules, 'get')).toThrow(
      expect.objectContaining({ code: 'INVALID_LOCATION' }),
    )
    expect(redirectTarget(from, header, { ...rules, allowHttpsToHttp: true }, 'get')).toMatchObject({
      scheme: 'http',
      credentials: null,
    })
  })
})
