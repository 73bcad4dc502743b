import { StoreError } from '@glance/core'
import type { Patience } from './client.ts'

/**
 * Watches the time of a request with a body: how long Swift takes a piece, and how long it takes to answer after the last one.
 *
 * The time in which the source of the body gives nothing does not count; that is its caller's matter.
 */
export class Watch {
  /** Fires when the time is over, or with the signal it was made from. */
  readonly signal: AbortSignal
  readonly #over = new AbortController()
  readonly #patience: Pick<Patience, 'headersMs' | 'idleMs'>
  readonly #what: string
  #timer: NodeJS.Timeout | null = null

  constructor(signal: AbortSignal, patience: Pick<Patience, 'headersMs' | 'idleMs'>, what: string) {
    this.#patience = patience
    this.#what = what
    this.signal = AbortSignal.any([signal, this.#over.signal])
  }

  /** Passes a body on, watching. */
  async *over(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const piece of body) {
      this.#arm(this.#patience.idleMs, 'Swift takes no more bytes')
      yield piece
      this.end()
    }
    this.#arm(this.#patience.headersMs, 'Swift did not answer in time')
  }

  /** Stops watching. */
  end(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  #arm(afterMs: number, words: string): void {
    this.end()
    this.#timer = setTimeout(() => this.#over.abort(new StoreError('TIMEOUT', `${this.#what}: ${words}`)), afterMs)
  }
}
