import { StoreError } from './errors.ts'

/**
 * What one store can do under its present options, as plain data.
 *
 * A driver states it once, when it opens; it never changes while the store is open. `Store` refuses what is not declared before the
 * driver is called, the conformance suite proves both sides, and the driver matrix prints it.
 */
export interface StoreCapabilities {
  /** New image data can be stored. False for read-only backends (http). */
  readonly add: boolean
  /** Stored image data can be removed. */
  readonly delete: boolean
  /** A read may start at any byte and stop before the end (`GetOptions.offset` and `.length`). */
  readonly randomRead: boolean
  /** `StoreDriver.setAcls` exists and reaches the backend. */
  readonly setAcls: boolean
  /** `StoreDriver.copy` exists. Absent means no. */
  readonly copy?: boolean
  /** `StoreDriver.directUrl` exists. Absent means no. */
  readonly directUrl?: boolean
  /** Largest image in bytes that the backend can hold, null when it sets no bound of its own. */
  readonly maxImageBytes: number | null
}

/** The names of the capabilities that are yes or no. */
export type Ability = {
  [K in keyof StoreCapabilities]-?: StoreCapabilities[K] extends boolean | undefined ? K : never
}[keyof StoreCapabilities]

/** What a refused ability is called in the message of its error. */
const refusals: Readonly<Record<Ability, string>> = {
  add: 'does not take new image data',
  delete: 'does not delete image data',
  randomRead: 'cannot read a part of an image',
  setAcls: 'has no access lists of its own',
  copy: 'does not copy image data by itself',
  directUrl: 'gives no direct URLs',
}

/**
 * Checks that a store has an ability.
 *
 * @throws StoreError READ_ONLY when `add` is missing (glance_store: StoreAddDisabled), UNSUPPORTED for every other one
 */
export function assertCapability(capabilities: StoreCapabilities, ability: Ability, storeId: string): void {
  if (capabilities[ability]) return
  throw new StoreError(ability === 'add' ? 'READ_ONLY' : 'UNSUPPORTED', `store ${storeId} ${refusals[ability]}`)
}
