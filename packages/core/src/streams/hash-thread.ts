import { Worker } from 'node:worker_threads'
import { StoreError } from '../errors.ts'
import type { HashAnswer, HashRequest } from './hash-worker.ts'
import type { Slot } from './slots.ts'

/** One digest of one stream, on one thread. */
export interface Lane {
  readonly id: number
  /** What to call when the thread has read a slot, by slot id. */
  readonly reading: Map<number, () => void>
  readonly digest: PromiseWithResolvers<string>
  dropped: boolean
}

/** One worker thread and the lanes that it serves. It keeps the process alive only while it has any. */
export class HashThread {
  readonly #lanes = new Map<number, Lane>()
  readonly #worker: Worker
  /** Slots that the thread remembers. */
  readonly #known = new Set<number>()
  #dead = false
  #opened = 0

  /** @param died - called once when the thread ends, however it ends; its lanes have failed by then */
  constructor(died: (thread: HashThread) => void) {
    const here = import.meta.url
    // The worker lies beside this file: as source in the workspace, compiled in a package.
    this.#worker = new Worker(new URL(here.endsWith('.ts') ? './hash-worker.ts' : './hash-worker.js', here), {
      name: 'glance-hash',
      // Not what this process was started with: `--input-type` would stop the thread, a preloaded module would run in each.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 },
    })
    this.#worker.unref()
    this.#worker.on('message', (answer: HashAnswer) => this.#answered(answer))
    const end = (cause: unknown): void => {
      if (this.#dead) return
      this.#dead = true
      for (const lane of this.#lanes.values()) {
        lane.digest.reject(new StoreError('UNKNOWN', 'the thread that hashes image data died', { cause }))
        for (const read of lane.reading.values()) read()
      }
      this.#lanes.clear()
      died(this)
    }
    this.#worker.on('error', end)
    this.#worker.on('exit', (code) => end(new Error(`exit code ${code}`)))
  }

  /** How many digests it works on. */
  get busy(): number {
    return this.#lanes.size
  }

  open(algorithm: string): Lane {
    const lane: Lane = { id: this.#opened++, reading: new Map(), digest: Promise.withResolvers(), dropped: false }
    // Of a stream that is given up nobody asks for the digest, so its failure must not count as unhandled.
    lane.digest.promise.catch(() => {})
    if (this.#lanes.size === 0) this.#worker.ref()
    this.#lanes.set(lane.id, lane)
    this.#send({ kind: 'open', lane: lane.id, algorithm })
    return lane
  }

  /** Hashes the beginning of a slot. `read` is called when that is done, or at once when the thread has died. */
  update(lane: Lane, slot: Slot, length: number, read: () => void): void {
    if (!this.#lanes.has(lane.id)) {
      read()
      return
    }
    lane.reading.set(slot.id, read)
    const { id, lasting } = slot
    this.#send({
      kind: 'update',
      lane: lane.id,
      slot: id,
      length,
      memory: this.#known.has(id) ? null : slot.memory,
      lasting,
    })
    if (lasting) this.#known.add(id)
  }

  /** @throws StoreError UNKNOWN when the thread died */
  digest(lane: Lane): Promise<string> {
    this.#send({ kind: 'digest', lane: lane.id })
    return lane.digest.promise
  }

  drop(lane: Lane): void {
    if (!this.#lanes.has(lane.id)) return
    lane.dropped = true
    this.#send({ kind: 'drop', lane: lane.id })
    this.#forget(lane)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #send(request: HashRequest): void {
    if (!this.#dead) this.#worker.postMessage(request)
  }

  #answered(answer: HashAnswer): void {
    const lane = this.#lanes.get(answer.lane)
    if (!lane) return
    if (answer.kind === 'digest') {
      lane.digest.resolve(answer.hex)
      lane.dropped = true
    } else {
      const read = lane.reading.get(answer.slot)
      lane.reading.delete(answer.slot)
      read?.()
    }
    if (lane.dropped) this.#forget(lane)
  }

  /** A lane stays known until the last slot it reads is given back. */
  #forget(lane: Lane): void {
    if (lane.reading.size > 0) return
    this.#lanes.delete(lane.id)
    if (this.#lanes.size === 0) this.#worker.unref()
  }
}
