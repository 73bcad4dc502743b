import { describe, expect, it } from 'vitest'
import { isReserved, Store, StoreSet } from '../src/index.ts'
import { definitionOf, ToyDriver } from './support/toy-driver.ts'

async function aStore(id: string, { prefixes = [`toy://${id}/`], scheme = 'toy', close = async () => {} } = {}) {
  const definition = definitionOf(async () => new ToyDriver({ locationPrefixes: prefixes, close }))
  return Store.open({ ...definition, schemes: [scheme] }, {}, { id })
}

const [fast, cold, web, staging] = await Promise.all([
  aStore('fast'),
  aStore('cold', { prefixes: ['toy://cold/', 'toy://fast/archive/'] }),
  aStore('web', { scheme: 'web', prefixes: [] }),
  aStore('os_glance_staging_store', { prefixes: ['toy://fast/archive/staging/'], scheme: 'stage' }),
])
const set = new StoreSet({ stores: [fast, staging, cold, web], defaultId: 'cold' })

describe('StoreSet', () => {
  it('keeps the configured order, and reserved stores apart', () => {
    expect(set.all.map(({ id }) => id)).toEqual(['fast', 'cold', 'web'])
    expect(set.default).toBe(cold)
    expect(set.get('web')).toBe(web)
    expect(set.get('os_glance_staging_store')).toBeUndefined()
    expect(set.reserved('os_glance_staging_store')).toBe(staging)
    expect(set.reserved('fast')).toBeUndefined()
    expect(set.reserved('os_glance_other')).toBeUndefined()
  })

  it.each(['', 'other', '__proto__', 'constructor'])('has no store %j', (id) => {
    expect(set.get(id)).toBeUndefined()
  })

  it('refuses two stores of one identifier, also the same store twice', async () => {
    const twin = await aStore('fast')

    for (const stores of [
      [fast, twin],
      [fast, cold, fast],
    ])
      expect(() => new StoreSet({ stores, defaultId: 'fast' })).toThrow(
        expect.objectContaining({
          code: 'BAD_CONFIGURATION',
          message: expect.stringContaining('two stores have the identifier fast'),
        }),
      )
  })

  it.each(['other', 'os_glance_staging_store', ''])('refuses %j as the default', (defaultId) => {
    expect(() => new StoreSet({ stores: [fast, staging], defaultId })).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIGURATION' }),
    )
  })

  it('finds a store by what it would write today for a location with credentials in it', async () => {
    const driver = new ToyDriver({ locationPrefixes: ['toy://host/old/'] })
    Object.assign(driver, { canonicalLocation: (location: string) => location.replace(/\/\/[^@/]*@/, '//') })
    const old = await Store.open({ ...definitionOf(async () => driver), schemes: ['toy'] }, {}, { id: 'old' })

    const stores = new StoreSet({ stores: [fast, old], defaultId: 'fast' })

    expect(stores.storeOf('toy://key:word@host/old/image', {})).toBe(old)
  })

  it('reports the first failure after every store is closed, reserved ones too', async () => {
    const closed: string[] = []
    const closing = (id: string, fails: boolean) =>
      aStore(id, {
        close: async () => {
          closed.push(id)
          if (fails) throw new Error(`${id} does not close`)
        },
      })
    const stores = await Promise.all([
      closing('one', false),
      closing('two', true),
      closing('three', true),
      closing('os_glance_four', false),
    ])

    const closeAll = async (): Promise<void> => {
      await using _all = new StoreSet({ stores, defaultId: 'one' })
    }

    await expect(closeAll()).rejects.toThrow('two does not close')
    expect(closed).toEqual(['one', 'two', 'three', 'os_glance_four'])
  })
})

describe('StoreSet.storeOf', () => {
  it.each([
    ['the store its metadata name', 'toy://fast/x', { store: 'cold' }, cold],
    ['the store of old metadata', 'toy://fast/x', { backend: 'cold' }, cold],
    ['the newer name of both', 'toy://fast/x', { store: 'cold', backend: 'fast' }, cold],
    ['the older name when the newer is unknown', 'toy://fast/x', { store: 'gone', backend: 'cold' }, cold],
    ['the prefix when the metadata name nothing known', 'toy://fast/x', { store: 'gone' }, fast],
    ['the prefix when the metadata are no text', 'toy://fast/x', { store: ['cold'] }, fast],
    ['the longest prefix', 'toy://fast/archive/x', {}, cold],
    ['the only reader of the scheme', 'web://anywhere/x', {}, web],
    ['no reserved store by prefix', 'toy://fast/archive/staging/x', {}, cold],
    ['no reserved store by name', 'toy://fast/x', { store: 'os_glance_staging_store' }, fast],
  ])('finds %s', (_what, url, metadata, store) => {
    expect(set.storeOf(url, metadata).id).toBe(store.id)
  })

  it.each([
    ['two stores read its scheme', 'toy://elsewhere/x'],
    ['no store reads its scheme', 's3://user:secret@host/bucket/x'],
    ['only a reserved store reads its scheme', 'stage://host/x'],
    ['it is malformed', 'toy'],
  ])('rejects a location when %s, without its secrets', (_what, url) => {
    expect(() => set.storeOf(url, {})).toThrow(
      expect.objectContaining({ code: 'INVALID_LOCATION', message: expect.not.stringContaining('secret') }),
    )
  })
})

describe('StoreSet.ownerOf', () => {
  it.each([
    ['toy://fast/x', 'fast'],
    ['toy://fast/archive/x', 'cold'],
    ['toy://fast/archive/staging/x', 'cold'],
    ['web://anywhere/x', undefined],
    ['toy://elsewhere/x', undefined],
    ['toy', undefined],
  ])('goes by the prefix alone: %s is of %s', (url, id) => {
    expect(set.ownerOf(url)?.id).toBe(id)
  })
})

describe('isReserved', () => {
  it.each([
    ['os_glance_tasks_store', true],
    ['os_glance_', true],
    ['os_glance', false],
    ['my_os_glance_', false],
  ])('says of %s: %j', (id, reserved) => {
    expect(isReserved(id)).toBe(reserved)
  })
})
