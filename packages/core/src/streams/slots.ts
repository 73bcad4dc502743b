import { abortError } from '../errors.ts'

/** A piece of shared memory that a stream fills, hash workers and a driver read, and that then goes back to the pool. */
export interface Slot {
  readonly id: number
  readonly memory: SharedArrayBuffer
  readonly bytes: Uint8Array
  /** Whether it comes back again and again, so that a thread may remember its memory by its id. */
  readonly lasting: boolean
}

/** One stream's share of a pool. */
export interface SlotShare {
  /** A free slot; waits while others use them all, but never for a stream that holds none. @throws StoreError ABORTED | TIMEOUT */
  take(signal: AbortSignal): Promise<Slot>
  give(slot: Slot): void
  /** Ends the share; slots still held may be given back afterwards. */
  end(): void
}

/** Slots of all pools of the process so far: threads remember slots by id, whichever pool they are of. */
let made = 0

interface Holder {
  held: number
}

/**
 * A bounded pool of equal slots for all streams of a process.
 *
 * The slots are divided evenly among the streams that run. A stream that holds none always gets one, if need be a new one beyond the pool
 * that is dropped when the streams grow fewer: so a store that stalls with its slots full delays nobody else. Memory is at most
 * `(slots + streams) × slotBytes`.
 */
export class SlotPool {
  readonly slotBytes: number
  readonly #slots: number
  readonly #mostPerStream: number
  readonly #free: Slot[] = []
  /** Slots beyond the pool. They are used again, since shared memory that is dropped is freed much later, when the threads collect garbage. */
  readonly #extra = new Set<Slot>()
  /** Those of them that nobody holds. */
  readonly #spare: Slot[] = []
  readonly #waiting: { readonly holder: Holder; resolve(slot: Slot): void }[] = []
  #regular = 0
  #streams = 0

  constructor({ slots, slotBytes, mostPerStream }: { slots: number; slotBytes: number; mostPerStream: number }) {
    this.#slots = slots
    this.slotBytes = slotBytes
    this.#mostPerStream = mostPerStream
  }

  share(): SlotShare {
    const holder: Holder = { held: 0 }
    let ended = false
    this.#streams += 1
    return {
      take: (signal) => this.#take(holder, signal),
      give: (slot) => {
        holder.held -= 1
        if (this.#extra.has(slot)) this.#spare.push(slot)
        else this.#free.push(slot)
        this.#trim()
        // Also after an extra one: its stream may hold none now, and then it gets the next at once.
        this.#wake()
      },
      end: () => {
        if (ended) return
        ended = true
        this.#streams -= 1
        this.#trim()
        this.#wake()
      },
    }
  }

  #take(holder: Holder, signal: AbortSignal): Promise<Slot> {
    if (signal.aborted) return Promise.reject(abortError(signal, 'waiting for memory'))
    const slot = this.#pick(holder)
    if (slot) return Promise.resolve(slot)
    const { promise, resolve, reject } = Promise.withResolvers<Slot>()
    const waiter = { holder, resolve }
    const stop = (): void => {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
      reject(abortError(signal, 'waiting for memory'))
    }
    signal.addEventListener('abort', stop, { once: true })
    waiter.resolve = (free) => {
      signal.removeEventListener('abort', stop)
      resolve(free)
    }
    this.#waiting.push(waiter)
    return promise
  }

  #pick(holder: Holder): Slot | null {
    const fair = Math.max(1, Math.min(this.#mostPerStream, Math.floor(this.#slots / Math.max(1, this.#streams))))
    if (holder.held >= fair) return null
    let slot = this.#free.pop()
    if (!slot && this.#regular < this.#slots) {
      slot = this.#make(true)
      this.#regular += 1
    }
    if (!slot && holder.held === 0) {
      slot = this.#spare.pop() ?? this.#make(false)
      this.#extra.add(slot)
    }
    if (!slot) return null
    holder.held += 1
    return slot
  }

  /** One extra slot for each stream is enough. */
  #trim(): void {
    while (this.#extra.size > this.#streams) {
      const slot = this.#spare.pop()
      if (!slot) return
      this.#extra.delete(slot)
    }
  }

  #make(lasting: boolean): Slot {
    const memory = new SharedArrayBuffer(this.slotBytes)
    return { id: made++, memory, bytes: new Uint8Array(memory), lasting }
  }

  #wake(): void {
    for (let index = 0; index < this.#waiting.length; ) {
      const waiter = this.#waiting[index]
      const slot = waiter && this.#pick(waiter.holder)
      if (waiter && slot) {
        this.#waiting.splice(index, 1)
        waiter.resolve(slot)
      } else index += 1
    }
  }
}
