/**
 * Waiting for what may never come: a source that sleeps, a file server that is gone.
 *
 * An operation of the file system cannot be ended once a thread runs it. So whoever waits gives up, and cleaning up begins when the
 * operation ends after all.
 */
import { abortError, StoreError } from '@glance/core'

/** How long a call that failed waits for its own cleaning up, in milliseconds; then that goes on in the background. */
const graceMs = 5_000

/** The longest time a timer takes; a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1

/** Waits for one operation on a file, at most as long as was configured. @throws StoreError TIMEOUT; what the operation throws */
export type Bounded = <T>(operation: Promise<T>) => Promise<T>

/** A limit for operations on files; 0 is without limit. */
export function boundedBy(timeoutMs: number): Bounded {
  return (operation) => inTime(operation, timeoutMs, 'an operation on a file')
}

/** Waits for a promise at most so long; 0 is without limit. @throws StoreError TIMEOUT */
export async function inTime<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  if (timeoutMs === 0) return promise
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new StoreError('TIMEOUT', `${what} took longer than ${timeoutMs / 1000} s`)),
    Math.min(timeoutMs, longestTimer),
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

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
 * @throws what the source throws, as it is; StoreError ABORTED | TIMEOUT
 */
export async function* untilAborted(
  data: AsyncIterable<Uint8Array>,
  interruption: Interruption,
): AsyncGenerator<Uint8Array, void, void> {
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
    if (!ended) Promise.resolve(source.return?.()).catch(() => {})
  }
}

/** Waits for cleaning up to end in whatever way, but not for ever. */
export async function withinGrace(cleaning: Promise<unknown>): Promise<void> {
  await inTime(cleaning, graceMs, 'cleaning up').catch(() => {})
}
