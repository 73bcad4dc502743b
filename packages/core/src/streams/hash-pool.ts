import { availableParallelism } from 'node:os'
import { StoreError } from '../errors.ts'
import { hashName } from './hash-algorithms.ts'
import { HashThread } from './hash-thread.ts'
import type { Slot } from './slots.ts'

/** Several digests over one stream. */
export interface HashJob {
  /** Hashes the first `length` bytes of a slot with every algorithm; `read` is called once, when all of them have read it. */
  update(slot: Slot, length: number, read: () => void): void
  /** The digests in lower-case hex, by algorithm as asked for. @throws StoreError UNKNOWN when a thread died */
  digest(): Promise<ReadonlyMap<string, string>>
  /** Gives up what is not finished. Updates under way still call `read`. Does nothing after `digest`. */
  drop(): void
}

/**
 * Threads that hash the streams of a process, so that the event loop does not.
 *
 * A digest stays on one thread; the digests of one stream are on different threads as far as there are any. Threads start with the first
 * stream; when one dies its streams fail, and the next stream starts another.
 */
export class HashPool {
  readonly #most: number
  #threads: readonly HashThread[] = []

  /** @param threads - how many threads at most; by default as many as cores, from 2 to 4 */
  constructor(threads: number = Math.max(2, Math.min(4, availableParallelism()))) {
    this.#most = threads
  }

  /** Starts digests over one stream. @throws StoreError BAD_CONFIGURATION when this runtime lacks an algorithm */
  start(algorithms: readonly string[]): HashJob {
    const names = algorithms.map((algorithm) => {
      const name = hashName(algorithm)
      if (name === null)
        throw new StoreError('BAD_CONFIGURATION', `hash algorithm ${JSON.stringify(algorithm)} is not available`)
      return name
    })
    const used: HashThread[] = []
    const lanes = names.map((name) => {
      const thread = this.#pick(used)
      used.push(thread)
      return { thread, lane: thread.open(name) }
    })
    return {
      update: (slot, length, read) => {
        let left = lanes.length
        const readOnce = (): void => {
          left -= 1
          if (left === 0) read()
        }
        for (const { thread, lane } of lanes) thread.update(lane, slot, length, readOnce)
      },
      digest: async () => {
        const values = await Promise.all(lanes.map(({ thread, lane }) => thread.digest(lane)))
        return new Map(algorithms.map((algorithm, index) => [algorithm, values[index] ?? '']))
      },
      drop: () => {
        for (const { thread, lane } of lanes) thread.drop(lane)
      },
    }
  }

  /** Ends the threads. Streams that still run fail. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()))
  }

  /** The least busy thread that the stream does not use yet; a new one while there may be more and none is idle. */
  #pick(used: readonly HashThread[]): HashThread {
    const other = this.#threads.filter((thread) => !used.includes(thread)).toSorted((a, b) => a.busy - b.busy)[0]
    if (other && (other.busy === 0 || this.#threads.length >= this.#most)) return other
    if (this.#threads.length >= this.#most && used[0]) return used[0]
    const thread = new HashThread((dead) => {
      this.#threads = this.#threads.filter((each) => each !== dead)
    })
    this.#threads = [...this.#threads, thread]
    return thread
  }
}
