/** Notices a target that went silent: after a pause it is asked for a sign of life, and what comes is one. */
export interface KeepAliveOptions {
  /** Silence before the question, and longest wait for a sign, in milliseconds. */
  readonly afterMs: number
  readonly timeoutMs: number
  /** Grows with everything that arrives. */
  readonly progress: () => number
  readonly ask: () => void
  readonly dead: () => void
}

/** The watch over one connection, from its making to `stop()`. */
export class KeepAlive {
  readonly #options: KeepAliveOptions
  #seen: number
  #timer: NodeJS.Timeout
  #last: NodeJS.Immediate | undefined
  #asked = false

  constructor(options: KeepAliveOptions) {
    this.#options = options
    this.#seen = options.progress()
    this.#timer = this.#in(options.afterMs, this.#listen)
  }

  /** Something came that may be the answer. */
  sign(): void {
    if (!this.#asked) return
    clearTimeout(this.#timer)
    this.#judge()
  }

  stop(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#last)
  }

  #heard(): boolean {
    const now = this.#options.progress()
    const heard = now !== this.#seen
    this.#seen = now
    return heard
  }

  readonly #listen = (): void => {
    if (this.#heard()) this.#timer = this.#in(this.#options.afterMs, this.#listen)
    else {
      this.#asked = true
      this.#options.ask()
      this.#timer = this.#in(this.#options.timeoutMs, this.#judge)
    }
  }

  readonly #judge = (): void => {
    this.#asked = false
    if (this.#heard()) this.#timer = this.#in(this.#options.afterMs, this.#listen)
    else this.#last = setImmediate(this.#condemn)
  }

  /** A program that was busy itself finds the timer due before it has read what came meanwhile: so it reads first. */
  readonly #condemn = (): void => {
    if (this.#heard()) this.#timer = this.#in(this.#options.afterMs, this.#listen)
    else this.#options.dead()
  }

  #in(milliseconds: number, body: () => void): NodeJS.Timeout {
    return setTimeout(body, milliseconds)
  }
}
