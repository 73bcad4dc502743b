/**
 * An open store as cases use it: each call is bounded by the suite's patience, and reads are compared as they come.
 */
import {
  type AddResult,
  isStoreError,
  redactLocation,
  type StoreCapabilities,
  type StoreDriver,
  type StoredImage,
  type StoreError,
  type StoreErrorCode,
} from '@glance/core'
import { within } from './bounded.ts'
import { Comparison, type Payload } from './bytes.ts'
import { Finding, HarnessError, inWords, must } from './finding.ts'
import type { Harness, RawOptions } from './harness.ts'
import { Source } from './sources.ts'

/** How a case adds: absent members mean the payload's size and a signal that never fires. */
export interface AddHow {
  readonly size?: number | null
  readonly signal?: AbortSignal
}

/** Which bytes a case reads. */
export interface ReadHow {
  readonly offset?: number
  readonly length?: number | null
  readonly signal?: AbortSignal
}

/** A body that is read by hand, step by step. */
export interface Reader {
  readonly size: number | null
  /** The next chunk, null at the end. */
  next(): Promise<Uint8Array | null>
  return(): Promise<void>
}

export class StoreUnderTest {
  readonly driver: StoreDriver
  /** What the store was opened with; opening with them again is opening the same store. */
  readonly options: RawOptions
  readonly #harness: Harness
  readonly #patienceMs: number

  constructor(driver: StoreDriver, options: RawOptions, harness: Harness, patienceMs: number) {
    this.driver = driver
    this.options = options
    this.#harness = harness
    this.#patienceMs = patienceMs
  }

  get capabilities(): StoreCapabilities {
    return this.driver.capabilities
  }

  /** Waits for a promise of the driver within the suite's patience. */
  within<T>(what: string, promise: Promise<T>): Promise<T> {
    return within(this.#patienceMs, what, promise)
  }

  /** Stores image data. */
  add(imageId: string, data: Payload | Source, how: AddHow = {}): Promise<AddResult> {
    const source = data instanceof Source ? data : new Source(data)
    const { size = source.payload.size, signal = quiet() } = how
    return this.within(
      'add',
      called(() => this.driver.add(imageId, source, { size, signal })),
    )
  }

  /** Gets image data into the store, by `add` or past the driver. @returns the location */
  async put(imageId: string, data: Payload): Promise<string> {
    if (this.capabilities.add) return (await this.add(imageId, data)).location
    return this.#prepared().place(imageId, data.slice(0, data.size), this.options)
  }

  /** A location of this store at which there is nothing. */
  async missing(imageId: string, data: Payload): Promise<string> {
    if (!this.capabilities.add) return this.#prepared().missing(this.options)
    const { location } = await this.add(imageId, data)
    if (!this.capabilities.delete) return location.replace(imageId, `${imageId}-missing`)
    await this.delete(location)
    return location
  }

  get(location: string, { offset = 0, length = null, signal = quiet() }: ReadHow = {}): Promise<StoredImage> {
    return this.within(
      'get',
      called(() => this.driver.get(location, { offset, length, signal })),
    )
  }

  getSize(location: string, signal: AbortSignal = quiet()): Promise<number | null> {
    return this.within(
      'getSize',
      called(() => this.driver.getSize(location, { signal })),
    )
  }

  delete(location: string, signal: AbortSignal = quiet()): Promise<void> {
    return this.within(
      'delete',
      called(() => this.driver.delete(location, { signal })),
    )
  }

  close(): Promise<void> {
    return this.within(
      'close',
      called(() => this.driver.close()),
    )
  }

  /** Opens a body to be read by hand. */
  async reader(location: string, how: ReadHow = {}): Promise<Reader> {
    const { size, body } = await this.get(location, how)
    const iterator = body[Symbol.asyncIterator]()
    return {
      size,
      next: async () => {
        const step = await this.within(
          'reading a chunk',
          called(() => iterator.next()),
        )
        return step.done ? null : step.value
      },
      return: async () => {
        await this.within(
          'leaving a body early',
          called(async () => iterator.return?.()),
        )
      },
    }
  }

  /** Reads data, or a part of them, and compares every byte and the announced size. */
  async read(location: string, expected: Payload, how: ReadHow = {}): Promise<void> {
    const comparison = new Comparison(expected, how.offset, how.length)
    const reader = await this.reader(location, how)
    for (let chunk = await reader.next(); chunk !== null; chunk = await reader.next()) comparison.push(chunk)
    comparison.end()
    must(
      reader.size === null || reader.size === comparison.length,
      `the size of the answer is ${reader.size}, and the body has ${comparison.length} bytes`,
    )
  }

  /** Checks that a call is refused with one of the codes. @returns the error */
  async refused<T>(what: string, codes: readonly StoreErrorCode[], call: Promise<T>): Promise<StoreError> {
    let thrown: unknown
    try {
      await this.within(what, call)
    } catch (error) {
      if (error instanceof Finding) throw error
      thrown = error
      must(isStoreError(thrown), `${what} rejected with ${inWords(thrown)}, which is no StoreError`)
      must(codes.includes(thrown.code), `${what} rejected with ${inWords(thrown)} instead of ${codes.join(' or ')}`)
      return thrown
    }
    throw new Finding(`${what} went well instead of being refused with ${codes.join(' or ')}`)
  }

  /** Checks that neither data nor their size come from a location, and that the refusal comes from `get` itself, not from the body. */
  async hasNothingAt(location: string, codes: readonly StoreErrorCode[] = ['NOT_FOUND']): Promise<void> {
    const shown = redactLocation(location)
    await this.refused(`get of ${shown}`, codes, this.get(location))
    await this.refused(`getSize of ${shown}`, codes, this.getSize(location))
  }

  /** Names of what lies in the backend, in order. */
  async leftovers(): Promise<readonly string[]> {
    return [...((await this.#harness.leftovers?.(this.options)) ?? [])].sort()
  }

  #prepared(): NonNullable<Harness['prepared']> {
    if (this.#harness.prepared) return this.#harness.prepared
    throw new HarnessError('a driver that does not add needs harness.prepared, or nothing of it can be tested')
  }
}

/** A signal that never fires. */
function quiet(): AbortSignal {
  return new AbortController().signal
}

/** A method that throws instead of rejecting breaks its callers' clean-up; here it becomes a finding. */
function called<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call()
  } catch (thrown) {
    return Promise.reject(new Finding(`a method threw ${inWords(thrown)} instead of rejecting`))
  }
}
