import { describe, expect, it } from 'vitest'
import { Store, type StoreDriver, StoreError } from '../src/index.ts'
import { collect, failingAfter, hexOf, inChunks, payload, stuckAfter } from './support/sources.ts'
import { definitionOf, openToy, ToyDriver, untilAborted } from './support/toy-driver.ts'

const bytes = payload(1000)
const data = (): AsyncIterable<Uint8Array> => inChunks(bytes, 300)

describe('Store.add', () => {
  it('answers where the data are, how many, and both digests', async () => {
    const { store, driver } = await openToy()

    const stored = await store.add('image', data(), { size: 1000, limit: 1000, hashAlgorithm: 'sha256' })

    expect(stored).toEqual({
      location: 'toy://own/image',
      metadata: {},
      size: 1000,
      checksum: hexOf('md5', bytes),
      hashAlgorithm: 'sha256',
      hashValue: hexOf('sha256', bytes),
    })
    expect(driver.images.get('toy://own/image')).toEqual(Buffer.from(bytes))
  })

  it('hashes with sha512 unless told otherwise, and once when told md5', async () => {
    const { store } = await openToy()

    expect(await store.add('one', data())).toMatchObject({ hashAlgorithm: 'sha512', hashValue: hexOf('sha512', bytes) })
    expect(await store.add('two', data(), { hashAlgorithm: 'md5' })).toMatchObject({ hashValue: hexOf('md5', bytes) })
  })

  it.each([undefined, 0])('stores no bytes at all when %j are announced', async (size) => {
    const { store } = await openToy()

    const stored = await store.add('image', inChunks(payload(0), 1), size === undefined ? {} : { size })

    expect(stored).toMatchObject({ size: 0, checksum: 'd41d8cd98f00b204e9800998ecf8427e' })
  })

  it.each([
    ['SIZE_MISMATCH', { size: 999 }],
    ['SIZE_MISMATCH', { size: 1001 }],
    ['SIZE_MISMATCH', { size: 0 }],
    ['TOO_LARGE', { limit: 999 }],
    ['TOO_LARGE', { limit: 0 }],
    ['BAD_CONFIGURATION', { hashAlgorithm: 'sha513' }],
  ])('rejects with %s for 1000 bytes and %j, and nothing remains', async (code, options) => {
    const { store, driver } = await openToy()

    await expect(store.add('image', data(), options)).rejects.toMatchObject({
      code,
      context: { store: 'toys', operation: 'add', imageId: 'image' },
    })

    expect(driver.images.size).toBe(0)
  })

  it('refuses an announced size over the limit before it reads or calls the driver', async () => {
    const { store, driver } = await openToy()
    const source = stuckAfter()

    await expect(store.add('image', source, { size: 11, limit: 10 })).rejects.toMatchObject({ code: 'TOO_LARGE' })

    expect(driver.calls).toEqual([])
  })

  it('counts what the backend can hold at most as a limit', async () => {
    const capabilities = { ...new ToyDriver({}).capabilities, maxImageBytes: 999 }
    const { store } = await openToy({ capabilities })

    await expect(store.add('one', data())).rejects.toMatchObject({ code: 'TOO_LARGE' })
    await expect(store.add('two', data(), { limit: 2000 })).rejects.toMatchObject({ code: 'TOO_LARGE' })
    await expect(store.add('three', inChunks(payload(999), 9), { limit: 2000 })).resolves.toMatchObject({ size: 999 })
  })

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('takes the announced size %d for a bug', async (size) => {
    const { store } = await openToy()

    await expect(store.add('image', data(), { size })).rejects.toThrow(TypeError)
  })

  it.each(['', '../image', 'a/b', '.hidden', 'a\n', 'x'.repeat(256)])('takes the image id %j for a bug', async (id) => {
    const { store, driver } = await openToy()

    await expect(store.add(id, data())).rejects.toThrow(TypeError)
    await expect(store.discard(id)).rejects.toThrow(TypeError)
    expect(driver.calls).toEqual([])
  })

  it('keeps the first bytes when an id is added again', async () => {
    const { store, driver } = await openToy()
    await store.add('image', data())

    await expect(store.add('image', inChunks(payload(3), 1))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })

    expect(driver.images.get('toy://own/image')).toHaveLength(1000)
  })

  it.each([0, 1, 512 * 1024, 512 * 1024 + 1])(
    'rejects with the very error that the source throws at byte %i',
    async (at) => {
      const { store, driver } = await openToy()
      const error = new Error('the client went away')

      await expect(store.add('image', failingAfter(payload(at), error))).rejects.toBe(error)

      expect(driver.images.size).toBe(0)
    },
  )

  it('leaves a StoreError of the source as it is, so that a copy says which store failed', async () => {
    const { store } = await openToy()
    const error = new StoreError('UNAVAILABLE', 'the other store is away', { context: { store: 'other' } })

    await expect(store.add('image', failingAfter(bytes, error))).rejects.toBe(error)
  })

  it('refuses text as image data', async () => {
    const { store, driver } = await openToy()
    const source = failingAfter('text' as never, null)

    await expect(store.add('image', source)).rejects.toMatchObject({ code: 'UNKNOWN', cause: expect.any(TypeError) })

    expect(driver.images.size).toBe(0)
  })

  it.each([
    ['announces fewer bytes than it read', 999],
    ['announces more bytes than it read', 1001],
  ])('removes the image and rejects with UNKNOWN when the driver %s', async (_what, size) => {
    const deleted: string[] = []
    const { store } = await openToy({
      add: async (_id, body) => {
        await collect(body)
        return { location: 'toy://own/x', size, metadata: {} }
      },
      delete: async (location) => {
        deleted.push(location)
      },
    })

    await expect(store.add('image', data())).rejects.toMatchObject({ code: 'UNKNOWN' })

    expect(deleted).toEqual(['toy://own/x'])
  })

  it.each([
    ['never reads', async () => {}],
    [
      'stops early',
      async (body: AsyncIterable<Uint8Array>) => {
        for await (const chunk of body) if (chunk) break
      },
    ],
  ])('rejects with UNKNOWN when the driver %s and yet claims success', async (_what, read) => {
    const { store } = await openToy({
      add: async (_id, body) => {
        await read(body)
        return { location: 'toy://own/x', size: 0, metadata: {} }
      },
    })

    await expect(store.add('image', data())).rejects.toMatchObject({ code: 'UNKNOWN' })
  })

  it('wraps what the driver throws, with its context', async () => {
    const cause = new Error('ENOSPC')
    const { store } = await openToy({ add: () => Promise.reject(cause) })

    await expect(store.add('image', data())).rejects.toMatchObject({
      code: 'UNKNOWN',
      cause,
      context: { store: 'toys', operation: 'add', imageId: 'image' },
    })
  })

  // The body was left with return(), which waits for next(), which waits for the source.
  it('rejects at once when the driver fails while the source is stuck', async () => {
    const source = stuckAfter(payload(600 * 1024))
    const { store } = await openToy({
      add: async (_id, body) => {
        const iterator = body[Symbol.asyncIterator]()
        await iterator.next()
        iterator.next().catch(() => {})
        await source.stuck
        throw new StoreError('STORE_FULL', 'no space left')
      },
    })

    await expect(store.add('image', source)).rejects.toMatchObject({ code: 'STORE_FULL' })
  })

  it('rejects with ABORTED when the signal fired before, without a call of the driver', async () => {
    const { store, driver } = await openToy()

    await expect(store.add('image', data(), { signal: AbortSignal.abort('enough') })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: 'enough',
    })

    expect(driver.calls).toEqual([])
  })

  it('rejects with ABORTED when the signal fires while the source is stuck', async () => {
    const { store, driver } = await openToy()
    const source = stuckAfter(bytes)
    const controller = new AbortController()
    const adding = store.add('image', source, { signal: controller.signal })
    await source.stuck

    controller.abort('enough')

    await expect(adding).rejects.toMatchObject({ code: 'ABORTED', context: { store: 'toys', imageId: 'image' } })
    expect(driver.images.size).toBe(0)
  })

  it('takes no harm from a signal that fires afterwards', async () => {
    const { store, driver } = await openToy()
    const controller = new AbortController()
    await store.add('image', data(), { signal: controller.signal })

    controller.abort()

    expect(driver.images.size).toBe(1)
  })

  it('stores more images at once than there is shared memory for', async () => {
    const { store } = await openToy()

    const all = await Promise.all(
      Array.from({ length: 100 }, (_, index) => store.add(`image-${index}`, inChunks(payload(700, index), 90))),
    )

    expect(all.map(({ checksum }) => checksum)).toEqual(all.map((_, index) => hexOf('md5', payload(700, index))))
  })

  it('rejects with READ_ONLY in a read-only store, before the driver is called', async () => {
    const { store, driver } = await openToy({}, { readOnly: true })

    await expect(store.add('image', data())).rejects.toMatchObject({ code: 'READ_ONLY' })

    expect(driver.calls).toEqual([])
    expect(store.readOnly).toBe(true)
  })
})

