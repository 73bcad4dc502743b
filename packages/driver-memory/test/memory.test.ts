import { noopLogger, parseOptions, type StoreDriver } from '@glance/core'
import { describe, expect, it } from 'vitest'
import memoryDriver from '../src/index.ts'

const { signal } = new AbortController()

async function aStore(raw: Record<string, unknown> = {}): Promise<StoreDriver> {
  const { values, issues } = parseOptions(memoryDriver.options, raw)
  if (!values) throw new TypeError(JSON.stringify(issues))
  return memoryDriver.open(values, { storeId: 'lab', logger: noopLogger, signal })
}

async function* chunks(...sizes: readonly number[]): AsyncGenerator<Uint8Array, void, void> {
  for (const size of sizes) yield new Uint8Array(size).fill(7)
}

const unknownSize = { size: null, signal }

describe('the capacity', () => {
  it('is filled to its last byte', async () => {
    const store = await aStore({ memory_store_capacity: '100' })

    await store.add('whole', chunks(60, 40), unknownSize)

    await expect(store.add('more', chunks(1), unknownSize)).rejects.toMatchObject({ code: 'STORE_FULL' })
  })

  it('counts nothing of an add that went over it', async () => {
    const store = await aStore({ capacity: 100 })
    await expect(store.add('large', chunks(60, 60), unknownSize)).rejects.toMatchObject({ code: 'STORE_FULL' })

    const { size } = await store.add('fits', chunks(100), unknownSize)

    expect(size).toBe(100)
  })

  it('counts nothing of an add whose source failed or that came too late', async () => {
    const store = await aStore({ capacity: 100 })
    const broken = async function* (): AsyncGenerator<Uint8Array, void, void> {
      yield* chunks(50)
      throw new Error('gone')
    }
    await expect(store.add('broken', broken(), unknownSize)).rejects.toThrow('gone')
    const race = await Promise.allSettled([1, 2].map(() => store.add('race', chunks(20, 10), unknownSize)))

    await store.add('rest', chunks(70), unknownSize)

    expect(race.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it('is free again after a delete and after a discard', async () => {
    const store = await aStore({ capacity: 100 })
    const { location } = await store.add('first', chunks(100), unknownSize)
    await store.delete(location, { signal })
    await store.add('second', chunks(100), unknownSize)
    await store.discard?.('second', { signal })

    await expect(store.add('third', chunks(100), unknownSize)).resolves.toMatchObject({ size: 100 })
  })
})

describe('locations', () => {
  it('of two stores differ for one image id', async () => {
    const [a, b] = [await aStore(), await aStore()]

    const locations = [await a.add('x', chunks(1), unknownSize), await b.add('x', chunks(1), unknownSize)]

    expect(new Set(locations.map(({ location }) => location)).size).toBe(2)
    expect(locations[0]?.location).toMatch(/^memory:\/\/[0-9a-f-]{36}\/x$/)
  })
})
