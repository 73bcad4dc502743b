/**
 * A store as the server uses it: one configured backend, with everything done that each driver would otherwise repeat.
 *
 * Arguments and abilities are checked before the driver is called; image data are counted, held to their announced size and limit, and hashed on their way in;
 * reads are held to the size the driver announced; errors leave with the store's id, the operation and the image id; every call is published for metrics.
 *
 * A backend that is away when the store opens does not stop the server: the store opens the driver again when it is needed, at most once in `reopenAfterMs`.
 */
import { performance } from 'node:perf_hooks'
import { assertCapability, type StoreCapabilities } from './capabilities.ts'
import type { DriverDefinition } from './definition.ts'
import type { Acls, AddResult, CallOptions, CopySource, StoreDriver, StoredImage } from './driver.ts'
import { abortError, isStoreError, StoreError, wrapError } from './errors.ts'
import { assertImageId } from './image-id.ts'
import { redactLocation, schemeOf } from './location.ts'
import { type Logger, noopLogger } from './log.ts'
import { type StoreEvent, storeChannel } from './observe.ts'
import type { Option } from './options/option.ts'
import { parseOptions } from './options/parse.ts'
import type {
  DigestedData,
  StoreAddOptions,
  StoreCallOptions,
  StoredData,
  StoreGetOptions,
  StoreSettings,
} from './store-options.ts'
import { begun, nothing } from './streams/begun.ts'
import { bounded } from './streams/bounded.ts'
import { digest } from './streams/digest.ts'
import { guard } from './streams/guard.ts'
import { hashName } from './streams/hash-algorithms.ts'
import { HashPool } from './streams/hash-pool.ts'
import { meter } from './streams/meter.ts'
import { SlotPool } from './streams/slots.ts'
import { Source } from './streams/source.ts'

/** Threads and memory that all stores of a process share: 64 slots of 512 KiB, and at most one more for each running upload that finds none free. */
const shared = {
  hashes: new HashPool(),
  slots: new SlotPool({ slots: 64, slotBytes: 512 * 1024, mostPerStream: 8 }),
}

/** Before a driver has opened, what it can do is not known; the call that needs it opens it and learns. */
const notYetKnown: StoreCapabilities = {
  add: true,
  delete: true,
  randomRead: true,
  setAcls: true,
  copy: true,
  directUrl: true,
  maxImageBytes: null,
}

export class Store {
  readonly id: string
  readonly description: string | null
  readonly weight: number
  readonly #definition: DriverDefinition
  readonly #options: Readonly<Record<string, unknown>>
  readonly #readOnly: boolean
  readonly #logger: Logger
  readonly #idleMs: number
  readonly #reopenAfterMs: number
  readonly #closing = new AbortController()
  #driver: StoreDriver | null = null
  #opening: Promise<StoreDriver> | null = null
  #failed: { readonly error: StoreError; readonly at: number } | null = null

