import { defineDriver, optionTable, Store, type StoreDriver, StoreSet } from '@glance/core'
import type { ServerConfig } from '../config/load.ts'

/** Stores under the configured identifiers, none of which can be used for anything. @param reach - is called with what would be done, and throws */
export async function guardedStores({ stores: plan }: ServerConfig, reach: (what: string) => never): Promise<StoreSet> {
  const definition = defineDriver({
    name: 'none',
    contract: 1,
    schemes: [
      'file',
      'filesystem',
      'http',
      'https',
      's3',
      's3+http',
      's3+https',
      'swift',
      'swift+http',
      'swift+https',
      'swift+config',
      'rbd',
      'sproxyd',
      'datera',
    ],
    options: optionTable({}),
    async open(): Promise<StoreDriver> {
      const refuse = async (): Promise<never> => reach('use the store of its data')
      return {
        locationPrefixes: [],
        capabilities: { add: true, delete: true, randomRead: true, setAcls: false, maxImageBytes: null },
        add: refuse,
        get: refuse,
        getSize: refuse,
        delete: refuse,
        close: async () => {},
      }
    },
  })
  const stores = await Promise.all(
    plan.stores.map(({ id, weight }) => Store.open(definition, {}, { id, weight, description: null })),
  )
  const named = stores.some(({ id }) => id === plan.defaultStore)
  return new StoreSet({ stores, defaultId: named ? plan.defaultStore : (stores[0]?.id ?? '') })
}
