import { describe, expect, it } from 'vitest'
import { RbdError } from '../src/index.ts'
import { type FakeCall, FakeCluster } from './support/fake-rbd.ts'
import { add, bytes, bytesOf, chunks, failureOf, mebibyte, never, openDriver, whole } from './support/open-driver.ts'

const id = 'a-image'

/** What is left of a cluster after a test: names, open images, and whether the next add of the id works. */
async function cleanAfter(
  cluster: FakeCluster,
  run: (driver: Awaited<ReturnType<typeof openDriver>>) => Promise<void>,
): Promise<void> {
  const driver = await openDriver(cluster)
  await run(driver)
  expect(cluster.names('images')).toEqual([])
  expect(cluster.opened).toBe(0)
  const data = bytes(100)
  const { location } = await add(driver, id, data)
  expect(await bytesOf(await driver.get(location, whole))).toEqual(Buffer.from(data))
}

describe('add', () => {
  it('makes an image with a protected snapshot at the location of Glance', async () => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster)
    const data = bytes(20 * mebibyte + 17)

    const { location, size, metadata } = await add(driver, id, data)

    expect([location, size, metadata]).toEqual([`rbd://${cluster.fsid}/images/${id}/snap`, data.byteLength, {}])
    expect(cluster.snapshot('images', id).protected).toBe(true)
    expect(cluster.image('images', id).order).toBe(23)
    expect(cluster.resizes).toEqual([])
    expect(cluster.opened).toBe(0)
    expect((await bytesOf(await driver.get(location, whole))).equals(data)).toBe(true)
  })

  it('grows an image of unknown size ahead of its data, and cuts it at the end', async () => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster, { options: { rbd_thin_provisioning: 'true' } })
    const data = new Uint8Array(130 * mebibyte + 5)

    const { location } = await add(driver, id, data, { size: null })

    expect(cluster.resizes.map((size) => size / mebibyte)).toEqual([128, 384, data.byteLength / mebibyte])
    expect(await driver.getSize(location, { signal: never })).toBe(data.byteLength)
  })

  it('rounds an odd size of objects down, as Glance does', async () => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster, { options: { rbd_store_chunk_size: '6' } })

    await add(driver, id, bytes(1))

    expect(cluster.image('images', id).order).toBe(22)
  })

  it.each([
    ['false', 3],
    ['true', 1],
  ])('with thin provisioning %s writes %i parts of data with zeros', async (thin, writes) => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster, { options: { rbd_thin_provisioning: thin } })
    const data = new Uint8Array(24 * mebibyte)
    data[9 * mebibyte] = 1

    const { location } = await add(driver, id, data)

    expect(cluster.calls.get('write')).toBe(writes)
    expect((await bytesOf(await driver.get(location, whole))).equals(data)).toBe(true)
  })

  const failing: readonly (readonly [call: FakeCall, errno: string, code: string])[] = [
    ['create', 'ENOSPC', 'STORE_FULL'],
    ['create', 'EPERM', 'WRITE_DENIED'],
    ['create', 'ETIMEDOUT', 'UNAVAILABLE'],
    ['open', 'EIO', 'UNAVAILABLE'],
    ['write', 'ENOSPC', 'STORE_FULL'],
    ['write', 'EDQUOT', 'STORE_FULL'],
    ['write', 'EROFS', 'WRITE_DENIED'],
    ['write', 'ETIMEDOUT', 'UNAVAILABLE'],
    ['write', 'ESHUTDOWN', 'UNAVAILABLE'],
    ['resize', 'ENOSPC', 'STORE_FULL'],
    ['createSnapshot', 'ETIMEDOUT', 'UNAVAILABLE'],
    ['protectSnapshot', 'EIO', 'UNAVAILABLE'],
  ]
  const faults = failing.flatMap(([call, errno, code]) => [
    { call, errno, code, how: 'errno' as const },
    // A cluster that is full or forbids something has not done it, and an image that was not opened is not open.
    ...(code === 'UNAVAILABLE' && call !== 'open' ? [{ call, errno, code, how: 'lost' as const }] : []),
  ])
  it.each(faults)('leaves nothing when $call fails with $errno ($how)', async ({ call, errno, code, how }) => {
    const cluster = new FakeCluster('images')
    await cleanAfter(cluster, async (driver) => {
      cluster.arm(call, { [how]: errno })
      const error = await failureOf(add(driver, id, bytes(3 * mebibyte), { size: null }))
      expect([error.code, error.cause]).toEqual([code, expect.any(RbdError)])
    })
  })

  it.each([1, 2, 3, 5])('leaves nothing when write number %i of 5 fails', async (at) => {
    const cluster = new FakeCluster('images')
    await cleanAfter(cluster, async (driver) => {
      cluster.arm('write', { errno: 'EIO', at })
      expect((await failureOf(add(driver, id, bytes(40 * mebibyte)))).code).toBe('UNAVAILABLE')
    })
  })

  it('keeps the image of another add when the answer of its own creation was lost', async () => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster)
    const data = bytes(100)
    const { location } = await add(driver, id, data)
    cluster.arm('create', { errno: 'ETIMEDOUT' })

    expect((await failureOf(add(driver, id, bytes(5)))).code).toBe('UNAVAILABLE')

    expect(await bytesOf(await driver.get(location, whole))).toEqual(Buffer.from(data))
  })

  it('says in the log what it could not take back, and discard removes that', async () => {
    const cluster = new FakeCluster('images')
    const warned: unknown[] = []
    const log = (): void => {}
    const logger = { debug: log, info: log, error: log, warn: (fields: unknown) => warned.push(fields) }
    const driver = await openDriver(cluster, { logger: logger as never })
    cluster.arm('write', { errno: 'EIO' })
    cluster.arm('remove', { errno: 'EIO' })

    expect((await failureOf(add(driver, id, bytes(10)))).code).toBe('UNAVAILABLE')

    expect(cluster.names('images')).toEqual([id])
    expect(warned).toEqual([expect.objectContaining({ image: id, code: 'UNAVAILABLE' })])
    await driver.discard?.(id, { signal: never })
    expect(cluster.names('images')).toEqual([])
  })

  it.each<FakeCall>(['create', 'open', 'write', 'createSnapshot', 'protectSnapshot'])(
    'ends with the abort while %s hangs, and cleans up when it ends after all',
    async (call) => {
      const cluster = new FakeCluster('images')
      const driver = await openDriver(cluster)
      const hanging = Promise.withResolvers<void>()
      cluster.arm(call, { until: hanging.promise })
      const controller = new AbortController()
      const reason = new Error('the client has gone')
      const adding = add(driver, id, bytes(100), { signal: controller.signal })
      adding.catch(() => {})
      while ((cluster.calls.get(call) ?? 0) === 0) await new Promise((resolve) => setImmediate(resolve))

      controller.abort(reason)
      setImmediate(() => hanging.resolve())

      const error = await failureOf(adding)
      expect([error.code, error.cause]).toEqual(['ABORTED', reason])
      expect([cluster.names('images'), cluster.opened]).toEqual([[], 0])
    },
  )

  it('lets close wait for a call that hangs, and disconnects after it', async () => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster)
    const hanging = Promise.withResolvers<void>()
    cluster.arm('write', { until: hanging.promise })
    const adding = failureOf(add(driver, id, bytes(100)))
    while ((cluster.calls.get('write') ?? 0) === 0) await new Promise((resolve) => setImmediate(resolve))

    const closed = driver.close()
    expect(cluster.connections).toBe(1)
    hanging.resolve()

    expect((await adding).code).toBe('ABORTED')
    await closed
    expect([cluster.connections, cluster.names('images')]).toEqual([0, []])
  })
})

