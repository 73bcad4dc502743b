/**
 * Waiting for a connection without stopping the start of a server for the five minutes that Ceph takes to give up.
 *
 * A native connect cannot be called off. So an opening that has waited long enough says UNAVAILABLE while the connect goes on, and the next opening of the same store takes it over. One that
 * nobody takes over is closed again.
 */
import { abortError, Interruption, StoreError } from '@glance/core'
import { storeErrorOf } from './errors.ts'
import type { RbdClient, RbdConnectSettings } from './rbd-client.ts'

/** Makes connections: `connectLibrbd`, or a fake. */
export type Connect = (settings: RbdConnectSettings) => Promise<RbdClient>

/** How long is waited, in milliseconds. */
export interface ConnectingTimes {
  /** For one opening. */
  readonly opening: number
  /** For somebody to take over a connection that was made too late. */
  readonly keeping: number
}

const usualTimes: ConnectingTimes = { opening: 10_000, keeping: 60_000 }

/** Connections that are being made, of all stores of one definition. */
export class Connecting {
  readonly #connect: Connect
  readonly #times: ConnectingTimes
  /** Begun by openings that have given up, by their settings. */
  readonly #late = new Map<string, Promise<RbdClient>>()

  constructor(connect: Connect, times: ConnectingTimes = usualTimes) {
    this.#connect = connect
    this.#times = times
  }

  /** @throws StoreError BAD_CONFIGURATION | UNAVAILABLE | TIMEOUT | ABORTED */
  async open(settings: RbdConnectSettings, signal: AbortSignal): Promise<RbdClient> {
    if (signal.aborted) throw abortError(signal, 'opening the store')
    const key = JSON.stringify(settings)
    const connecting = this.#late.get(key) ?? this.#connect(settings)
    this.#late.delete(key)
    const interruption = new Interruption(signal, 'opening the store')
    const { promise: late, reject } = Promise.withResolvers<never>()
    const tooLate = new StoreError('UNAVAILABLE', 'the cluster has not answered yet; connecting goes on', {
      cause: new Error(`no connection after ${this.#times.opening / 1000} s`),
    })
    const timer = setTimeout(() => reject(tooLate), this.#times.opening)
    try {
      return await interruption.wait(Promise.race([connecting, late]))
    } catch (error) {
      if (error === tooLate || signal.aborted) this.#keep(key, connecting)
      throw error === tooLate ? tooLate : storeErrorOf(error, 'open', 'the RBD pool')
    } finally {
      clearTimeout(timer)
      interruption.end()
    }
  }

  #keep(key: string, connecting: Promise<RbdClient>): void {
    this.#late.set(key, connecting)
    const forget = (): boolean => this.#late.get(key) === connecting && this.#late.delete(key)
    connecting.then((client) => {
      const timer = setTimeout(() => {
        if (forget()) client.close().catch(() => {})
      }, this.#times.keeping)
      timer.unref()
    }, forget)
  }
}
