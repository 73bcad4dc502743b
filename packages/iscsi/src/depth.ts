/** How many commands are in flight: up to a limit, in the order of their coming, fewer while the unit says that it has too many. */
import { abortedError } from './errors.ts'

/** Slots for commands. */
export class Depth {
  readonly #most: number
  readonly #queue: (() => void)[] = []
  #limit: number
  #used = 0

  constructor(most: number) {
    this.#most = most
    this.#limit = most
  }

  /** How many commands may be in flight now. */
  get limit(): number {
    return Math.floor(this.#limit)
  }

  /** Waits for a slot. @throws IscsiError ABORTED | TIMEOUT by the signal */
  async enter(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortedError(signal, 'waiting to send a command')
    if (this.#used < this.limit) {
      this.#used += 1
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#queue.push(resolve)
    const leave = (): void => {
      const place = this.#queue.indexOf(resolve)
      if (place < 0) return
      this.#queue.splice(place, 1)
      reject(abortedError(signal, 'waiting to send a command'))
    }
    signal.addEventListener('abort', leave, { once: true })
    await promise.finally(() => signal.removeEventListener('abort', leave))
  }

  /** Gives a slot back. `crowded`: the unit had too many; half of them are left then, and grow back one for each full round. */
  leave(crowded: boolean): void {
    this.#used -= 1
    this.#limit = crowded ? Math.max(1, this.#limit / 2) : Math.min(this.#most, this.#limit + 1 / this.#limit)
    while (this.#queue.length > 0 && this.#used < this.limit) {
      this.#used += 1
      this.#queue.shift()?.()
    }
  }
}