describe('get', () => {
  it.each([1, 2, 4, 7])('fails after the bytes before it when read number %i fails', async (at) => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster)
    const data = bytes(30 * mebibyte)
    const { location } = await add(driver, id, data)
    cluster.arm('read', { errno: 'EIO', at })
    const read: Buffer[] = []

    const reading = (async () => {
      for await (const chunk of (await driver.get(location, whole)).body) read.push(Buffer.from(chunk))
    })()

    expect((await failureOf(reading)).code).toBe('UNAVAILABLE')
    const got = Buffer.concat(read)
    expect(got.equals(data.subarray(0, got.length))).toBe(true)
    expect(got.length).toBe((at - 1) * 4 * mebibyte)
    expect(cluster.opened).toBe(0)
  })

  it('reads an image that has no snapshot by the short form', async () => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster)
    const data = bytes(1000)
    await add(driver, id, data)

    expect(await bytesOf(await driver.get(`rbd://${id}`, whole))).toEqual(Buffer.from(data))
  })

  it.each([
    ['ENOENT', 'NOT_FOUND'],
    ['EPERM', 'FORBIDDEN'],
    ['ETIMEDOUT', 'UNAVAILABLE'],
  ])('answers %s of the cluster with %s', async (errno, code) => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster)
    const { location } = await add(driver, id, bytes(10))
    cluster.arm('open', { errno })

    expect((await failureOf(driver.get(location, whole))).code).toBe(code)
  })

  it('closes an image that is opened after its caller has gone', async () => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster)
    const { location } = await add(driver, id, bytes(10))
    const hanging = Promise.withResolvers<void>()
    cluster.arm('open', { until: hanging.promise })
    const controller = new AbortController()
    const getting = driver.get(location, { ...whole, signal: controller.signal })

    controller.abort()
    expect((await failureOf(getting)).code).toBe('ABORTED')
    hanging.resolve()
    await driver.close()

    expect(cluster.opened).toBe(0)
  })
})

