/**
 * Sources of image data that do on purpose what real ones do by accident: fail at a byte, stall, dribble, or fill the memory of a chunk
 * again as soon as the next one is asked for, as the pools of a server do.
 *
 * They are iterators written by hand, because `return()` of an async generator waits for a pending `next()` and so could not be seen.
 */
import { setImmediate } from 'node:timers/promises'
import type { Payload } from './bytes.ts'

/** How a source behaves. Without any member it gives chunks of 64 KiB of memory that is used once. */
export interface SourceScript {
  /** Length of a chunk, or of each by its number. */
  readonly chunkBytes?: number | ((index: number) => number)
  /** Throws instead of giving more than so many bytes. Equal to the size: after the last byte, before the end. */
  readonly failAt?: { readonly byte: number; readonly error: unknown }
  /** Gives nothing after so many bytes until `resume()`. */
  readonly stallAt?: number
  /** Spoils the memory of a chunk when the next one is asked for. */
  readonly reuse?: boolean
  /** Chunks lie in shared memory. */
  readonly shared?: boolean
  /** Chunks are a window of a larger buffer that holds other bytes before and after. */
  readonly window?: boolean
  /** Called before each chunk is given, with the number of bytes given before. */
  readonly before?: (given: number) => void
}

/** Image data on its way to a driver, and what the driver did with it. */
export class Source implements AsyncIterable<Uint8Array> {
  readonly payload: Payload
  /** Resolves when the driver waits for data that do not come. */
  readonly stalled: Promise<void>
  /** Whether the driver asked for data at all. */
  started = false
  /** Whether the driver saw the end or the failure. */
  ended = false
  /** Whether the driver said that it wants no more. */
  returned = false
  /** Bytes given. */
  given = 0
  readonly #script: SourceScript
  readonly #stall = Promise.withResolvers<void>()
  readonly #resumed = Promise.withResolvers<void>()
  #last: Uint8Array | null = null
  #index = 0
  #tail: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(payload: Payload, script: SourceScript = {}) {
    this.payload = payload
    this.#script = script
    this.stalled = this.#stall.promise
  }

  /** Lets a stalled source go on. */
  resume(): void {
    this.#resumed.resolve()
  }

  /** Whether the driver left the source in order: never begun, read to its end, or ended by `return()`. */
  get leftInOrder(): boolean {
    return !this.started || this.ended || this.returned
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void, void> {
    if (this.started) throw new TypeError('image data can be read once; the driver asked for them again')
    this.started = true
    return { next: () => this.#next(), return: () => this.#return() }
  }

  #next(): Promise<IteratorResult<Uint8Array, void>> {
    if (this.#waiting === 0) this.#spoil()
    this.#waiting += 1
    const step = this.#tail.then(() => this.#step()).finally(() => (this.#waiting -= 1))
    this.#tail = step.catch(() => {})
    return step
  }

  async #return(): Promise<IteratorResult<Uint8Array, void>> {
    this.returned = true
    this.#resumed.resolve()
    return { done: true, value: undefined }
  }

  async #step(): Promise<IteratorResult<Uint8Array, void>> {
    const { failAt, stallAt = Number.POSITIVE_INFINITY, chunkBytes = 65_536, before } = this.#script
    this.#spoil()
    await setImmediate()
    if (this.given >= stallAt) {
      this.#stall.resolve()
      await this.#resumed.promise
    }
    if (this.returned || this.ended) return { done: true, value: undefined }
    if (failAt && this.given >= failAt.byte) {
      this.ended = true
      throw failAt.error
    }
    before?.(this.given)
    const wanted = typeof chunkBytes === 'number' ? chunkBytes : chunkBytes(this.#index)
    const most = this.given < stallAt ? Math.min(wanted, stallAt - this.given) : wanted
    const bytes = this.payload.slice(
      this.given,
      Math.min(most, (failAt?.byte ?? Number.POSITIVE_INFINITY) - this.given),
    )
    if (bytes.byteLength === 0) {
      this.ended = true
      return { done: true, value: undefined }
    }
    this.#index += 1
    this.given += bytes.byteLength
    this.#last = this.#placed(bytes)
    return { done: false, value: this.#last }
  }

  #placed(bytes: Uint8Array): Uint8Array {
    const { shared = false, window = false } = this.#script
    if (!shared && !window) return bytes
    const margin = window ? 13 : 0
    const length = bytes.byteLength + 2 * margin
    const memory = shared ? new Uint8Array(new SharedArrayBuffer(length)) : new Uint8Array(length)
    memory.fill(0xee)
    memory.set(bytes, margin)
    return memory.subarray(margin, margin + bytes.byteLength)
  }

  #spoil(): void {
    if (this.#script.reuse) this.#last?.fill(0xdd)
    this.#last = null
  }
}
