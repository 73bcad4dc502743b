/**
 * Keeps image data in the memory of the process: for tests, for trying the server out, and to be read by authors of drivers.
 *
 * A store has a random name, which is the host of its locations: `memory://<store>/<image id>`. So a location of another store, or of an
 * earlier life of the same one, never finds anything. An image is a list of chunks and appears in the map of images, whole, in one step.
 * Bytes that are under way count against the capacity from the moment they come in, and stop counting when their add fails.
 */
import { randomUUID } from 'node:crypto'
import {
  type AddOptions,
  type AddResult,
  abortError,
  bytes,
  type CallOptions,
  type DriverDefinition,
  defineDriver,
  type GetOptions,
  isImageId,
  type Option,
  type OptionValues,
  optionTable,
  redactLocation,
  type StoreCapabilities,
  type StoreDriver,
  type StoredImage,
  StoreError,
  untilAborted,
} from '@glance/core'

/** The driver's options. */
export const memoryOptions: MemoryOptionTable = optionTable({
  capacity: bytes({
    glance: 'memory_store_capacity',
    default: '1GiB',
    min: 0,
    help: 'Most bytes of image data that the store holds. An add that would go over it fails with STORE_FULL and leaves nothing.',
  }),
})

/** Type of the option table. */
export type MemoryOptionTable = { readonly capacity: Option<number> }

/** Typed values of the options. */
export type MemoryOptions = OptionValues<MemoryOptionTable>

interface MemoryImage {
  readonly chunks: readonly Uint8Array[]
  readonly size: number
}

/** One store in memory. Its images end with it. */
export class MemoryDriver implements StoreDriver {
  readonly capabilities: StoreCapabilities = {
    add: true,
    delete: true,
    randomRead: true,
    setAcls: false,
    maxImageBytes: null,
  }
  readonly locationPrefixes: readonly string[]
  readonly #prefix: string = `memory://${randomUUID()}/`
  readonly #capacity: number
  readonly #images: Map<string, MemoryImage> = new Map()
  readonly #closing: AbortController = new AbortController()
  /** Bytes stored and under way. */
  #taken = 0

  constructor({ capacity }: MemoryOptions) {
    this.#capacity = capacity
    this.locationPrefixes = [this.#prefix]
  }

  async add(imageId: string, data: AsyncIterable<Uint8Array>, options: AddOptions): Promise<AddResult> {
    const signal = this.#begin(options, `add of ${imageId}`)
    this.#assertFree(imageId)
    const chunks: Uint8Array[] = []
    let size = 0
    try {
      for await (const chunk of untilAborted(data, signal, `add of ${imageId}`)) {
        this.#take(chunk.byteLength)
        size += chunk.byteLength
        // The chunk's memory is the source's again when the loop asks for the next one. Uint8Array.from would be ten times slower.
        chunks.push(new Uint8Array(chunk))
      }
      // Another add of this id may have ended meanwhile. Between this check and `set` nothing else can run.
      this.#assertFree(imageId)
      this.#images.set(imageId, { chunks, size })
    } catch (error) {
      this.#taken -= size
      throw error
    }
    return { location: this.#prefix + imageId, size, metadata: {} }
  }

  async get(location: string, options: GetOptions): Promise<StoredImage> {
    const signal = this.#begin(options, 'get')
    const image = this.#images.get(this.#find(location))
    if (!image) throw missing(location)
    const start = Math.min(options.offset, image.size)
    const end = Math.min(start + (options.length ?? image.size), image.size)
    return { size: end - start, body: part(image, start, end, signal) }
  }

  async getSize(location: string, options: CallOptions): Promise<number | null> {
    this.#begin(options, 'getSize')
    const image = this.#images.get(this.#find(location))
    if (!image) throw missing(location)
    return image.size
  }

  async delete(location: string, options: CallOptions): Promise<void> {
    this.#begin(options, 'delete')
    // Readers that have the image open keep its chunks alive and read on.
    if (!this.#remove(this.#find(location))) throw missing(location)
  }

  /** A failed add leaves nothing here, so only a whole image that nobody recorded can be left. */
  async discard(imageId: string, options: CallOptions): Promise<void> {
    this.#begin(options, 'discard')
    this.#remove(imageId)
  }

  async check(options: CallOptions): Promise<void> {
    this.#begin(options, 'check')
  }

  async close(): Promise<void> {
    this.#closing.abort(new StoreError('ABORTED', 'the memory store is closed'))
    this.#images.clear()
  }

  /** What every call begins with. @returns a signal that fires when the caller gives up or the store is closed */
  #begin({ signal }: CallOptions, what: string): AbortSignal {
    const either = AbortSignal.any([signal, this.#closing.signal])
    if (either.aborted) throw abortError(either, what)
    return either
  }

  #assertFree(imageId: string): void {
    if (this.#images.has(imageId)) throw new StoreError('ALREADY_EXISTS', `image ${imageId} is in the store already`)
  }

  #take(size: number): void {
    if (this.#taken + size > this.#capacity)
      throw new StoreError('STORE_FULL', `the memory store has no room beyond its ${this.#capacity} bytes`)
    this.#taken += size
  }

  /** The image id of a location of this very store. */
  #find(location: string): string {
    const imageId = location.startsWith(this.#prefix) ? location.slice(this.#prefix.length) : ''
    if (isImageId(imageId)) return imageId
    throw new StoreError('INVALID_LOCATION', `${redactLocation(location)} is no location of this store`)
  }

  /** @returns whether there was anything */
  #remove(imageId: string): boolean {
    this.#taken -= this.#images.get(imageId)?.size ?? 0
    return this.#images.delete(imageId)
  }
}

/** Copies of the stored bytes from `start` to `end`: a reader may do with its chunks what it likes. */
async function* part(
  { chunks }: MemoryImage,
  start: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  let at = 0
  for (const chunk of chunks) {
    if (signal.aborted) throw abortError(signal, 'reading')
    const from = Math.max(0, start - at)
    const to = Math.min(chunk.byteLength, end - at)
    if (from < to) yield chunk.slice(from, to)
    at += chunk.byteLength
  }
  if (signal.aborted) throw abortError(signal, 'reading')
}

function missing(location: string): StoreError {
  return new StoreError('NOT_FOUND', `no image data at ${redactLocation(location)}`)
}

/** The memory driver. */
const definition: DriverDefinition<MemoryOptionTable> = defineDriver({
  name: 'memory',
  schemes: ['memory'],
  options: memoryOptions,
  async open(options, { signal }) {
    if (signal.aborted) throw abortError(signal, 'opening the memory store')
    return new MemoryDriver(options)
  },
})

export default definition
