/** Waiting for native calls, which nothing can interrupt: whoever waits gives up, and cleaning up begins when the call has ended after all. */

/** How long a call that failed waits for its own cleaning up, in milliseconds; then that goes on in the background. */
const graceMs = 5_000

/** Waits for cleaning up to end in whatever way, but not for ever. */
export async function withinGrace(cleaning: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, graceMs)
  await Promise.race([cleaning.catch(() => {}), late])
  clearTimeout(timer)
}

/** Runs work of one name one after the other, of different names at the same time. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  async take<T>(name: string, run: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve()
    const mine = before.then(run, run)
    this.#last.set(name, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name)
    }
  }
}
