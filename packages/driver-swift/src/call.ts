import { abortError, StoreError } from '@glance/core'
import { storeErrorFrom } from './errors.ts'

/** One call of the driver, from its first request to the last byte of its body. It ends with the caller's signal, with `close()` of the driver, or by `stop()`. */
export class Call {
  /** Operation and redacted subject, for messages. */
  readonly what: string
  /** Fires when the call is over for any reason; given to every request. */
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal
  #stopped = false

  /** @param outer - the caller's signal or the driver's */
  constructor(what: string, outer: AbortSignal) {
    this.what = what
    this.signal = this.#controller.signal
    this.#outer = outer
    if (outer.aborted) this.#abort()
    else outer.addEventListener('abort', this.#abort)
  }

  /** Whether the driver itself ended the call, so that errors of its stream mean nothing. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Ends the call for good; what is still open of it is destroyed. Does nothing the second time. */
  stop(): void {
    if (this.signal.aborted) return
    this.#stopped = true
    this.#end(new StoreError('ABORTED', `${this.what}: it has ended`))
  }

  /** The error that the call ends with. @param error - whatever something in it threw */
  errorFrom(error: unknown): StoreError {
    return storeErrorFrom(error, this.what, this.signal)
  }

  readonly #abort = (): void => this.#end(abortError(this.#outer, this.what))

  #end(reason: StoreError): void {
    if (this.signal.aborted) return
    this.#outer.removeEventListener('abort', this.#abort)
    this.#controller.abort(reason)
  }
}

/** The calls of a driver that are running. */
export class Calls {
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  /**
   * Runs one call: on a failure it frees what the call had open and classifies the error.
   *
   * @param isForeign - tells what comes from the caller, which stays as it is
   * @throws StoreError ABORTED when the driver is closed; the error of `work`, as a StoreError
   */
  async run<T>(
    what: string,
    signal: AbortSignal,
    work: (call: Call) => Promise<T>,
    isForeign: (error: unknown) => boolean = () => false,
  ): Promise<T> {
    const outer = AbortSignal.any([signal, this.#closing.signal])
    if (outer.aborted) throw abortError(outer, what)
    const call = new Call(what, outer)
    const running = work(call)
    this.#running.add(running)
    try {
      return await running
    } catch (error) {
      const failure = isForeign(error) ? error : call.errorFrom(error)
      call.stop()
      throw failure
    } finally {
      this.#running.delete(running)
    }
  }

  /** Ends every call with ABORTED, open bodies too, and waits until they have cleaned up. May be called twice. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort(new StoreError('ABORTED', 'the swift store was closed'))
    await Promise.allSettled(this.#running)
  }
}