describe('Store.delete, discard, getSize and check', () => {
  it('pass the call on', async () => {
    const { store, driver } = await openToy()
    const { location } = await store.add('image', data())

    expect(await store.getSize(location)).toBe(1000)
    await store.delete(location)
    await store.discard('image')
    await store.check()

    expect(driver.images.size).toBe(0)
  })

  it('refuse to delete with UNSUPPORTED where the store cannot', async () => {
    const { store, driver } = await openToy({ capabilities: { ...new ToyDriver({}).capabilities, delete: false } })

    await expect(store.delete('toy://own/image')).rejects.toMatchObject({ code: 'UNSUPPORTED' })

    expect(driver.calls).toEqual([])
  })

  it.each(['other://own/image', 'own/image', '', 'toy:/own', `toy://${'x'.repeat(9000)}`])(
    'reject with INVALID_LOCATION for %j, without a call of the driver',
    async (location) => {
      const { store, driver } = await openToy()

      for (const call of [store.get(location), store.getSize(location), store.delete(location)])
        await expect(call).rejects.toMatchObject({ code: 'INVALID_LOCATION', context: { store: 'toys' } })

      expect(driver.calls).toEqual([])
    },
  )

  it('discard nothing in a backend that takes no images', async () => {
    const asked: string[] = []
    const discard: StoreDriver['discard'] = async (id) => {
      asked.push(id)
    }
    const able = await openToy({ discard })
    const unable = await openToy({ discard, capabilities: { ...new ToyDriver({}).capabilities, add: false } })

    await able.store.discard('one')
    await unable.store.discard('two')

    expect(asked).toEqual(['one'])
  })
})

