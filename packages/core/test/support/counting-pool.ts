import { type Slot, SlotPool, type SlotShare } from '../../src/streams/slots.ts'

/** A pool that keeps account of the slots that are out. */
export class CountingPool extends SlotPool {
  readonly out = new Set<Slot>()
  /** Distinct pieces of memory ever handed out. */
  readonly memories = new Set<SharedArrayBuffer>()
  /** Most slots that were out at one time. */
  most = 0
  #waitingForNone: PromiseWithResolvers<void> | null = null

  override share(): SlotShare {
    const share = super.share()
    return {
      take: async (signal) => {
        const slot = await share.take(signal)
        if (this.out.has(slot)) throw new Error('a slot was handed out twice')
        this.out.add(slot)
        this.memories.add(slot.memory)
        this.most = Math.max(this.most, this.out.size)
        return slot
      },
      give: (slot) => {
        if (!this.out.delete(slot)) throw new Error('a slot was given back twice')
        share.give(slot)
        if (this.out.size === 0) this.#waitingForNone?.resolve()
      },
      end: () => share.end(),
    }
  }

  /** Resolves when every slot has come back. Slots that a thread still reads come back a little after their stream. */
  async allBack(): Promise<void> {
    if (this.out.size === 0) return
    this.#waitingForNone ??= Promise.withResolvers()
    await this.#waitingForNone.promise
  }
}
