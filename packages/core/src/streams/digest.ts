/**
 * The stage through which every upload goes: it gathers the source's chunks into slots of shared memory, lets threads hash the slots, and
 * hands the same slots to the driver.
 *
 * Three things happen at the same time: the source fills one slot, the threads hash earlier ones, the driver stores earlier ones. A slot is free again when
 * both have read it. The driver sees the end only after the digests are complete, so a digest that fails leaves no image behind.
 */
import { abortError } from '../errors.ts'
import { bounded } from './bounded.ts'
import type { HashJob, HashPool } from './hash-pool.ts'
import type { Slot, SlotPool, SlotShare } from './slots.ts'

/** Data under way to a driver, with its digests to come. */
export interface DigestedStream {
  /** What the driver reads. A chunk is valid until the next one is asked for. */
  readonly body: AsyncGenerator<Uint8Array, void, void>
  /** Digests by algorithm, in lower-case hex. Complete once `body` has ended; empty before. */
  readonly digests: ReadonlyMap<string, string>
}

/** What `digest` works with. */
export interface DigestTools {
  readonly hashes: HashPool
  readonly slots: SlotPool
  /** As hashlib spells them; each once. */
  readonly algorithms: readonly string[]
  readonly signal: AbortSignal
}

/**
 * Starts reading `data` when the body is first asked for.
 *
 * An error of the source comes out of the body as it is, after the bytes before it. An abort ends the body with ABORTED (or TIMEOUT) at once, also when the source
 * is stuck; the source's `return()` is called in every case.
 */
export function digest(data: AsyncIterable<Uint8Array>, tools: DigestTools): DigestedStream {
  const digests = new Map<string, string>()
  return { body: run(data, tools, digests), digests }
}

async function* run(
  data: AsyncIterable<Uint8Array>,
  { hashes, slots, algorithms, signal }: DigestTools,
  digests: Map<string, string>,
): AsyncGenerator<Uint8Array, void, void> {
  const source = data[Symbol.asyncIterator]()
  const job = hashes.start(algorithms)
  const share = slots.share()
  const queue = new SlotQueue(share)
  // Fires when the body ends, however it ends; it ends the gathering.
  const over = new AbortController()
  const stop = (): void => queue.abort(abortError(signal, 'the upload'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) stop()
    else void gather(source, { share, job, queue, slotBytes: slots.slotBytes, signal: over.signal })
    for (let filled = await queue.next(); filled; filled = await queue.next()) {
      yield filled.slot.bytes.subarray(0, filled.length)
      queue.release(filled.slot, 'body')
    }
    const complete = await bounded(job.digest(), { signal, idleMs: 0, what: 'the upload' })
    for (const [algorithm, hex] of complete) digests.set(algorithm, hex)
  } finally {
    signal.removeEventListener('abort', stop)
    over.abort()
    queue.close()
    job.drop()
    share.end()
    // Not awaited: a source that is stuck in next() answers return() only after it.
    Promise.resolve(source.return?.()).catch(() => {})
  }
}

interface GatherTools {
  readonly share: SlotShare
  readonly job: HashJob
  readonly queue: SlotQueue
  readonly slotBytes: number
  readonly signal: AbortSignal
}

/** Reads the source to its end, copying into slots. Never rejects: how it ends goes into the queue. */
async function gather(
  source: AsyncIterator<Uint8Array>,
  { share, job, queue, slotBytes, signal }: GatherTools,
): Promise<void> {
  let slot: Slot | null = null
  let used = 0
  const publish = (): void => {
    if (!slot) return
    const full = slot
    const length = used
    slot = null
    used = 0
    queue.push({ slot: full, length })
    job.update(full, length, () => queue.release(full, 'hash'))
  }
  // A source may be stuck for good; its half-filled slot must not be.
  const giveBack = (): void => {
    if (slot) share.give(slot)
    slot = null
  }
  signal.addEventListener('abort', giveBack, { once: true })
  try {
    for (let step = await source.next(); !step.done && !signal.aborted; step = await source.next()) {
      const chunk = step.value
      for (let from = 0; from < chunk.byteLength && !signal.aborted; ) {
        slot ??= await share.take(signal)
        const length = Math.min(chunk.byteLength - from, slotBytes - used)
        slot.bytes.set(chunk.subarray(from, from + length), used)
        from += length
        used += length
        if (used === slotBytes) publish()
      }
    }
    publish()
    queue.end(null)
  } catch (error) {
    publish()
    queue.end({ error })
  }
}

/** A slot on its way to the driver, and how much of it is filled. */
interface Filled {
  readonly slot: Slot
  readonly length: number
}

/** Filled slots between the gathering and the body; a slot goes back to the pool when the body and the hashes have both read it. */
class SlotQueue {
  readonly #share: SlotShare
  readonly #filled: Filled[] = []
  readonly #unread = new Map<Slot, Set<'body' | 'hash'>>()
  #changed: PromiseWithResolvers<void> = Promise.withResolvers()
  #end: { readonly error: unknown } | 'whole' | null = null
  #closed = false

  constructor(share: SlotShare) {
    this.#share = share
  }

  push(filled: Filled): void {
    this.#unread.set(filled.slot, new Set(this.#closed ? ['hash'] : ['body', 'hash']))
    if (this.#closed) return
    this.#filled.push(filled)
    this.#changed.resolve()
  }

  release(slot: Slot, reader: 'body' | 'hash'): void {
    const unread = this.#unread.get(slot)
    if (!unread?.delete(reader) || unread.size > 0) return
    this.#unread.delete(slot)
    this.#share.give(slot)
  }

  /** The source has ended, with an error or whole. What is filled is still handed out. */
  end(failure: { readonly error: unknown } | null): void {
    this.#end ??= failure ?? 'whole'
    this.#changed.resolve()
  }

  /** Ends at once: what is filled is not handed out any more. */
  abort(error: unknown): void {
    this.#end = { error }
    for (const { slot } of this.#filled.splice(0)) this.release(slot, 'body')
    this.#changed.resolve()
  }

  /** The next filled slot, or null at the end. @throws what the source threw, after the slots filled before it */
  async next(): Promise<Filled | null> {
    for (;;) {
      const filled = this.#filled.shift()
      if (filled) return filled
      if (this.#end === 'whole') return null
      if (this.#end) throw this.#end.error
      this.#changed = Promise.withResolvers()
      await this.#changed.promise
    }
  }

  /** The body reads no more. */
  close(): void {
    this.#closed = true
    this.#filled.length = 0
    for (const slot of [...this.#unread.keys()]) this.release(slot, 'body')
  }
}