describe('Store', () => {
  it('tells what it is', async () => {
    const { store } = await openToy({}, { description: 'Toys', weight: 3 })

    expect(store).toMatchObject({
      id: 'toys',
      description: 'Toys',
      weight: 3,
      type: 'toy',
      schemes: ['toy'],
      locationPrefixes: ['toy://own/'],
      readOnly: false,
      options: { place: 'here' },
    })
  })

  it('rejects with every problem of the options, without a secret', async () => {
    const definition = definitionOf(async () => new ToyDriver({}))
    const raw = { password: ['hunter2', 7], place: 7, plase: 'x' }

    await expect(Store.open(definition, raw, { id: 'toys' })).rejects.toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: 'store toys: place must be a text; password must be a text; plase is not an option here',
      context: { store: 'toys', operation: 'open' },
    })
  })

  it('ends what runs with ABORTED when it is closed, and refuses later calls', async () => {
    const { store, driver } = await openToy({ getSize: (_location, { signal }) => untilAborted(signal) })
    const source = stuckAfter(bytes)
    const adding = store.add('image', source)
    const sizing = store.getSize('toy://own/image')
    await source.stuck

    await store.close()
    await store.close()

    for (const call of [adding, sizing, store.add('late', data()), store.get('toy://own/image'), store.check()])
      await expect(call).rejects.toMatchObject({ code: 'ABORTED', message: 'store toys is closed' })
    expect(driver.calls).toEqual(['add', 'close', 'close'])
  })
})