describe('copy', () => {
  const setUp = async () => {
    const cluster = new FakeCluster('images', 'other')
    const from = await openDriver(cluster, { options: { rbd_store_pool: 'other' } })
    const to = await openDriver(cluster)
    const data = bytes(20 * mebibyte)
    data.fill(0, 8 * mebibyte, 16 * mebibyte)
    const { location } = await add(from, id, data)
    return { cluster, to, data, location }
  }

  it('copies from another pool and leaves holes where there are zeros', async () => {
    const { cluster, to, data, location } = await setUp()
    const before = cluster.calls.get('write') ?? 0

    const copied = await to.copy?.(id, { location, size: data.byteLength }, { signal: never })

    expect(copied?.location).toBe(`rbd://${cluster.fsid}/images/${id}/snap`)
    expect((await bytesOf(await to.get(copied?.location ?? '', whole))).equals(data)).toBe(true)
    expect((cluster.calls.get('write') ?? 0) - before).toBe(2)
    expect(cluster.opened).toBe(0)
  })

  it('ends with the abort and leaves nothing', async () => {
    const { cluster, to, data, location } = await setUp()
    const controller = new AbortController()
    cluster.arm('write', { until: Promise.resolve().then(() => controller.abort()) })

    const error = await failureOf(
      to.copy?.(id, { location, size: data.byteLength }, { signal: controller.signal }) ?? Promise.resolve(),
    )

    expect([error.code, cluster.names('images'), cluster.opened]).toEqual(['ABORTED', [], 0])
  })

  it('says null for another cluster, for the short form, and for a pool that the user may not read', async () => {
    const { cluster, to, data, location } = await setUp()
    const copy = (from: string): unknown => to.copy?.(id, { location: from, size: data.byteLength }, { signal: never })

    expect(await copy(`rbd://elsewhere/other/${id}/snap`)).toBeNull()
    expect(await copy(`rbd://${id}`)).toBeNull()
    cluster.arm('open', { errno: 'EPERM' })
    expect(await copy(location)).toBeNull()
    expect(cluster.names('images')).toEqual([])
  })

  it('refuses a source of another size', async () => {
    const { cluster, to, location } = await setUp()

    expect((await failureOf(to.copy?.(id, { location, size: 5 }, { signal: never }) ?? Promise.resolve())).code).toBe(
      'SIZE_MISMATCH',
    )
    expect([cluster.names('images'), cluster.opened]).toEqual([[], 0])
  })
})

describe('the store', () => {
  it('tells the id of its cluster and where its locations begin', async () => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster)

    expect([driver.facts, driver.locationPrefixes]).toEqual([{ fsid: cluster.fsid }, [`rbd://${cluster.fsid}/images/`]])
  })

  it('is checked by one small question', async () => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster)

    await driver.check?.({ signal: never })
    cluster.arm('ping', { errno: 'ETIMEDOUT' })
    expect((await failureOf(driver.check?.({ signal: never }) ?? Promise.resolve())).code).toBe('UNAVAILABLE')
  })

  it('keeps the source of an add from being read when the name is taken', async () => {
    const cluster = new FakeCluster('images')
    const driver = await openDriver(cluster)
    await add(driver, id, bytes(1))
    let read = false
    const source = (async function* () {
      read = true
      yield* chunks(bytes(1))
    })()

    expect((await failureOf(driver.add(id, source, { size: 1, signal: never }))).code).toBe('ALREADY_EXISTS')
    expect(read).toBe(false)
  })
})
