/**
 * Fires a signal when the peer has been silent for too long.
 *
 * The limit is on silence, not on the whole transfer: an image of a terabyte may take hours. Whoever waits for the peer
 * calls `start()`, whoever heard from it, or waits for its own source or reader, calls `stop()`. Without a limit it
 * never fires.
 */
export class IdleTimer {
  readonly #limitMs: number | null
  readonly #controller = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(limitMs: number | null) {
    this.#limitMs = limitMs
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get fired(): boolean {
    return this.#controller.signal.aborted
  }

  start(): void {
    clearTimeout(this.#timer)
    if (this.#limitMs === null) return
    const limit = this.#limitMs
    this.#timer = setTimeout(() => this.#controller.abort(new Error(`silent for ${limit / 1000} s`)), limit)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
