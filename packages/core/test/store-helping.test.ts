import { describe, expect, it } from 'vitest'
import { defineDriver, optionTable, type Requester, Store, type StoreDriver, secret, text } from '../src/index.ts'
import { inChunks, payload } from './support/sources.ts'
import { openToy, ToyDriver } from './support/toy-driver.ts'

const { capabilities: plain } = new ToyDriver({})
const requester: Requester = { project: 'one', token: 'a token' }

describe('Store.copy', () => {
  const source = { location: 'toy://own/from', size: 10 }
  const copying: Partial<StoreDriver> = {
    capabilities: { ...plain, copy: true },
    copy: async (imageId, { size }) => ({ location: `toy://own/${imageId}`, size, metadata: {} }),
  }

  it('hands the copy to the driver', async () => {
    const [{ store }, { store: other }] = await Promise.all([openToy(copying), openToy()])

    expect(await store.copy('image', { ...source, store: other })).toEqual({
      location: 'toy://own/image',
      size: 10,
      metadata: {},
    })
  })

  it('is null when the driver does not copy, or the source is of another driver', async () => {
    const [{ store }, { store: able }] = await Promise.all([openToy(), openToy(copying)])
    const foreign = await Store.open(
      defineDriver({ name: 'other', schemes: ['toy'], options: optionTable({}), open: async () => new ToyDriver({}) }),
      {},
      { id: 'foreign' },
    )

    expect(await store.copy('image', { ...source, store: able })).toBeNull()
    expect(await able.copy('image', { ...source, store: foreign })).toBeNull()
  })

  it('refuses what is larger than the backend holds, and read-only stores', async () => {
    const { store: small } = await openToy({ ...copying, capabilities: { ...plain, copy: true, maxImageBytes: 9 } })
    const { store: readOnly } = await openToy(copying, { readOnly: true })

    await expect(small.copy('image', { ...source, store: small })).rejects.toMatchObject({ code: 'TOO_LARGE' })
    await expect(readOnly.copy('image', { ...source, store: small })).rejects.toMatchObject({ code: 'READ_ONLY' })
  })
})

describe('Store.directUrl', () => {
  it('asks the driver for it', async () => {
    const { store } = await openToy({
      capabilities: { ...plain, directUrl: true },
      directUrl: async (location, { expiresIn }) => `https://backend/${location.slice(-1)}?for=${expiresIn}`,
    })

    expect(await store.directUrl('toy://own/a', { expiresIn: 60 })).toBe('https://backend/a?for=60')
    expect(() => store.directUrl('toy://own/a', { expiresIn: 0 })).toThrow(TypeError)
  })

  it('is refused with UNSUPPORTED where there is none', async () => {
    const { store } = await openToy()

    await expect(store.directUrl('toy://own/a', { expiresIn: 60 })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})

describe('Store.setAcls', () => {
  it('passes lists on to stores that have them, and is refused by others', async () => {
    const seen: unknown[] = []
    const { store } = await openToy({
      capabilities: { ...plain, setAcls: true },
      setAcls: async (location, { public: isPublic, read }) => void seen.push([location, isPublic, read]),
    })
    const { store: without } = await openToy()

    await store.setAcls('toy://own/a', { public: false, read: ['two'], write: [] })

    expect(seen).toEqual([['toy://own/a', false, ['two']]])
    await expect(without.setAcls('toy://own/a', { public: true, read: [], write: [] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    })
  })
})

describe('Store', () => {
  it('tells the driver on whose behalf it is called', async () => {
    const seen: (Requester | undefined)[] = []
    const toy = new ToyDriver({})
    const { store } = await openToy({
      add: (imageId, data, options) => {
        seen.push(options.requester)
        return toy.add(imageId, data, options)
      },
      get: (location, options) => {
        seen.push(options.requester)
        return toy.get(location, options)
      },
    })

    const { location } = await store.add('image', inChunks(payload(3), 3), { requester })
    await store.get(location)

    expect(seen).toEqual([requester, undefined])
  })

  it('gives the driver the digests of the data, complete when the data have ended', async () => {
    const toy = new ToyDriver({})
    const seen: unknown[] = []
    const { store } = await openToy({
      add: async (imageId, data, options) => {
        seen.push([...(options.digests?.keys() ?? [])])
        const result = await toy.add(imageId, data, options)
        seen.push(options.digests?.get('md5'))
        return result
      },
    })

    const { checksum } = await store.add('image', inChunks(payload(3), 3))

    expect(seen).toEqual([[], checksum])
  })

  it('tells facts: the options that say so and those of the driver, never a secret', async () => {
    const options = optionTable({
      pool: text({ default: 'images', told: 'pool', help: 'The pool.' }),
      user: text({ default: 'glance', help: 'The user.' }),
      key: secret({ default: 'hidden', told: 'key', help: 'The key.' }),
    })
    const open = async (): Promise<StoreDriver> => new ToyDriver({ facts: { fsid: 'a-b' } })
    const store = await Store.open(defineDriver({ name: 'toy', schemes: ['toy'], options, open }), {}, { id: 'toys' })

    expect(store.facts).toEqual({ pool: 'images', fsid: 'a-b' })
  })

  it('writes old locations as the driver would, and leaves them without such a driver', async () => {
    const { store } = await openToy({ canonicalLocation: (location) => location.replace('user:key@', '') })
    const { store: plainStore } = await openToy()

    expect(store.canonicalLocation('toy://user:key@own/a')).toBe('toy://own/a')
    expect(plainStore.canonicalLocation('toy://user:key@own/a')).toBe('toy://user:key@own/a')
  })
})
