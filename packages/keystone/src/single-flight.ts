import { abortedError } from './errors.ts'

interface Flight<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  waiters: number
}

/**
 * Lets everybody who wants the same thing at the same time wait for one call.
 *
 * A waiter that leaves (its signal fires) takes nothing from the others; when the last has left, the call itself is aborted. Nothing is kept once a call has ended.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** How many calls are running. */
  get size(): number {
    return this.#flights.size
  }

  /** Joins the call of this key, or starts it. @throws KeystoneError ABORTED or TIMEOUT by the waiter's own signal; else what the call throws */
  async run(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (signal.aborted) throw abortedError(signal, 'waiting for Keystone')
    const flight = this.#flights.get(key) ?? this.#begin(key, start)
    flight.waiters += 1
    const left = Promise.withResolvers<never>()
    const leave = (): void => left.reject(abortedError(signal, 'waiting for Keystone'))
    signal.addEventListener('abort', leave, { once: true })
    try {
      return await Promise.race([flight.result, left.promise])
    } finally {
      signal.removeEventListener('abort', leave)
      flight.waiters -= 1
      if (flight.waiters === 0 && this.#flights.get(key) === flight) {
        this.#flights.delete(key)
        flight.controller.abort()
      }
    }
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const result = start(controller.signal)
    const flight: Flight<T> = { result, controller, waiters: 0 }
    this.#flights.set(key, flight)
    const ended = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    result.then(ended, ended)
    return flight
  }
}
