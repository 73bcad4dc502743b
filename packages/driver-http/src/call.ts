import { StoreError } from '@glance/core'
import { storeErrorFrom } from './errors.ts'

/**
 * One call of the driver, from its first request to the last byte of its body.
 *
 * It ends with the caller's signal, with `close()` of the driver, or by `stop()`, whichever is first; then the connection behind it is freed.
 */
export class Call {
  /** Operation and redacted location, for messages. */
  readonly what: string
  /** Fires when the call is over for any reason; given to every request. */
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal
  readonly #calls: Set<Call>
  #stopped = false

  /** @param calls - where the call is listed while it runs */
  constructor(what: string, caller: AbortSignal, calls: Set<Call>) {
    this.what = what
    this.signal = this.#controller.signal
    this.#caller = caller
    this.#calls = calls
    calls.add(this)
    if (caller.aborted) this.#abort()
    else caller.addEventListener('abort', this.#abort)
  }

  /** Whether the driver itself ended the call, so that errors of its stream mean nothing. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** Ends the call for good; what is still open of it is destroyed. Does nothing the second time. */
  stop(): void {
    if (!this.signal.aborted) this.#stopped = true
    this.#forget()
    this.#controller.abort()
  }

  /** Ends the call because the driver closes. */
  close(): void {
    this.#forget()
    this.#controller.abort(closedError(this.what))
  }

  /** The error that the call ends with. @param error - what a request or its body threw */
  errorFrom(error: unknown): StoreError {
    return storeErrorFrom(error, this.what, this.signal)
  }

  readonly #abort = (): void => {
    this.#forget()
    this.#controller.abort(this.#caller.reason)
  }

  #forget(): void {
    this.#calls.delete(this)
    this.#caller.removeEventListener('abort', this.#abort)
  }
}

/** What calls of a closed store end with. */
export function closedError(what: string): StoreError {
  return new StoreError('ABORTED', `${what}: the store was closed`)
}