  /**
   * Opens a store.
   *
   * @param raw - the driver's options, keyed by own or Glance's names, as text or typed
   * @throws StoreError BAD_CONFIGURATION with every problem of the options in its message. A backend that is away (a retryable error) is logged and does not throw.
   */
  static async open(
    definition: DriverDefinition,
    raw: Readonly<Record<string, unknown>>,
    settings: StoreSettings,
  ): Promise<Store> {
    const parsed = parseOptions(definition.options, raw)
    if (!parsed.values) {
      const problems = parsed.issues.map(({ option, message }) => `${option} ${message}`).join('; ')
      const context = { store: settings.id, operation: 'open' }
      throw new StoreError('BAD_CONFIGURATION', `store ${settings.id}: ${problems}`, { context })
    }
    const store = new Store(definition, parsed.values, settings)
    try {
      await store.#open(settings.signal)
    } catch (error) {
      if (!isStoreError(error) || !error.retryable) throw error
      store.#logger.warn(
        { store: store.id, code: error.code, err: error },
        'store is away; it is opened again when it is needed',
      )
    }
    return store
  }

  private constructor(
    definition: DriverDefinition,
    options: Readonly<Record<string, unknown>>,
    settings: StoreSettings,
  ) {
    this.id = settings.id
    this.description = settings.description ?? null
    this.weight = settings.weight ?? 0
    this.#definition = definition
    this.#options = options
    this.#readOnly = settings.readOnly ?? false
    this.#logger = settings.logger ?? noopLogger
    this.#idleMs = settings.idleMs ?? 900_000
    this.#reopenAfterMs = settings.reopenAfterMs ?? 2_000
  }

  /** The driver's name, e.g. `file`. */
  get type(): string {
    return this.#definition.name
  }

  /** Schemes of the locations it reads. */
  get schemes(): readonly string[] {
    return this.#definition.schemes
  }

  /** Beginnings of the locations that are its own; empty while the backend has not been reached yet. */
  get locationPrefixes(): readonly string[] {
    return this.#driver?.locationPrefixes ?? []
  }

  /** What it can do under its present options. Everything, while the backend has not been reached yet. */
  get capabilities(): StoreCapabilities {
    const known = this.#driver?.capabilities ?? notYetKnown
    return this.#readOnly ? { ...known, add: false } : known
  }

  /** Whether it takes no new image data. */
  get readOnly(): boolean {
    return !this.capabilities.add
  }

  /** The definition's options as they are in force; secrets are among them. */
  get options(): Readonly<Record<string, unknown>> {
    return this.#options
  }

  get definition(): DriverDefinition {
    return this.#definition
  }

  /** What operators are told of it beside its type: the options that say so (`OptionFacts.told`) and the driver's own facts, as far as the backend has been reached. */
  get facts(): Readonly<Record<string, unknown>> {
    const told = (Object.entries(this.#definition.options) as [string, Option][]).flatMap(([name, option]) => {
      const value = this.#options[name]
      return option.told === undefined || option.kind === 'secret' || value === undefined ? [] : [[option.told, value]]
    })
    return { ...Object.fromEntries(told), ...this.#driver?.facts }
  }

  /** A location as the driver would write it today; see `StoreDriver.canonicalLocation`. As it is while the backend has not been reached. */
  canonicalLocation(location: string): string {
    return this.#driver?.canonicalLocation?.(location) ?? location
  }

  /**
   * Stores image data under a new location: wholly, or not at all.
   *
   * @throws what `data` throws, as it is; StoreError READ_ONLY | TOO_LARGE | SIZE_MISMATCH | BAD_CONFIGURATION (unknown algorithm) and those of
   *   `StoreDriver.add`. Nothing remains after any of them.
   */
  async add(imageId: string, data: AsyncIterable<Uint8Array>, options: StoreAddOptions = {}): Promise<StoredData> {
    const { size = null, limit = null, hashAlgorithm = 'sha512' } = options
    assertImageId(imageId)
    if (size !== null && !(Number.isSafeInteger(size) && size >= 0))
      throw new TypeError(`size must be a whole number or null, not ${size}`)
    const source = new Source(data)
    const subject = { imageId, isForeign: (thrown: unknown) => source.threw(thrown) }
    return this.#call('add', subject, options, async (driver, call, count) => {
      const { signal } = call
      assertCapability(this.capabilities, 'add', this.id)
      const most = smallest(limit, this.capabilities.maxImageBytes)
      if (size !== null && most !== null && size > most)
        throw new StoreError('TOO_LARGE', `image data of ${size} bytes is over the limit of ${most} bytes`)
      const algorithms = [...new Set(['md5', hashAlgorithm])]
      const over = new AbortController()
      const stream = digest(
        meter(source, { size, limit: most }, (total) => {
          count.total = total
        }),
        { ...shared, algorithms, signal: AbortSignal.any([signal, over.signal]) },
      )
      try {
        const added = await driver.add(imageId, stream.body, { ...call, size, digests: stream.digests })
        if (added.size !== count.total || stream.digests.size === 0) {
          await driver.delete(added.location, { signal: AbortSignal.timeout(30_000) }).catch(() => {})
          throw new StoreError(
            'UNKNOWN',
            `the driver stored ${added.size} bytes of ${count.total} and did not read to the end`,
          )
        }
        const checksum = stream.digests.get('md5') ?? ''
        return { ...added, checksum, hashAlgorithm, hashValue: stream.digests.get(hashAlgorithm) ?? '' }
      } finally {
        // A driver that left the body open must not leave memory taken. If it left while the source was stuck, only an abort ends the body.
        over.abort()
        await stream.body.return()
      }
    })
  }

  /**
   * Opens image data for reading. The body ends whole or throws; it must be read to its end or left by `return()` (a `for await` does).
   *
   * @throws StoreError UNSUPPORTED when a part is asked for that the store cannot give, INVALID_LOCATION for foreign schemes, and those of `StoreDriver.get`
   */
  async get(location: string, options: StoreGetOptions = {}): Promise<StoredImage> {
    const { offset = 0, length = null } = options
    for (const number of [offset, length ?? 0]) {
      if (!Number.isSafeInteger(number) || number < 0)
        throw new TypeError(`offset and length must be whole numbers, not ${number}`)
    }
    const started = performance.now()
    let closeSignal: AbortSignal = this.#closing.signal
    const stored = await this.#call('get', { location, silent: true }, options, async (driver, call) => {
      if (offset > 0 || length !== null) assertCapability(this.capabilities, 'randomRead', this.id)
      closeSignal = call.signal
      return driver.get(location, { ...call, offset, length })
    })
    const guarded = guard(stored.body, { size: stored.size, signal: closeSignal, idleMs: this.#idleMs })
    return { size: stored.size, body: begun(this.#reported(guarded, started, closeSignal)) }
  }

  /**
   * Reads image data to their end and hashes them, on the threads and in the memory that uploads use.
   *
   * @param algorithms - as hashlib spells them
   * @throws as `get`, also when the data break off; BAD_CONFIGURATION for an algorithm that is not known
   */
  async digest(
    location: string,
    { algorithms, ...call }: StoreCallOptions & { readonly algorithms: readonly string[] },
  ): Promise<DigestedData> {
    for (const algorithm of algorithms) {
      if (hashName(algorithm) === null)
        throw new StoreError('BAD_CONFIGURATION', `hash algorithm ${JSON.stringify(algorithm)} is not available`)
    }
    const stored = await this.get(location, call)
    const signal = call.signal ? AbortSignal.any([this.#closing.signal, call.signal]) : this.#closing.signal
    const stream = digest(stored.body, { ...shared, algorithms: [...new Set(algorithms)], signal })
    let size = 0
    for await (const chunk of stream.body) size += chunk.byteLength
    return { size, digests: stream.digests }
  }

  /** Size in bytes of the data at a location, null when the store cannot tell. @throws as `get` */
  getSize(location: string, options: StoreCallOptions = {}): Promise<number | null> {
    return this.#call('getSize', { location }, options, (driver, call) => driver.getSize(location, call))
  }

  /** Removes image data. @throws StoreError UNSUPPORTED when the store cannot, and those of `StoreDriver.delete` */
  delete(location: string, options: StoreCallOptions = {}): Promise<void> {
    return this.#call('delete', { location }, options, async (driver, call) => {
      assertCapability(this.capabilities, 'delete', this.id)
      await driver.delete(location, call)
    })
  }

  /** Opens image data in the backend to other projects. @throws StoreError UNSUPPORTED when the store has no access lists, and those of `StoreDriver.setAcls` */
  setAcls(location: string, acls: Omit<Acls, keyof CallOptions>, options: StoreCallOptions = {}): Promise<void> {
    return this.#call('setAcls', { location }, options, async (driver, call) => {
      assertCapability(this.capabilities, 'setAcls', this.id)
      await driver.setAcls?.(location, { ...acls, ...call })
    })
  }

  /**
   * Stores image data that lie in another store, within the backend.
   *
   * @returns null when that cannot be done: another driver, a driver that does not copy, another cluster or account. Nothing was written then.
   * @throws StoreError as `add`, and NOT_FOUND when the source is gone
   */
  async copy(
    imageId: string,
    source: CopySource & { readonly store: Store },
    options: StoreCallOptions = {},
  ): Promise<AddResult | null> {
    assertImageId(imageId)
    if (source.store.definition.name !== this.#definition.name) return null
    return this.#call('copy', { imageId }, options, async (driver, call) => {
      assertCapability(this.capabilities, 'add', this.id)
      const { maxImageBytes } = this.capabilities
      if (maxImageBytes !== null && source.size > maxImageBytes)
        throw new StoreError(
          'TOO_LARGE',
          `image data of ${source.size} bytes are over the limit of ${maxImageBytes} bytes`,
        )
      if (!this.capabilities.copy || !driver.copy) return null
      const { location, size, store } = source
      const from = #driver in store ? store.#driver : null
      return driver.copy(imageId, { location, size, ...(from ? { driver: from } : {}) }, call)
    })
  }

  /** A URL that gives the data to whoever has it, for `expiresIn` seconds. @throws StoreError UNSUPPORTED when the store has none, and those of `StoreDriver.directUrl` */
  directUrl(location: string, options: StoreCallOptions & { readonly expiresIn: number }): Promise<string> {
    const { expiresIn } = options
    if (!(Number.isSafeInteger(expiresIn) && expiresIn >= 1))
      throw new TypeError(`expiresIn must be a whole number of seconds, not ${expiresIn}`)
    return this.#call('directUrl', { location }, options, async (driver, call) => {
      assertCapability(this.capabilities, 'directUrl', this.id)
      if (!driver.directUrl) throw new StoreError('UNSUPPORTED', `store ${this.id} gives no direct URLs`)
      return driver.directUrl(location, { ...call, expiresIn })
    })
  }

  /** Removes what an unfinished add of this id left, if the driver can; see `StoreDriver.discard`. Read-only stores have nothing to remove. */
  async discard(imageId: string, options: StoreCallOptions = {}): Promise<void> {
    assertImageId(imageId)
    await this.#call('discard', { imageId }, options, async (driver, call) => {
      if (driver.capabilities.add) await driver.discard?.(imageId, call)
    })
  }

  /** Whether the backend would take a call now. @throws StoreError UNAVAILABLE | FORBIDDEN | TIMEOUT */
  check(options: StoreCallOptions = {}): Promise<void> {
    return this.#call('check', {}, options, async (driver, call) => driver.check?.(call))
  }

  /** Ends everything that runs, with ABORTED, and releases the backend. May be called twice. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort(new StoreError('ABORTED', `store ${this.id} is closed`))
    const driver = this.#driver ?? (await this.#opening?.catch(() => null))
    await driver?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #open(signal: AbortSignal | undefined): Promise<StoreDriver> {
    if (this.#driver) return this.#driver
    if (this.#failed && performance.now() - this.#failed.at < this.#reopenAfterMs) throw this.#failed.error
    this.#opening ??= this.#openNow(signal).finally(() => {
      this.#opening = null
    })
    return this.#opening
  }

  async #openNow(signal: AbortSignal | undefined): Promise<StoreDriver> {
    const started = performance.now()
    const both = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])])
    try {
      const driver = await this.#definition.open(this.#options as never, {
        storeId: this.id,
        logger: this.#logger,
        signal: both,
      })
      if (this.#closing.signal.aborted) {
        await driver.close()
        throw abortError(this.#closing.signal, 'open')
      }
      this.#driver = driver
      this.#failed = null
      this.#publish('open', started, 0, null)
      return driver
    } catch (thrown) {
      const error = wrapError(thrown, { store: this.id, operation: 'open' }, both)
      this.#failed = { error, at: performance.now() }
      this.#publish('open', started, 0, error.code)
      throw error
    }
  }

  /** What every call has: an open driver, one signal, the error's context, and its event. `count` is for bytes that go by. */
  async #call<T>(
    operation: StoreEvent['operation'],
    subject: CallSubject,
    { signal: outer, requester }: StoreCallOptions,
    run: (driver: StoreDriver, call: CallOptions, count: Count) => Promise<T>,
  ): Promise<T> {
    const started = performance.now()
    const signal = outer ? AbortSignal.any([this.#closing.signal, outer]) : this.#closing.signal
    const count: Count = { total: 0 }
    try {
      if (signal.aborted) throw abortError(signal, operation)
      if (subject.location !== undefined) this.#checkScheme(subject.location)
      // The opening is shared, so a caller that gives up leaves it running for the others.
      const driver = this.#driver ?? (await bounded(this.#open(undefined), { signal, idleMs: 0, what: operation }))
      const result = await run(driver, requester ? { signal, requester } : { signal }, count)
      if (!subject.silent) this.#publish(operation, started, count.total, null)
      return result
    } catch (thrown) {
      if (subject.isForeign?.(thrown)) {
        this.#publish(operation, started, count.total, isStoreError(thrown) ? thrown.code : 'ABORTED')
        throw thrown
      }
      const imageId = subject.imageId === undefined ? {} : { imageId: subject.imageId }
      const error = wrapError(thrown, { store: this.id, operation, ...imageId }, signal)
      this.#publish(operation, started, count.total, error.code)
      throw error
    }
  }

  #checkScheme(location: string): void {
    if (this.schemes.includes(schemeOf(location))) return
    throw new StoreError('INVALID_LOCATION', `store ${this.id} does not read ${redactLocation(location)}`)
  }

  async *#reported(
    body: AsyncGenerator<Uint8Array, void, void>,
    started: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    let bytes = 0
    let failure = null as StoreError | null
    try {
      yield nothing
      for (;;) {
        let step: IteratorResult<Uint8Array, void>
        // What the reader throws into the body (a stream over it that is destroyed) is no failure of the store.
        try {
          step = await body.next()
        } catch (thrown) {
          failure = wrapError(thrown, { store: this.id, operation: 'get' }, signal)
          throw failure
        }
        if (step.done) return
        bytes += step.value.byteLength
        yield step.value
      }
    } finally {
      await body.return()
      this.#publish('get', started, bytes, failure?.code ?? null)
    }
  }

  #publish(operation: StoreEvent['operation'], started: number, bytes: number, code: StoreEvent['code']): void {
    if (!storeChannel.hasSubscribers) return
    storeChannel.publish({
      store: this.id,
      driver: this.type,
      operation,
      durationMs: performance.now() - started,
      bytes,
      code,
    })
  }
}

/** What a call is about. */
interface CallSubject {
  readonly imageId?: string
  readonly location?: string
  /** Its event is published later, by somebody else. */
  readonly silent?: boolean
  /** Errors that are not the store's and leave as they are. */
  readonly isForeign?: (thrown: unknown) => boolean
}

/** Bytes that went by so far. */
interface Count {
  total: number
}

function smallest(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : Math.min(a, b)
}
