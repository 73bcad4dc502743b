import { defineDriver, flag, optionTable, path, Store, type StoreDriver, StoreSet, secret } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { storesInfo, storesInfoDetail } from '../../../src/index.ts'
import { codeOf } from '../../support/refusal.ts'
import { scriptedStore } from '../../support/scripted-store.ts'
import { aCaller, admin, aWorld } from '../../support/world.ts'

const refuse = (): never => {
  throw new Error('nobody calls this driver')
}
const neverCalled: StoreDriver = {
  capabilities: { add: true, delete: true, randomRead: true, setAcls: false, maxImageBytes: null },
  locationPrefixes: [],
  add: refuse,
  get: refuse,
  getSize: refuse,
  delete: refuse,
  close: refuse,
}

const several = async () =>
  aWorld({ multiStore: true }, [
    await scriptedStore('fast', { weight: 5 }),
    await scriptedStore('cold', { readOnly: true }),
    await scriptedStore('os_glance_staging_store'),
  ])

describe('storesInfo', () => {
  it('lists the stores that users may name', async () => {
    expect(storesInfo(aCaller(), await several())).toEqual([
      { id: 'fast', description: 'store fast', default: true, readOnly: false },
      { id: 'cold', description: 'store cold', default: false, readOnly: true },
    ])
  })

  it('is not there for a single store', async () => {
    const world = await aWorld()

    expect(await codeOf(() => storesInfo(aCaller(), world))).toBe('NOT_FOUND')
    expect(await codeOf(() => storesInfoDetail(admin, world))).toBe('NOT_FOUND')
  })
})

describe('storesInfoDetail', () => {
  it('adds type and weight for administrators and services', async () => {
    const world = await several()
    const service = aCaller({ roles: ['service'] })

    expect(storesInfoDetail(service, world)[0]).toMatchObject({ type: 'scripted', weight: 5, properties: {} })
    expect(storesInfoDetail(admin, world)).toHaveLength(2)
    expect(await codeOf(() => storesInfoDetail(aCaller(), world))).toBe('FORBIDDEN')
  })

  it('tells the facts of a file store under the names of Glance, and nothing else of its options', async () => {
    const definition = defineDriver({
      name: 'file',
      schemes: ['file'],
      options: optionTable({
        dataDir: path({ glance: 'filesystem_store_datadir', told: 'data_dir', required: true, help: 'Directory.' }),
        thin: flag({
          glance: 'filesystem_thin_provisioning',
          told: 'thin_provisioning',
          default: false,
          help: 'Holes.',
        }),
        key: secret({ glance: 'filesystem_store_chunk_size', told: 'chunk_size', default: 'hush', help: 'Key.' }),
      }),
      open: async () => ({ ...neverCalled }),
    })
    const world = await several()
    const store = await Store.open(definition, { dataDir: '/images' }, { id: 'disk' })
    const stores = new StoreSet({ stores: [store], defaultId: 'disk' })

    const [detail] = storesInfoDetail(admin, { ...world, stores })

    expect(detail?.properties).toEqual({ data_dir: '/images', thin_provisioning: false })
  })
})
