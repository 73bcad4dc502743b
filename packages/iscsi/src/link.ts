/**
 * The connection that a session has at the moment, and how it gets the next one.
 *
 * A connection that broke is had again when the next command needs it, or one that it took with it; all who wait share one try. The new login carries the old session's identity, so a target that still holds the old
 * session must end it first (session reinstatement, RFC 7143, 6.3.5): no write of it can come late and undo a newer one. Then every command without an answer is sent again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from './connection.ts'
import { type DialPlan, dial, mayPass } from './dial.ts'
import { abortedError, IscsiError } from './errors.ts'
import type { ResolvedSessionOptions } from './options.ts'
import type { ScsiAnswer, ScsiRequest } from './task.ts'

const firstPauseMs = 100
const longestPauseMs = 2_000

/** A connection that is had again. */
export class Link {
  readonly #plan: DialPlan
  readonly #options: ResolvedSessionOptions
  readonly #closing = new AbortController()
  #connection: Connection
  #recovery: Promise<Connection> | null = null
  #portal = 0
  #reconnects = 0
  #check: (connection: Connection, signal: AbortSignal) => Promise<void> = async () => {}

  private constructor(plan: DialPlan, options: ResolvedSessionOptions, connection: Connection) {
    this.#plan = plan
    this.#options = options
    this.#connection = connection
  }

  /** Logs in for the first time; a failure is not tried again. @throws IscsiError */
  static async open(plan: DialPlan, options: ResolvedSessionOptions, signal: AbortSignal): Promise<Link> {
    return new Link(plan, options, await dial(plan, 0, signal))
  }

  get portal(): string {
    return this.#connection.portal
  }

  get reconnects(): number {
    return this.#reconnects
  }

  /** What a new connection must pass before anything goes over it. What it throws fails those who wait. */
  set check(check: (connection: Connection, signal: AbortSignal) => Promise<void>) {
    this.#check = check
  }

  /** Carries a command to its answer, over as many connections as it takes and may. @throws IscsiError */
  readonly send = async (request: ScsiRequest, signal: AbortSignal): Promise<ScsiAnswer> => {
    for (let replays = 0; ; replays += 1) {
      const connection = await this.#usable(signal)
      try {
        return await connection.execute(request, signal)
      } catch (error) {
        if (error !== connection.failure || replays >= this.#options.replays) throw error
      }
    }
  }

  /** Logs out, and ends what is under way with ABORTED. Never rejects. */
  async close(): Promise<void> {
    const reason = new IscsiError('ABORTED', 'the session was closed')
    this.#closing.abort(reason)
    await this.#recovery?.catch(() => {})
    await this.#connection.logout(reason)
  }

  async #usable(signal: AbortSignal): Promise<Connection> {
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason
    if (this.#connection.usable) return this.#connection
    this.#recovery ??= this.#recover().finally(() => {
      this.#recovery = null
    })
    const left = Promise.withResolvers<never>()
    const leave = (): void => left.reject(abortedError(signal, 'waiting for the connection'))
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    try {
      return await Promise.race([this.#recovery, left.promise])
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  async #recover(): Promise<Connection> {
    const { signal } = this.#closing
    const { recoveryMs, reconnectPauseMs } = this.#options
    // One that the target wants us to leave ends within a bound of its own.
    await this.#connection.ended
    const lost = this.#connection.failure
    if (recoveryMs === 0) throw lost
    const end = performance.now() + recoveryMs
    let pause = Math.min(this.#connection.timeToWait * 1000, reconnectPauseMs)
    for (let backOff = firstPauseMs; ; backOff = Math.min(backOff * 2, longestPauseMs)) {
      await sleep(pause, undefined, { signal }).catch(() => {
        throw signal.reason
      })
      try {
        this.#portal += 1
        this.#connection = await this.#reconnected(signal)
        this.#reconnects += 1
        return this.#connection
      } catch (error) {
        if (signal.aborted) throw signal.reason
        if (!mayPass(error)) throw error
        if (performance.now() + backOff > end)
          throw new IscsiError('CONNECTION_LOST', `${lost?.message}, and could not be had again`, { cause: error })
      }
      pause = backOff
    }
  }

  async #reconnected(signal: AbortSignal): Promise<Connection> {
    const connection = await dial(this.#plan, this.#portal, signal)
    try {
      await this.#check(connection, signal)
      return connection
    } catch (error) {
      connection.destroy(new IscsiError('CONNECTION_LOST', 'given up after the reconnect'))
      throw error
    }
  }
}
