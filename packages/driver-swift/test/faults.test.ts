import { describe, expect, it } from 'vitest'
import type { Fault } from './support/fake-swift.ts'
import { aSwift, bytesOf, failureOf, never, openDriver, read, someData, whole } from './support/open-driver.ts'

/** Three ways in which an image goes out. */
const ways = {
  'as one object': { raw: {}, size: 50_000 },
  'streamed as one object': { raw: { swift_store_large_object_chunk_size: '16KiB' }, size: 50_000 },
  'in segments': {
    raw: { swift_store_large_object_chunk_size: '16KiB', swift_store_large_object_size: '16KiB' },
    size: 50_000,
  },
  'in segments, with a dynamic manifest': {
    raw: {
      swift_store_large_object_chunk_size: '16KiB',
      swift_store_large_object_size: '16KiB',
      swift_store_large_object_manifest: 'dlo',
    },
    size: 50_000,
  },
} as const

const segment = /^PUT \/glance\/image-[0-9a-f]{16}-\d{8}$/
const manifest = /^PUT \/glance\/image(\?multipart-manifest=put)?$/
const looks = /^HEAD \/glance\/image$/

/** Faults after which an add goes well all the same. */
const survived: readonly (readonly [string, keyof typeof ways, Fault])[] = [
  ...[500, 502, 503, 408, 429, 498].map(
    (status) => [`a segment answered ${status}`, 'in segments', { on: segment, act: { status } }] as const,
  ),
  ['a segment whose bytes arrived damaged', 'in segments', { on: segment, act: { status: 422 } }],
  ['a segment whose connection broke', 'in segments', { on: segment, after: 1, act: 'reset' }],
  ['a segment whose answer was lost', 'in segments', { on: segment, act: 'lost' }],
  ['a token that expired at the second segment', 'in segments', { on: segment, after: 1, act: { status: 401 } }],
  ['a token that expired at the manifest', 'in segments', { on: manifest, act: { status: 401 } }],
  ['a manifest answered 503', 'in segments', { on: manifest, act: { status: 503 } }],
  ['a manifest whose answer was lost', 'in segments', { on: manifest, act: 'lost' }],
  ['a manifest whose connection broke', 'in segments, with a dynamic manifest', { on: manifest, act: 'lost' }],
  ['a look answered 503', 'in segments', { on: looks, act: { status: 503 } }],
  ['an object answered 503', 'as one object', { on: manifest, act: { status: 503 } }],
  ['an object whose answer was lost', 'as one object', { on: manifest, act: 'lost' }],
  ['an object whose connection broke', 'as one object', { on: manifest, act: 'reset' }],
  ['a token that expired', 'as one object', { on: manifest, act: { status: 401 } }],
  ['a lost answer', 'streamed as one object', { on: manifest, act: 'lost' }],
  ['a token that expired before', 'streamed as one object', { on: looks, act: { status: 401 } }],
]

/** Faults that an add cannot survive, and what it says then. */
const fatal: readonly (readonly [string, keyof typeof ways, Fault, string])[] = [
  [
    'Swift answers 503 and goes on so',
    'as one object',
    { on: manifest, times: 9, act: { status: 503 } },
    'UNAVAILABLE',
  ],
  ['segments answer 500 and go on so', 'in segments', { on: segment, times: 99, act: { status: 500 } }, 'UNAVAILABLE'],
  [
    'the last segment is never taken',
    'in segments',
    { on: /^PUT .*-00000004$/, times: 9, act: 'reset' },
    'UNAVAILABLE',
  ],
  ['the account is full', 'in segments', { on: segment, after: 2, act: { status: 413 } }, 'STORE_FULL'],
  ['the disks are full', 'in segments', { on: segment, after: 1, act: { status: 507 } }, 'STORE_FULL'],
  ['the account is full', 'as one object', { on: manifest, act: { status: 413 } }, 'STORE_FULL'],
  ['the account is full', 'streamed as one object', { on: manifest, act: { status: 413 } }, 'STORE_FULL'],
  ['it is forbidden', 'in segments', { on: segment, act: { status: 403 } }, 'FORBIDDEN'],
  ['no token is good', 'in segments', { on: segment, times: 99, act: { status: 401 } }, 'FORBIDDEN'],
  ['a segment has another ETag', 'in segments', { on: segment, act: { etag: 'f'.repeat(32) } }, 'UNAVAILABLE'],
  ['the object has another ETag', 'as one object', { on: manifest, act: { etag: 'f'.repeat(32) } }, 'UNAVAILABLE'],
  [
    'the object has another ETag',
    'streamed as one object',
    { on: manifest, act: { etag: 'f'.repeat(32) } },
    'UNAVAILABLE',
  ],
  ['the connection breaks', 'streamed as one object', { on: manifest, act: 'reset' }, 'UNAVAILABLE'],
  ['it answers 503', 'streamed as one object', { on: manifest, act: { status: 503 } }, 'UNAVAILABLE'],
  ['the manifest is refused', 'in segments', { on: manifest, act: { status: 400 } }, 'UNKNOWN'],
  ['the manifest is never taken', 'in segments', { on: manifest, times: 9, act: 'reset' }, 'UNAVAILABLE'],
]

