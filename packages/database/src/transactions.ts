import { setTimeout as delay } from 'node:timers/promises'
import { ServiceError } from '@glance/service'
import type { Kysely, Transaction } from 'kysely'
import type { Backend } from './backend.ts'
import { unavailable } from './errors.ts'
import type { Tables } from './schema.ts'

/** A transaction that queries run in. */
export type Connection = Transaction<Tables>

/** Longest wait between two tries, in milliseconds. */
const longestPauseMs = 50

/**
 * Runs work in transactions, and again when another writer was in the way.
 *
 * Work must have no effect outside the database, since it may run several times. What it throws ends the transaction without a change and
 * rises as it is; failures of the database rise as ServiceError UNAVAILABLE.
 */
export class Transactions {
  readonly #kysely: Kysely<Tables>
  readonly #backend: Backend
  #closed = false

  constructor(kysely: Kysely<Tables>, backend: Backend) {
    this.#kysely = kysely
    this.#backend = backend
  }

  /** Runs work that only reads. Every query in it sees the same state. */
  read<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#run('read only', work)
  }

  /** Runs work that writes. The result is durable when the promise resolves. */
  write<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#run('read write', work)
  }

  /** Refuses further work and closes the connections, after the transactions under way. May be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    // Waits its turn behind running work; also kysely closes only what was opened once.
    await this.#kysely.connection().execute(async () => {})
    await this.#kysely.destroy()
  }

  async #run<T>(accessMode: 'read only' | 'read write', work: (connection: Connection) => Promise<T>): Promise<T> {
    const deadline = performance.now() + this.#backend.patienceMs
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      if (this.#closed) throw new ServiceError('UNAVAILABLE', 'the database is closed')
      try {
        return await this.#kysely.transaction().setAccessMode(accessMode).execute(work)
      } catch (error) {
        const failure = this.#backend.failureOf(error)
        if (failure === null) throw error
        if (failure.kind !== 'busy' || performance.now() >= deadline) throw unavailable(failure, error)
      }
      await delay(pauseMs)
    }
  }
}
