import { StoreError } from './errors.ts'
import { redactLocation, schemeOf } from './location.ts'
import type { Store } from './store.ts'

/** Identifiers that start so belong to the service itself (staging, tasks): hidden from users and never written to by their choice. */
export const reservedPrefix = 'os_glance_'

/** The stores of a service. */
export interface StoreSetInput {
  readonly stores: readonly Store[]
  /** Where image data go when nobody names a store. */
  readonly defaultId: string
}

/** Several stores by identifier. Identifiers are unique; reserved ones (`os_glance_*`) are kept apart. */
export class StoreSet {
  readonly #byId: ReadonlyMap<string, Store>
  /** Every store that users may know of, in configured order. */
  readonly all: readonly Store[]
  readonly default: Store

  /** @throws StoreError BAD_CONFIGURATION when an identifier is there twice, or the default is unknown or reserved */
  constructor({ stores, defaultId }: StoreSetInput) {
    this.#byId = new Map(stores.map((store) => [store.id, store]))
    const ids = stores.map((store) => store.id)
    const twice = stores.find((store, index) => ids.indexOf(store.id) !== index)
    if (twice) throw new StoreError('BAD_CONFIGURATION', `two stores have the identifier ${twice.id}`)
    this.all = stores.filter((store) => !isReserved(store.id))
    const chosen = this.all.find((store) => store.id === defaultId)
    if (!chosen)
      throw new StoreError(
        'BAD_CONFIGURATION',
        `the default store ${JSON.stringify(defaultId)} is not among ${this.all.map((store) => store.id).join(', ')}`,
      )
    this.default = chosen
  }

  /** A store that users may name, or undefined. */
  get(id: string): Store | undefined {
    return isReserved(id) ? undefined : this.#byId.get(id)
  }

  /** A store of the service itself, or undefined. */
  reserved(id: string): Store | undefined {
    return isReserved(id) ? this.#byId.get(id) : undefined
  }

  /**
   * The store in which a location lies: the one its metadata name (`store`, or `backend` as before glance_store 1.0), else the one with the longest fitting
   * prefix, else the only one that reads its scheme. Prefixes are compared with what a store would write today, since older services wrote
   * credentials before the rest. Never a store of the service itself: metadata may come from a user.
   *
   * @throws StoreError INVALID_LOCATION when there is none
   */
  storeOf(url: string, metadata: Readonly<Record<string, unknown>>): Store {
    for (const name of [metadata['store'], metadata['backend']]) {
      const named = typeof name === 'string' ? this.get(name) : undefined
      if (named) return named
    }
    const owner = this.ownerOf(url)
    if (owner) return owner
    const scheme = schemeOf(url)
    const readers = this.all.filter((store) => store.schemes.includes(scheme))
    if (readers.length === 1 && readers[0]) return readers[0]
    throw new StoreError('INVALID_LOCATION', `no store reads ${redactLocation(url)}`)
  }

  /** The store with the longest prefix that fits a location, so the one whose own it is; null when there is none. Never a store of the service itself. */
  ownerOf(url: string): Store | null {
    const [best] = this.all
      .map((store) => {
        const written = store.canonicalLocation(url)
        const fitting = store.locationPrefixes.filter((prefix) => written.startsWith(prefix))
        return { store, fit: Math.max(0, ...fitting.map((prefix) => prefix.length)) }
      })
      .filter(({ fit }) => fit > 0)
      .toSorted((a, b) => b.fit - a.fit)
    return best?.store ?? null
  }

  /** Closes every store, and reports the first failure after all are closed. */
  async close(): Promise<void> {
    const results = await Promise.allSettled([...this.#byId.values()].map((store) => store.close()))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/** Whether an identifier is reserved for the service. */
export function isReserved(id: string): boolean {
  return id.startsWith(reservedPrefix)
}
