import { contractVersion, type StoreDriver } from './driver.ts'
import type { Logger } from './log.ts'
import type { OptionTable, OptionValues } from './options/option.ts'

const brand: unique symbol = Symbol.for('@glance/core/DriverDefinition') as never

/** What `open` gets besides the options. */
export interface OpenContext {
  /** The identifier that the operator gave this store, for log lines. */
  readonly storeId: string
  readonly logger: Logger
  /** Fires when the start is called off. */
  readonly signal: AbortSignal
}

/** What a driver module exports by default: everything the server has to know before it opens a store. */
export interface DriverDefinition<T extends OptionTable = OptionTable> {
  /** The short name that configurations use, e.g. `s3`. Lower case letters, digits and hyphens. */
  readonly name: string
  /** `contractVersion` of the core it was written against. */
  readonly contract: number
  /** Schemes of the locations that it reads. The first one is the one it writes. */
  readonly schemes: readonly string[]
  /** Names of the same driver in older configurations, e.g. `glance.store.filesystem.Store`. */
  readonly aliases: readonly string[]
  readonly options: T
  /**
   * Opens a store: afterwards the driver works, or this has failed. Several stores of one definition may be open at the same time.
   *
   * @throws StoreError BAD_CONFIGURATION when the options cannot work; UNAVAILABLE or TIMEOUT when the backend is away for now, which
   *   does not stop the server: it opens the store again when it is needed
   */
  open(options: OptionValues<T>, context: OpenContext): Promise<StoreDriver>
}

/** A definition as its author writes it; `contract` and `aliases` may be left out. */
export type DriverDefinitionInput<T extends OptionTable> = Omit<DriverDefinition<T>, 'contract' | 'aliases'> & {
  readonly contract?: number
  readonly aliases?: readonly string[]
}

/**
 * Makes a driver definition: the default export of a driver module.
 *
 * @throws TypeError when the name or a scheme is malformed, so that a faulty driver fails in its author's first test
 */
export function defineDriver<const T extends OptionTable>(input: DriverDefinitionInput<T>): DriverDefinition<T> {
  if (!/^[a-z][a-z0-9-]*$/.test(input.name))
    throw new TypeError(`a driver's name is lower case letters, digits and hyphens, not ${JSON.stringify(input.name)}`)
  if (input.schemes.length === 0) throw new TypeError(`driver ${input.name} names no scheme`)
  for (const scheme of input.schemes) {
    if (!/^[a-z][a-z0-9+.-]*$/.test(scheme))
      throw new TypeError(`driver ${input.name} names the malformed scheme ${JSON.stringify(scheme)}`)
  }
  const definition = { contract: contractVersion, aliases: [], ...input }
  Object.defineProperty(definition, brand, { value: true })
  return Object.freeze(definition)
}

/** Whether a value is a driver definition, of this or of another installed copy of the package. */
export function isDriverDefinition(value: unknown): value is DriverDefinition {
  return typeof value === 'object' && value !== null && brand in value
}
