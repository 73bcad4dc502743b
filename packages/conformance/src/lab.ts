/**
 * What a case works with: stores that it opens, payloads from its own seed, and names that nothing else uses.
 *
 * A lab lives as long as one case. At its end every store is closed and what `options()` made is released, so the suite needs no hooks
 * of a runner and cases run in any order.
 */
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { noopLogger, type OptionValues, parseOptions } from '@glance/core'
import { outcomeOf, within } from './bounded.ts'
import { type Payload, payload, seedFrom } from './bytes.ts'
import { HarnessError, NotApplicable } from './finding.ts'
import type { Harness, RawOptions } from './harness.ts'
import { StoreUnderTest } from './store-under-test.ts'

const mebibyte = 1024 * 1024

export class Lab {
  readonly harness: Harness
  readonly patienceMs: number
  /** Payloads handed out so far; a failure prints them. */
  readonly payloads: Payload[] = []
  readonly #caseId: string
  readonly #word = randomUUID().slice(0, 8)
  readonly #handedOut: RawOptions[] = []
  readonly #stores: StoreUnderTest[] = []
  #maxBytes: number
  #opened = 0

  constructor(harness: Harness, caseId: string) {
    this.harness = harness
    this.patienceMs = harness.patienceMs ?? 4000
    this.#caseId = caseId
    this.#maxBytes = harness.maxPayloadBytes ?? 8 * mebibyte
  }

  /** The store that was opened first. */
  get store(): StoreUnderTest {
    const [store] = this.#stores
    if (!store) throw new HarnessError('this case opened no store')
    return store
  }

  /** Largest payload in bytes that harness and store allow. */
  get maxBytes(): number {
    return this.#maxBytes
  }

  /** Size of a payload of several MiB, or of what is allowed. Odd, so that it is no multiple of a part. */
  get severalMiB(): number {
    return Math.min(5 * mebibyte + 3, this.maxBytes)
  }

  /** Image data of a seed of its own. */
  payload(size: number, how: { readonly sparse?: boolean } = {}): Payload {
    const made = payload(seedFrom(`${this.#caseId} ${this.payloads.length}`, this.harness.seed ?? 1), size, how)
    this.payloads.push(made)
    return made
  }

  /** An image id that is used in no other case and no other run. */
  id(name: string): string {
    return `${name}-${this.#word}`
  }

  /** Opens a store with new options. */
  async open(): Promise<StoreUnderTest> {
    const raw = await this.harness.options()
    this.#handedOut.push(raw)
    return this.openWith(raw)
  }

  /**
   * Opens a store beside the first one, on other options.
   *
   * @throws NotApplicable when the harness gives the same store again
   */
  async openOther(): Promise<StoreUnderTest> {
    const other = await this.open()
    if (!this.harness.volatile && isDeepStrictEqual(other.options, this.store.options))
      throw new NotApplicable('options() of the harness gives the same store each time')
    return other
  }

  /** Opens a store with options that are in use already. */
  async openWith(raw: RawOptions): Promise<StoreUnderTest> {
    const driver = await within(this.patienceMs, 'open', this.startOpening(raw))
    const store = new StoreUnderTest(driver, raw, this.harness, this.patienceMs)
    this.#stores.push(store)
    this.#maxBytes = Math.min(this.#maxBytes, driver.capabilities?.maxImageBytes ?? Number.POSITIVE_INFINITY)
    return store
  }

  /** Begins to open a store; whoever calls this closes it. */
  startOpening(
    raw: RawOptions,
    signal: AbortSignal = new AbortController().signal,
  ): ReturnType<Harness['definition']['open']> {
    this.#opened += 1
    return this.harness.definition.open(this.values(raw) as never, {
      storeId: `conformance-${this.#opened}`,
      logger: noopLogger,
      signal,
    })
  }

  /** Typed values of raw options. @throws HarnessError with every issue */
  values(raw: RawOptions): OptionValues<Harness['definition']['options']> {
    const parsed = parseOptions(this.harness.definition.options, raw)
    if (parsed.values) return parsed.values
    const issues = parsed.issues.map(({ option, message }) => `${option} ${message}`)
    throw new HarnessError(`the harness gives options that the driver does not take: ${issues.join('; ')}`)
  }

  /** Values of the secret options that are set in options handed out by the harness. */
  secretsOf(raw: RawOptions): readonly string[] {
    const values = this.values(raw) as Readonly<Record<string, unknown>>
    return Object.entries(this.harness.definition.options)
      .filter(([, option]) => option.kind === 'secret')
      .map(([name]) => values[name])
      .filter((value): value is string => typeof value === 'string' && value.length > 3)
  }

  /** Closes every store and releases what the harness made. What goes wrong here is not the business of the case that ran. */
  async finish(): Promise<void> {
    await Promise.all(this.#stores.map((store) => outcomeOf(store.close())))
    for (const raw of this.#handedOut) await outcomeOf(this.harness.release?.(raw) ?? Promise.resolve())
  }
}
