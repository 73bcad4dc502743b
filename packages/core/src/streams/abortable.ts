/**
 * Waiting that a signal can end: what a driver does with a source that may sleep for ever.
 */
import { abortError, type StoreError } from '../errors.ts'

/**
 * Ends waits when a signal fires.
 *
 * It listens once for a whole call and serves one wait at a time: a listener for each of a million small chunks would cost more than the
 * chunks.
 */
export class Interruption {
  readonly #signal: AbortSignal
  readonly #what: string
  #reject: ((error: unknown) => void) | null = null

  /** @param what - what is called off, as the beginning of the message of an abort */
  constructor(signal: AbortSignal, what: string) {
    this.#signal = signal
    this.#what = what
    signal.addEventListener('abort', this.#fire, { once: true })
  }

  /** The error of the abort, null when there was none. */
  get error(): StoreError | null {
    return this.#signal.aborted ? abortError(this.#signal, this.#what) : null
  }

  /** Waits for a promise or the abort. What the promise does after an abort is nobody's concern. @throws StoreError ABORTED | TIMEOUT; what the promise throws */
  wait<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      promise.then(resolve, reject)
      this.#reject = reject
      if (this.#signal.aborted) this.#fire()
    })
  }

  /** Stops listening. */
  end(): void {
    this.#signal.removeEventListener('abort', this.#fire)
    this.#reject = null
  }

  readonly #fire = (): void => this.#reject?.(this.error)
}

/** Waits for a promise or an abort, whichever comes first. @throws as `Interruption.wait` */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal, what: string): Promise<T> {
  const interruption = new Interruption(signal, what)
  try {
    return await interruption.wait(promise)
  } finally {
    interruption.end()
  }
}

/**
 * Passes chunks on until an abort, also when the source is stuck. A source that is left early is told by `return()`, which is not waited
 * for: one that is stuck answers it only afterwards.
 *
 * @param what - what is called off, as the beginning of the message of an abort
 * @throws what the source throws, as it is; StoreError ABORTED | TIMEOUT
 */
export async function* untilAborted(
  data: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  what: string,
): AsyncGenerator<Uint8Array, void, void> {
  const interruption = new Interruption(signal, what)
  const source = data[Symbol.asyncIterator]()
  let ended = false
  const next = async (): Promise<IteratorResult<Uint8Array, unknown>> => {
    try {
      return await source.next()
    } catch (error) {
      ended = true
      throw error
    }
  }
  try {
    for (;;) {
      const step = await interruption.wait(next())
      ended = step.done === true
      if (step.done) return
      yield step.value
    }
  } finally {
    interruption.end()
    if (!ended) Promise.resolve(source.return?.()).catch(() => {})
  }
}