describe('an add', () => {
  it.each(survived)('survives %s (%s)', async (_fault, way, fault) => {
    const fake = await aSwift()
    const { raw, size } = ways[way]
    const driver = await openDriver(fake, raw)
    fake.faults.push(fault)

    const { location } = await driver.add('image', someData(size), { size, signal: never })

    expect((await read(await driver.get(location, whole))).equals(bytesOf(size))).toBe(true)
    expect(fake.faults).toEqual([])
  })

  it.each(fatal)('when %s (%s) fails and leaves nothing', async (_fault, way, fault, code) => {
    const fake = await aSwift()
    const { raw, size } = ways[way]
    const driver = await openDriver(fake, raw)
    fake.faults.push(fault)

    const error = await failureOf(driver.add('image', someData(size), { size, signal: never }))

    expect(error.code).toBe(code)
    expect(fake.names()).toEqual([])
    fake.faults.length = 0
    await driver.add('image', someData(size), { size, signal: never })
  })

  it.each(Object.keys(ways) as (keyof typeof ways)[])('gives up a Swift that never answers (%s)', async (way) => {
    const fake = await aSwift()
    const { raw, size } = ways[way]
    const patience = { swift_store_headers_timeout: '50ms', swift_store_idle_timeout: '50ms', swift_store_retries: 0 }
    const driver = await openDriver(fake, { ...raw, ...patience })
    fake.faults.push({ on: /^PUT \/glance\/image/, times: 99, act: 'hang' })

    const error = await failureOf(driver.add('image', someData(size), { size, signal: never }))

    expect(error.code).toBe('TIMEOUT')
    expect(fake.names()).toEqual([])
  })

  it('logs in once for all segments whose token was refused', async () => {
    const fake = await aSwift()
    const { raw, size } = ways['in segments']
    const driver = await openDriver(fake, raw)
    const data = async function* () {
      yield* someData(size)
      fake.tokens.clear()
      yield new Uint8Array(100_000)
    }

    await driver.add('image', data(), { size: size + 100_000, signal: never })

    expect(fake.requests.filter((line) => line === 'GET /auth/v1.0')).toHaveLength(2)
  })

  it('does not take the object of another process for its own', async () => {
    const fake = await aSwift()
    const driver = await openDriver(fake)
    const other = await openDriver(fake)
    const during = async function* () {
      yield* someData(1000)
      await other.add('image', someData(500), { size: 500, signal: never })
    }

    const error = await failureOf(driver.add('image', during(), { size: 1000, signal: never }))

    expect(error.code).toBe('ALREADY_EXISTS')
    expect(fake.object('glance/image')?.data.byteLength).toBe(500)
  })

  it.each(Object.keys(ways) as (keyof typeof ways)[])(
    'keeps what another process stored meanwhile (%s)',
    async (way) => {
      const fake = await aSwift()
      const { raw, size } = ways[way]
      const driver = await openDriver(fake, raw)
      const other = await openDriver(fake, raw)
      const during = async function* () {
        yield* someData(size)
        await other.add('image', someData(700), { size: 700, signal: never })
      }

      const error = await failureOf(driver.add('image', during(), { size, signal: never }))

      expect(error.code).toBe('ALREADY_EXISTS')
      expect(fake.names()).toEqual(['glance/image'])
    },
  )

  it('says what is wrong when the container is not there and may not be made', async () => {
    const fake = await aSwift()
    const driver = await openDriver(fake, { swift_store_create_container_on_put: false })

    const error = await failureOf(driver.add('image', someData(10), { size: 10, signal: never }))

    expect(error).toMatchObject({ code: 'WRITE_DENIED', message: expect.stringContaining('container glance') })
  })
})

