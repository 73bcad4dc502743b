import { describe, expect, it } from 'vitest'
import { failingAfter, hexOf, inChunks, payload, stuckAfter } from './support/sources.ts'
import { openToy } from './support/toy-driver.ts'

const bytes = payload(1_500_000)
const location = 'toy://own/image'

describe('Store.digest', () => {
  it('reads data to their end and tells their length and digests, each algorithm once', async () => {
    const { store } = await openToy()
    await store.add('image', inChunks(bytes, 300_000))

    const { size, digests } = await store.digest(location, { algorithms: ['md5', 'sha256', 'md5'] })

    expect(size).toBe(bytes.byteLength)
    expect([...digests]).toEqual([
      ['md5', hexOf('md5', bytes)],
      ['sha256', hexOf('sha256', bytes)],
    ])
  })

  it('knows the digests of nothing', async () => {
    const { store } = await openToy({ get: async () => ({ size: 0, body: inChunks(new Uint8Array(0), 1) }) })

    expect(await store.digest(location, { algorithms: ['md5'] })).toEqual({
      size: 0,
      digests: new Map([['md5', 'd41d8cd98f00b204e9800998ecf8427e']]),
    })
  })

  it('fails with what the store fails with, at once or in the middle, and for an algorithm that is not known', async () => {
    const { store } = await openToy()
    await expect(store.digest(location, { algorithms: ['md5'] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(store.digest(location, { algorithms: ['crc8'] })).rejects.toMatchObject({ code: 'BAD_CONFIGURATION' })

    const broken = await openToy({ get: async () => ({ size: null, body: failingAfter(bytes, new Error('broke')) }) })
    await expect(broken.store.digest(location, { algorithms: ['md5'] })).rejects.toThrow()

    const short = await openToy({ get: async () => ({ size: 7, body: inChunks(bytes.subarray(0, 3), 1) }) })
    await expect(short.store.digest(location, { algorithms: ['md5'] })).rejects.toMatchObject({
      code: expect.any(String),
    })
  })

  it('ends when it is aborted, also while the backend gives nothing', async () => {
    const source = stuckAfter(bytes)
    const { store } = await openToy({ get: async () => ({ size: null, body: source }) })
    const controller = new AbortController()

    const reading = store.digest(location, { algorithms: ['md5'], signal: controller.signal })
    await source.stuck
    controller.abort(new Error('enough'))

    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
