/**
 * Opens every store of a configuration. Problems of all stores are found before any is told, so one start shows the whole list.
 */
import {
  type DriverDefinition,
  isStoreError,
  type Logger,
  type OptionTable,
  parseOptions,
  Store,
  StoreSet,
} from '@glance/core'
import { settingsOf } from '../config/group.ts'
import type { ServerConfig } from '../config/load.ts'
import { ConfigError, type ConfigProblem } from '../config/problem.ts'
import type { PlannedStore } from '../config/stores.ts'
import { storeGroupOptions } from '../config/tables/default.ts'
import { serverOptionGroups } from '../config/tables/groups.ts'
import { keystoneLoginOptions } from '../config/tables/keystone-authtoken.ts'
import { unknownOptions } from '../config/unknown-options.ts'
import { DriverLoadError, loadDriver } from './load-driver.ts'

/** Stores that may be opened. */
export interface PreparedStores {
  readonly ready: readonly ReadyStore[]
  /** Settings without effect, a sentence each. */
  readonly warnings: readonly string[]
}

interface ReadyStore {
  readonly planned: PlannedStore
  readonly definition: DriverDefinition
  readonly raw: Readonly<Record<string, unknown>>
}

/**
 * Loads the drivers of all stores and checks their options, without opening anything.
 *
 * @throws ConfigError with every problem of the configuration, those of the drivers' options included
 */
export async function prepareStores(config: ServerConfig): Promise<PreparedStores> {
  const problems: ConfigProblem[] = [...config.problems]
  const ready: ReadyStore[] = []
  for (const planned of config.stores.stores) {
    const store = await prepare(planned, config, problems)
    if (store) ready.push(store)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return { ready, warnings: [...config.warnings, ...unknownOptions(config.settings, tablesOf(ready, config))] }
}

/** @throws ConfigError with what every store says that does not open. A store that is away for now opens later. */
export async function openStores({ ready }: PreparedStores, config: ServerConfig, logger: Logger): Promise<StoreSet> {
  const problems: ConfigProblem[] = []
  const opened: Store[] = []
  for (const { planned, definition, raw } of ready) {
    const { id, description, weight } = planned
    try {
      opened.push(await Store.open(definition, raw, { id, description, weight, logger }))
    } catch (error) {
      if (!isStoreError(error)) throw error
      problems.push({ place: null, group: planned.groups[0] ?? null, option: null, message: error.message })
    }
  }
  try {
    if (problems.length > 0) throw new ConfigError(problems)
    return new StoreSet({ stores: opened, defaultId: defaultId(config, opened) })
  } catch (error) {
    await Promise.allSettled(opened.map((store) => store.close()))
    throw error
  }
}

/** Loads a store's driver and checks its options, without opening anything. */
async function prepare(
  planned: PlannedStore,
  config: ServerConfig,
  problems: ConfigProblem[],
): Promise<ReadyStore | null> {
  const group = planned.groups[0] ?? planned.id
  let definition: DriverDefinition
  try {
    definition = await loadDriver(planned.driver, config.driverFolder)
  } catch (error) {
    if (!(error instanceof DriverLoadError)) throw error
    const multi = config.stores.multiStore
    const [inGroup, option] = multi ? ['DEFAULT', 'enabled_backends'] : ['glance_store', 'stores']
    problems.push({
      place: config.settings.find(inGroup, option)?.place ?? null,
      group: inGroup,
      option,
      message: `asks for ${planned.driver}: ${error.message}`,
    })
    return null
  }
  const found = settingsOf(definition.options, planned.groups, config.settings, config.defaultOf)
  problems.push(...found.problems)
  const raw = { ...planned.fallback, ...found.raw }
  for (const { option, message } of parseOptions(definition.options, raw).issues) {
    problems.push({ place: found.places.get(option) ?? null, group, option, message })
  }
  return { planned, definition, raw }
}

/** Which options may stand in which group, with the drivers that were loaded. */
function tablesOf(ready: readonly ReadyStore[], { values }: ServerConfig): ReadonlyMap<string, readonly OptionTable[]> {
  const tables = new Map<string, OptionTable[]>(
    Object.entries(serverOptionGroups).map(([group, table]) => [group, [table]]),
  )
  for (const account of [values.keystone_authtoken.authSection, values.oslo_limit.authSection])
    if (account !== undefined) tables.set(account, [...(tables.get(account) ?? []), keystoneLoginOptions])
  for (const { planned, definition } of ready) {
    for (const group of planned.groups)
      tables.set(group, [...(tables.get(group) ?? [storeGroupOptions]), definition.options])
  }
  return tables
}

/** In the single-store form the default may be named by any scheme of its driver (`default_store = filesystem`). */
function defaultId(config: ServerConfig, stores: readonly Store[]): string {
  const named = config.stores.defaultStore
  if (config.stores.multiStore) return named
  const store =
    stores.find((each) => each.id === named) ??
    stores.find((each) => each.schemes.includes(named) || each.definition.aliases.includes(named))
  if (!store) {
    const place = config.settings.find('glance_store', 'default_store')?.place ?? null
    throw new ConfigError([
      {
        place,
        group: 'glance_store',
        option: 'default_store',
        message: `is ${named}, which none of the stores ${stores.map((each) => each.id).join(', ')} serves`,
      },
    ])
  }
  return store.id
}