describe('a get', () => {
  const content = /^GET \/glance\/image$/

  it('goes on at the last byte when the body breaks off', async () => {
    const fake = await aSwift()
    const driver = await openDriver(fake)
    const { location } = await driver.add('image', someData(50_000), { size: 50_000, signal: never })
    fake.faults.push({ on: content, times: 3, act: { breakAfter: 10_000 } })

    const bytes = await read(await driver.get(location, whole))

    expect(bytes.equals(bytesOf(50_000))).toBe(true)
    expect(fake.faults).toEqual([])
  })

  it('fails loudly when it breaks off more often than it may be resumed', async () => {
    const fake = await aSwift()
    const driver = await openDriver(fake, { swift_store_retry_get_count: 1 })
    const { location } = await driver.add('image', someData(50_000), { size: 50_000, signal: never })
    fake.faults.push({ on: content, times: 9, act: { breakAfter: 10_000 } })

    const error = await failureOf(read(await driver.get(location, whole)))

    expect(error.code).toBe('UNAVAILABLE')
  })

  it('does not go on with another object', async () => {
    const fake = await aSwift()
    const driver = await openDriver(fake)
    const { location } = await driver.add('image', someData(50_000), { size: 50_000, signal: never })
    fake.faults.push({ on: content, act: { breakAfter: 10_000 } }, { on: content, act: { etag: 'f'.repeat(32) } })

    const error = await failureOf(read(await driver.get(location, whole)))

    expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('replaced') })
  })

  it.each([
    ['503', { status: 503 }],
    ['401', { status: 401 }],
    ['a broken connection', 'lost'],
  ] as const)('is asked for again after %s', async (_name, act) => {
    const fake = await aSwift()
    const driver = await openDriver(fake)
    const { location } = await driver.add('image', someData(1000), { size: 1000, signal: never })
    fake.faults.push({ on: content, act })

    expect((await read(await driver.get(location, whole))).equals(bytesOf(1000))).toBe(true)
  })

  it.each([
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
    [500, 'UNAVAILABLE'],
  ])('tells %i as %s', async (status, code) => {
    const fake = await aSwift()
    const driver = await openDriver(fake, { swift_store_retries: 0 })
    const { location } = await driver.add('image', someData(1000), { size: 1000, signal: never })
    fake.faults.push({ on: /^(GET|HEAD) \/glance\/image$/, times: 9, act: { status } })

    expect((await failureOf(driver.get(location, whole))).code).toBe(code)
    expect((await failureOf(driver.getSize(location, { signal: never }))).code).toBe(code)
  })
})

describe('a delete', () => {
  it.each(Object.keys(ways) as (keyof typeof ways)[])('survives a lost answer (%s)', async (way) => {
    const fake = await aSwift()
    const { raw, size } = ways[way]
    const driver = await openDriver(fake, raw)
    const { location } = await driver.add('image', someData(size), { size, signal: never })
    fake.faults.push({ on: /^DELETE/, act: 'lost' })

    await driver.delete(location, { signal: never })

    expect(fake.names()).toEqual([])
  })

  it('can be repeated when it failed half-way', async () => {
    const fake = await aSwift()
    const { raw, size } = ways['in segments, with a dynamic manifest']
    const driver = await openDriver(fake, { ...raw, swift_store_retries: 0 })
    const { location } = await driver.add('image', someData(size), { size, signal: never })
    fake.faults.push({ on: /^DELETE .*-00000003$/, act: { status: 503 } })

    const error = await failureOf(driver.delete(location, { signal: never }))
    await driver.delete(location, { signal: never })

    expect(error.code).toBe('UNAVAILABLE')
    expect(fake.names()).toEqual([])
  })
})
