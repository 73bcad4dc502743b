/** Real stores over a driver in memory whose operations fail when a test says so. */
import { defineDriver, optionTable, Store, StoreError, type StoreErrorCode, StoreSet } from '@glance/core'

type Operation = 'add' | 'get' | 'getSize' | 'delete' | 'discard'

/** What a test sees of a store and does to it. */
export class ScriptedBackend {
  readonly objects = new Map<string, Uint8Array>()
  /** Operations in the order in which they came. */
  readonly calls: string[] = []
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

  async enter(operation: Operation): Promise<void> {
    this.calls.push(operation)
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

/** Opens one. Its locations are `scripted://<store id>/<image id>`. */
export async function scriptedStore(
  id: string,
  settings: { readonly weight?: number; readonly readOnly?: boolean; readonly canDelete?: boolean } = {},
): Promise<ScriptedStore> {
  const backend = new ScriptedBackend()
  const definition = defineDriver({
    name: 'scripted',
    schemes: ['scripted'],
    options: optionTable({}),
    async open() {
      return driverOver(backend, `scripted://${id}/`, settings.canDelete ?? true)
    },
  })
  const { weight = 0, readOnly = false } = settings
  return { store: await Store.open(definition, {}, { id, weight, readOnly, description: `store ${id}` }), backend }
}

/** A set of stores; the first one is the default. */
export function storeSetOf(...stores: readonly ScriptedStore[]): StoreSet {
  return new StoreSet({ stores: stores.map(({ store }) => store), defaultId: stores[0]?.store.id ?? '' })
}

function driverOver(backend: ScriptedBackend, prefix: string, canDelete: boolean) {
  const dataAt = (location: string): Uint8Array => {
    const data = backend.objects.get(location)
    if (!data) throw new StoreError('NOT_FOUND', 'no such data')
    return data
  }
  return {
    capabilities: { add: true, delete: canDelete, randomRead: true, setAcls: false, maxImageBytes: null },
    locationPrefixes: [prefix],
    async add(imageId: string, data: AsyncIterable<Uint8Array>) {
      await backend.enter('add')
      const location = `${prefix}${imageId}`
      if (backend.objects.has(location)) throw new StoreError('ALREADY_EXISTS', 'taken')
      const pieces: Uint8Array[] = []
      for await (const chunk of data) pieces.push(Uint8Array.from(chunk))
      const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]))
      backend.objects.set(location, whole)
      return { location, size: whole.byteLength, metadata: {} }
    },
    async get(location: string, { offset, length }: { offset: number; length: number | null }) {
      await backend.enter('get')
      const data = dataAt(location).subarray(offset, length === null ? undefined : offset + length)
      return { size: data.byteLength, body: inPieces(data, backend) }
    },
    async getSize(location: string) {
      await backend.enter('getSize')
      return dataAt(location).byteLength
    },
    async delete(location: string) {
      await backend.enter('delete')
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
