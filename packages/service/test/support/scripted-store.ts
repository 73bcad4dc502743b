/** Real stores over a driver in memory whose operations fail when a test says so. */
import {
  type Acls,
  type CallOptions,
  defineDriver,
  optionTable,
  type Requester,
  Store,
  StoreError,
  type StoreErrorCode,
  StoreSet,
} from '@glance/core'

type Operation = 'add' | 'get' | 'getSize' | 'delete' | 'discard' | 'setAcls'

/** What a test sees of a store and does to it. */
export class ScriptedBackend {
  readonly objects = new Map<string, Uint8Array>()
  /** Operations in the order in which they came. */
  readonly calls: string[] = []
  /** On whose behalf the calls came. */
  readonly requesters: (Requester | undefined)[] = []
  /** Access lists by location, as they were set last. */
  readonly acls = new Map<string, Omit<Acls, keyof CallOptions>>()
  readonly #faults = new Map<Operation, StoreErrorCode>()
  /** Awaited before each operation. */
  before: (operation: Operation) => void | Promise<void> = () => {}
  /** Makes bodies break off with UNAVAILABLE after so many bytes. */
  breakAfter: number | null = null

  /** Every later call of the operation fails so; null heals it. */
  fail(operation: Operation, code: StoreErrorCode | null): void {
    if (code) this.#faults.set(operation, code)
    else this.#faults.delete(operation)
  }

  async enter(operation: Operation, { requester }: Partial<CallOptions> = {}): Promise<void> {
    this.calls.push(operation)
    this.requesters.push(requester)
    await this.before(operation)
    const code = this.#faults.get(operation)
    if (code) throw new StoreError(code, `scripted failure at secret-host.example of ${operation}`)
  }
}

/** A store and the backend behind it. */
export interface ScriptedStore {
  readonly store: Store
  readonly backend: ScriptedBackend
}

/** How a scripted store differs from one that can do everything but access lists. */
export interface ScriptedSettings {
  readonly weight?: number
  readonly readOnly?: boolean
  readonly canDelete?: boolean
  readonly setAcls?: boolean
  readonly schemes?: readonly [string, ...string[]]
  readonly canonicalLocation?: (location: string) => string
}

/** Opens one. Its locations are `<scheme>://<store id>/<image id>`, the scheme being `scripted` unless told otherwise. */
export async function scriptedStore(id: string, settings: ScriptedSettings = {}): Promise<ScriptedStore> {
  const backend = new ScriptedBackend()
  const schemes = settings.schemes ?? ['scripted']
  const definition = defineDriver({
    name: 'scripted',
    schemes,
    options: optionTable({}),
    async open() {
      return driverOver(backend, `${schemes[0]}://${id}/`, settings)
    },
  })
  const { weight = 0, readOnly = false } = settings
  return { store: await Store.open(definition, {}, { id, weight, readOnly, description: `store ${id}` }), backend }
}

/** A set of stores; the first one is the default. */
export function storeSetOf(...stores: readonly ScriptedStore[]): StoreSet {
  return new StoreSet({ stores: stores.map(({ store }) => store), defaultId: stores[0]?.store.id ?? '' })
}

function driverOver(
  backend: ScriptedBackend,
  prefix: string,
  { canDelete = true, setAcls = false, canonicalLocation }: ScriptedSettings,
) {
  const dataAt = (location: string): Uint8Array => {
    const data = backend.objects.get(location)
    if (!data) throw new StoreError('NOT_FOUND', 'no such data')
    return data
  }
  return {
    capabilities: { add: true, delete: canDelete, randomRead: true, setAcls, maxImageBytes: null },
    locationPrefixes: [prefix],
    ...(canonicalLocation ? { canonicalLocation } : {}),
    async setAcls(location: string, { requester, signal, ...acls }: Acls) {
      await backend.enter('setAcls', { signal, ...(requester ? { requester } : {}) })
      backend.acls.set(location, acls)
    },
    async add(imageId: string, data: AsyncIterable<Uint8Array>, call: CallOptions) {
      await backend.enter('add', call)
      const location = `${prefix}${imageId}`
      if (backend.objects.has(location)) throw new StoreError('ALREADY_EXISTS', 'taken')
      const pieces: Uint8Array[] = []
      for await (const chunk of data) pieces.push(Uint8Array.from(chunk))
      const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]))
      backend.objects.set(location, whole)
      return { location, size: whole.byteLength, metadata: {} }
    },
    async get(location: string, { offset, length, ...call }: CallOptions & { offset: number; length: number | null }) {
      await backend.enter('get', call)
      const data = dataAt(location).subarray(offset, length === null ? undefined : offset + length)
      return { size: data.byteLength, body: inPieces(data, backend) }
    },
    async getSize(location: string, call: CallOptions) {
      await backend.enter('getSize', call)
      return dataAt(location).byteLength
    },
    async delete(location: string, call: CallOptions) {
      await backend.enter('delete', call)
      dataAt(location)
      backend.objects.delete(location)
    },
    async discard(imageId: string) {
      await backend.enter('discard')
      backend.objects.delete(`${prefix}${imageId}`)
    },
    async close() {},
  }
}

async function* inPieces(data: Uint8Array, backend: ScriptedBackend): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < data.byteLength || backend.breakAfter === 0; at += 2) {
    if (backend.breakAfter !== null && at >= backend.breakAfter) throw new StoreError('UNAVAILABLE', 'broke off')
    yield data.subarray(at, at + 2)
  }
}
