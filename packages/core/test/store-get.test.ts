import { once } from 'node:events'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { StoredImage } from '../src/index.ts'
import { collect, failingAfter, inChunks, payload, stuckAfter } from './support/sources.ts'
import { openToy, ToyDriver, untilAborted } from './support/toy-driver.ts'

const bytes = payload(1000)
const location = 'toy://own/image'
const context = { store: 'toys', operation: 'get' }

/** A store whose driver answers every get like this. */
const answering = async (image: StoredImage, settings: { idleMs?: number } = {}) =>
  (await openToy({ get: async () => image }, settings)).store

describe('Store.get', () => {
  it('gives the bytes and their number', async () => {
    const { store } = await openToy()
    await store.add('image', inChunks(bytes, 300))

    const { size, body } = await store.get(location)

    expect(size).toBe(1000)
    expect(await collect(body)).toEqual(Buffer.from(bytes))
  })

  it.each([
    [{ offset: 10 }, 10, 1000],
    [{ length: 20 }, 0, 20],
    [{ offset: 10, length: 20 }, 10, 30],
    [{ offset: 0, length: 0 }, 0, 0],
    [{ offset: 1000 }, 1000, 1000],
  ])('gives the part %j', async (options, from, to) => {
    const { store } = await openToy()
    await store.add('image', inChunks(bytes, 300))

    const { size, body } = await store.get(location, options)

    expect(size).toBe(to - from)
    expect(await collect(body)).toEqual(Buffer.from(bytes.subarray(from, to)))
  })

  it('refuses parts with UNSUPPORTED where the store cannot, and gives the whole', async () => {
    const { store, driver } = await openToy({ capabilities: { ...new ToyDriver({}).capabilities, randomRead: false } })
    await store.add('image', inChunks(bytes, 300))

    await expect(store.get(location, { offset: 1 })).rejects.toMatchObject({ code: 'UNSUPPORTED', context })
    await expect(store.get(location, { length: 1 })).rejects.toMatchObject({ code: 'UNSUPPORTED', context })
    expect((await store.get(location, { offset: 0 })).size).toBe(1000)
    expect(driver.calls).toEqual(['add', 'get'])
  })

  it.each([{ offset: -1 }, { offset: 0.5 }, { length: -1 }, { length: Number.NaN }])(
    'takes %j for a bug',
    async (options) => {
      const { store } = await openToy()

      await expect(store.get(location, options)).rejects.toThrow(TypeError)
    },
  )

  it('rejects with NOT_FOUND, and says where', async () => {
    const { store } = await openToy()

    await expect(store.get(location)).rejects.toMatchObject({ code: 'NOT_FOUND', context })
  })

  it.each([999, 1001])('rejects with UNAVAILABLE when 1000 bytes come instead of the %i announced', async (size) => {
    const store = await answering({ size, body: inChunks(bytes, 300) })

    const { body } = await store.get(location)

    await expect(collect(body)).rejects.toMatchObject({ code: 'UNAVAILABLE', context })
  })

  it('wraps what the driver throws in the middle', async () => {
    const cause = new Error('ECONNRESET')
    const store = await answering({ size: 1000, body: failingAfter(bytes.subarray(0, 10), cause) })

    const { body } = await store.get(location)

    await expect(collect(body)).rejects.toMatchObject({ code: 'UNKNOWN', cause, context })
  })

  it('rejects with TIMEOUT when the backend gives nothing for too long', async () => {
    const source = stuckAfter(bytes)
    const store = await answering({ size: null, body: source }, { idleMs: 5 })

    const { body } = await store.get(location)

    await expect(collect(body)).rejects.toMatchObject({ code: 'TIMEOUT', context })
    expect(source.returned()).toBe(1)
  })

  it.each(['the signal fires', 'the store is closed'])(
    'ends with ABORTED when %s while the driver is stuck',
    async (how) => {
      const source = stuckAfter(bytes)
      const store = await answering({ size: null, body: source })
      const controller = new AbortController()
      const { body } = await store.get(location, { signal: controller.signal })
      const reading = collect(body)
      await source.stuck

      if (how === 'the signal fires') controller.abort()
      else await store.close()

      await expect(reading).rejects.toMatchObject({ code: 'ABORTED', context })
      expect(source.returned()).toBe(1)
    },
  )

  it('ends with ABORTED when the signal fires while the driver is looking', async () => {
    const { store } = await openToy({ get: (_location, { signal }) => untilAborted(signal) })
    const controller = new AbortController()
    const getting = store.get(location, { signal: controller.signal })

    controller.abort('enough')

    await expect(getting).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough', context })
  })

  // A body that nobody had read from did not tell the driver, so a client that left early cost a file handle.
  it('leaves the driver when a stream over the body is destroyed before it was read', async () => {
    const source = stuckAfter(bytes)
    const store = await answering({ size: null, body: source })
    const { body } = await store.get(location)
    const stream = Readable.from(body)

    stream.destroy()
    await once(stream, 'close')

    expect(source.returned()).toBe(1)
  })

  it('leaves the driver when the reader stops in the middle', async () => {
    const source = stuckAfter(bytes, bytes)
    const store = await answering({ size: null, body: source })

    for await (const chunk of (await store.get(location)).body) if (chunk) break

    expect(source.returned()).toBe(1)
  })

  // The reader's error came out as UNKNOWN, as if the backend had failed.
  it('gives a reader back what it throws into the body', async () => {
    const source = stuckAfter(bytes, bytes)
    const store = await answering({ size: null, body: source })
    const body = (await store.get(location)).body[Symbol.asyncIterator]()
    const error = new Error('the client went away')
    await body.next()

    await expect(body.throw?.(error)).rejects.toBe(error)

    expect(source.returned()).toBe(1)
  })
})
