/**
 * Which stores a configuration asks for, in either of Glance's two forms: `enabled_backends` with a group for each store, or `stores` and `default_store` with all options
 * in `[glance_store]`.
 */
import { isReserved } from '@glance/core'
import { driverName } from '../stores/driver-names.ts'
import { readGroup } from './group.ts'
import type { ConfigProblem } from './problem.ts'
import type { Settings } from './sources.ts'
import { storeGroupOptions } from './tables/default.ts'
import type { ConfigValues } from './tables/groups.ts'

/** One store to open. */
export interface PlannedStore {
  readonly id: string
  /** As configured: a short name, a legacy class path, a package or a file. */
  readonly driver: string
  /** Groups in which its options stand, the first one that sets an option counts. */
  readonly groups: readonly string[]
  readonly description: string | null
  readonly weight: number
  /** Options that count when no group sets them. */
  readonly fallback: Readonly<Record<string, string>>
}

/** All stores to open. */
export interface StorePlan {
  /** Whether users may name stores (`enabled_backends`). */
  readonly multiStore: boolean
  readonly stores: readonly PlannedStore[]
  /** Identifier of the default store; in the single-store form a driver's name or one of its schemes. */
  readonly defaultStore: string
}

/** @param imagesFolder - folder of the file store when nothing is configured at all, else null */
export function planStores(
  values: ConfigValues,
  settings: Settings,
  imagesFolder: string | null,
): { readonly plan: StorePlan; readonly problems: readonly ConfigProblem[] } {
  const enabled = Object.entries(values.DEFAULT.enabledBackends)
  return enabled.length > 0 ? manyStores(values, enabled, settings) : singleForm(values, imagesFolder)
}

function manyStores(
  values: ConfigValues,
  enabled: readonly [string, string][],
  settings: Settings,
): { plan: StorePlan; problems: ConfigProblem[] } {
  const place = settings.find('DEFAULT', 'enabled_backends')?.place ?? null
  const problems: ConfigProblem[] = []
  const stores = enabled.map(([id, driver]) => {
    if (isReserved(id))
      problems.push({
        place,
        group: 'DEFAULT',
        option: 'enabled_backends',
        message: `must not use the reserved identifier ${id}`,
      })
    if (driver === '')
      problems.push({ place, group: 'DEFAULT', option: 'enabled_backends', message: `names no driver for ${id}` })
    const group = readGroup(id, storeGroupOptions, settings, () => null)
    problems.push(...group.problems)
    return {
      id,
      driver,
      groups: [id, 'backend_defaults'],
      description: group.values.storeDescription ?? null,
      weight: group.values.weight,
      fallback: {},
    }
  })
  const defaultStore = values.glance_store.defaultBackend
  if (defaultStore === undefined) {
    problems.push({
      place: null,
      group: 'glance_store',
      option: 'default_backend',
      message: 'must be set when enabled_backends is',
    })
  } else if (!enabled.some(([id]) => id === defaultStore)) {
    const at = settings.find('glance_store', 'default_backend')?.place ?? null
    problems.push({
      place: at,
      group: 'glance_store',
      option: 'default_backend',
      message: `must be one of ${enabled.map(([id]) => id).join(', ')}`,
    })
  }
  return { plan: { multiStore: true, stores, defaultStore: defaultStore ?? '' }, problems }
}

function singleForm(values: ConfigValues, imagesFolder: string | null): { plan: StorePlan; problems: ConfigProblem[] } {
  const names = [...new Set(values.glance_store.stores.map(driverName))]
  const stores = names.map((driver) => ({
    id: driver,
    driver,
    // Before Juno the options of stores stood in DEFAULT.
    groups: ['glance_store', 'DEFAULT'],
    description: null,
    weight: 0,
    fallback: driver === 'file' && imagesFolder !== null ? { filesystem_store_datadir: imagesFolder } : {},
  }))
  return { plan: { multiStore: false, stores, defaultStore: values.glance_store.defaultStore }, problems: [] }
}
