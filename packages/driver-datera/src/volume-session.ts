/**
 * Sessions with the volumes of images, one for each volume and shared by everybody in this process who reads or writes it.
 *
 * The first user brings the volume online, has this initiator let in and logs in; the last one logs out, and takes the volume offline if that is wanted: without force, so that the system refuses
 * it while another host reads. What one user does is never undone under another: opening and closing of a volume happen one after the other.
 */
import { StoreError } from '@glance/core'
import { IscsiSession, isIscsiError } from '@glance/iscsi'
import type { AppInstances, Target } from './app-instance.ts'
import { waitFor } from './wait.ts'

/** How to log in to volumes. */
export interface SessionSettings {
  readonly initiatorName: string
  readonly portalPort: number
  readonly queueDepth: number
  readonly ioSize: number
  readonly chap: { readonly user: string; readonly secret: string } | null
  readonly offlineAfterUse: boolean
  /** How often a login is tried while the target does not let us in yet, and the pause between two tries in milliseconds. */
  readonly attempts: number
  readonly intervalMs: number
}

/** A volume that is logged in to. */
export interface Volume {
  readonly session: IscsiSession
  readonly target: Target
  /** Gives it back. May be called twice; never rejects. */
  release(): Promise<void>
}

interface Shared {
  users: number
  open: { readonly session: IscsiSession; readonly target: Target } | null
  /** The last thing done to it; the next one waits for it. */
  turn: Promise<unknown>
}

/** Longest time for giving a volume back, in milliseconds. */
const closeMs = 30_000

export class VolumeSessions {
  readonly #instances: AppInstances
  readonly #settings: SessionSettings
  readonly #volumes = new Map<string, Shared>()

  constructor(instances: AppInstances, settings: SessionSettings) {
    this.#instances = instances
    this.#settings = settings
  }

  /** Logs in to the volume of an app instance, or joins who is in. @param path - of the app instance @throws what the API and the initiator throw */
  async use(path: string, signal: AbortSignal): Promise<Volume> {
    const shared = this.#volumes.get(path) ?? { users: 0, open: null, turn: Promise.resolve() }
    this.#volumes.set(path, shared)
    shared.users += 1
    try {
      const { session, target } = await this.#inTurn(shared, async () => {
        shared.open ??= await this.#open(path, signal)
        return shared.open
      })
      let released = false
      return {
        session,
        target,
        release: async () => {
          if (released) return
          released = true
          await this.#release(path, shared)
        },
      }
    } catch (error) {
      await this.#release(path, shared)
      throw error
    }
  }

  /** Ends the session with a volume that is about to go. Its users end with ABORTED by the initiator. */
  async drop(path: string): Promise<void> {
    const shared = this.#volumes.get(path)
    if (!shared) return
    await this.#inTurn(shared, async () => {
      await shared.open?.session.close()
    })
  }

  /** Ends every session. */
  async close(): Promise<void> {
    await Promise.all([...this.#volumes.keys()].map((path) => this.drop(path)))
  }

  async #release(path: string, shared: Shared): Promise<void> {
    shared.users -= 1
    await this.#inTurn(shared, async () => {
      if (shared.users > 0) return
      const { open } = shared
      shared.open = null
      if (this.#volumes.get(path) === shared) this.#volumes.delete(path)
      if (!open) return
      await open.session.close()
      if (!this.#settings.offlineAfterUse) return
      // Somebody else may be reading: then the system refuses, and the last one to leave does it.
      await this.#instances.setOffline(path, false, AbortSignal.timeout(closeMs)).catch(() => {})
    })
  }

  #inTurn<T>(shared: Shared, act: () => Promise<T>): Promise<T> {
    const done = shared.turn.then(act)
    shared.turn = done.catch(() => {})
    return done
  }

  async #open(path: string, signal: AbortSignal): Promise<{ session: IscsiSession; target: Target }> {
    const { initiatorName, portalPort, queueDepth, ioSize, chap, attempts, intervalMs } = this.#settings
    await this.#instances.setOnline(path, signal)
    const target = await this.#instances.openTo(path, initiatorName, signal)
    const portals = target.addresses.map((address) => withPort(address, portalPort))
    const options = {
      portals,
      target: target.iqn,
      initiatorName,
      queueDepth,
      commandBytes: ioSize,
      ...(chap ? { chap } : {}),
    }
    for (let left = attempts; ; left -= 1) {
      try {
        return { session: await IscsiSession.open(options, { signal }), target }
      } catch (error) {
        // A list of initiators takes a moment to have its effect.
        const passing =
          isIscsiError(error) &&
          ['FORBIDDEN', 'NOT_FOUND', 'LUN_NOT_FOUND', 'UNAVAILABLE', 'REFUSED'].includes(error.code)
        if (!passing || left <= 1 || signal.aborted) throw error
        await waitFor(Math.min(intervalMs, 100 * 2 ** (attempts - left)), signal)
      }
    }
  }
}

/** An address with the port of the portals, unless it has one. */
export function withPort(address: string, port: number): string {
  if (/^\[.*\]:\d+$/.test(address) || /^[^:[]+:\d+$/.test(address)) return address
  if (address === '') throw new StoreError('UNAVAILABLE', 'the system gives no address of the volume')
  return address.includes(':') && !address.startsWith('[') ? `[${address}]:${port}` : `${address}:${port}`
}
