import { once } from 'node:events'
import {
  type AddOptions,
  type AddResult,
  type DriverDefinition,
  defineDriver,
  type GetOptions,
  type OpenContext,
  optionTable,
  Store,
  type StoreCapabilities,
  type StoreDriver,
  StoreError,
  type StoreSettings,
  secret,
  text,
} from '../../src/index.ts'
import { collect } from './sources.ts'

const allAbilities: StoreCapabilities = {
  add: true,
  delete: true,
  randomRead: true,
  setAcls: false,
  maxImageBytes: null,
}

/** Members of a driver that behave otherwise than the toy's own. */
export type Faults = Partial<StoreDriver>

/** A driver that keeps images in a map, and remembers what it was asked. */
export class ToyDriver implements StoreDriver {
  readonly images = new Map<string, Uint8Array>()
  readonly calls: string[] = []
  readonly capabilities: StoreCapabilities = allAbilities
  readonly locationPrefixes: readonly string[] = ['toy://own/']

  constructor(faults: Faults) {
    Object.assign(this, faults)
  }

  async add(imageId: string, data: AsyncIterable<Uint8Array>, { signal }: AddOptions): Promise<AddResult> {
    this.calls.push('add')
    const location = `toy://own/${imageId}`
    if (this.images.has(location)) throw new StoreError('ALREADY_EXISTS', `image id ${imageId} is taken`)
    const bytes = await collect(data)
    signal.throwIfAborted()
    this.images.set(location, bytes)
    return { location, size: bytes.byteLength, metadata: {} }
  }

  async get(location: string, { offset, length }: GetOptions): ReturnType<StoreDriver['get']> {
    this.calls.push('get')
    const bytes = this.#bytes(location)
    const part = bytes.subarray(offset, length === null ? undefined : offset + length)
    return { size: part.byteLength, body: one(part) }
  }

  async getSize(location: string): Promise<number | null> {
    return this.#bytes(location).byteLength
  }

  async delete(location: string): Promise<void> {
    this.calls.push('delete')
    this.#bytes(location)
    this.images.delete(location)
  }

  async close(): Promise<void> {
    this.calls.push('close')
  }

  #bytes(location: string): Uint8Array {
    const bytes = this.images.get(location)
    if (!bytes) throw new StoreError('NOT_FOUND', 'no such image')
    return bytes
  }
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes
}

const toyOptions = optionTable({
  place: text({ default: 'here', help: 'Where.' }),
  password: secret({ help: 'Password.' }),
})

/** The definition of a driver that opens as `open` says. */
export function definitionOf(open: (context: OpenContext) => Promise<StoreDriver>): DriverDefinition {
  return defineDriver({
    name: 'toy',
    schemes: ['toy'],
    options: toyOptions,
    open: (_options, context) => open(context),
  })
}

/** An open store over a toy driver, and the driver. */
export async function openToy(
  faults: Faults = {},
  settings: Partial<StoreSettings> = {},
): Promise<{ store: Store; driver: ToyDriver }> {
  const driver = new ToyDriver(faults)
  const store = await Store.open(
    definitionOf(async () => driver),
    {},
    { id: 'toys', ...settings },
  )
  return { store, driver }
}

/** Waits until a signal fires and throws its reason, as a backend call that was given the signal does. */
export async function untilAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason
}
