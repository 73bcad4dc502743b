import { describe, expect, it } from 'vitest'
import { type Slot, SlotPool } from '../../src/streams/slots.ts'

const never = new AbortController().signal
const aPool = (slots: number, mostPerStream = 8): SlotPool => new SlotPool({ slots, slotBytes: 16, mostPerStream })

/** Whether a promise is still open after everything that is ready has run. */
async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = (): void => {
    settled = true
  }
  promise.then(settle, settle)
  await new Promise((resolve) => setImmediate(resolve))
  return !settled
}

describe('SlotPool', () => {
  it('gives a lone stream as many slots as one may have, and then waits', async () => {
    const share = aPool(8, 3).share()
    const held = [await share.take(never), await share.take(never), await share.take(never)]

    const waiting = share.take(never)

    expect(new Set(held.map(({ id }) => id)).size).toBe(3)
    expect(await isWaiting(waiting)).toBe(true)
    share.give(held[0] as Slot)
    expect(await waiting).toBe(held[0])
  })

  it('divides the slots among the streams that run', async () => {
    const pool = aPool(4)
    const [one, two] = [pool.share(), pool.share()]
    await one.take(never)
    await one.take(never)

    expect(await isWaiting(one.take(never))).toBe(true)
    await two.take(never)
    await two.take(never)
    expect(await isWaiting(two.take(never))).toBe(true)
  })

  it('gives the slots of a stream that ended to the others', async () => {
    const pool = aPool(2)
    const [one, two] = [pool.share(), pool.share()]
    await one.take(never)
    const waiting = one.take(never)

    expect(await isWaiting(waiting)).toBe(true)
    two.end()
    two.end()

    expect((await waiting).bytes.byteLength).toBe(16)
  })

  it('takes slots back from a stream that ended', async () => {
    const pool = aPool(1)
    const [one, two] = [pool.share(), pool.share()]
    const slot = await one.take(never)

    one.end()
    one.give(slot)

    expect(await two.take(never)).toBe(slot)
  })

  it('never lets a stream wait that holds none', async () => {
    const pool = aPool(2)
    const greedy = pool.share()
    await greedy.take(never)
    await greedy.take(never)

    const ids = await Promise.all(Array.from({ length: 5 }, async () => (await pool.share().take(never)).id))

    expect(new Set(ids).size).toBe(5)
  })

  // A slot beyond the pool that came back woke nobody, so its stream waited for ever.
  it('gives a waiting stream its next slot when its slot beyond the pool comes back', async () => {
    const pool = aPool(1)
    await pool.share().take(never)
    const share = pool.share()
    const extra = await share.take(never)
    const waiting = share.take(never)
    expect(await isWaiting(waiting)).toBe(true)

    share.give(extra)

    expect((await waiting).memory).toBe(extra.memory)
  })

  // Each use made new memory, which was collected so late that one upload beside a stalled one took over a gigabyte.
  it('uses memory beyond the pool again', async () => {
    const pool = aPool(1)
    await pool.share().take(never)
    const share = pool.share()
    const memories = new Set<SharedArrayBuffer>()

    for (let round = 0; round < 50; round += 1) {
      const slot = await share.take(never)
      memories.add(slot.memory)
      share.give(slot)
    }

    expect(memories.size).toBe(1)
  })

  it('keeps no memory beyond the pool for streams that ended', async () => {
    const pool = aPool(1)
    const stalled = pool.share()
    await stalled.take(never)
    const before = pool.share()
    const slot = await before.take(never)
    before.give(slot)
    before.end()
    stalled.end()

    const after = await pool.share().take(never)

    expect(after.memory).not.toBe(slot.memory)
  })

  it('rejects with ABORTED when the signal fires while it waits, and forgets the one who waited', async () => {
    const share = aPool(1).share()
    const slot = await share.take(never)
    const controller = new AbortController()
    const given = share.take(controller.signal)
    const after = share.take(never)

    controller.abort()

    await expect(given).rejects.toMatchObject({ code: 'ABORTED' })
    share.give(slot)
    expect(await after).toBe(slot)
  })

  it('takes nothing when the signal fired before', async () => {
    const share = aPool(1).share()

    await expect(share.take(AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' })

    expect(await isWaiting(share.take(never))).toBe(false)
  })

  it('gives waiting streams their slots in the order in which they asked', async () => {
    const pool = aPool(2)
    const [one, two] = [pool.share(), pool.share()]
    const [first, second] = [await one.take(never), await two.take(never)]
    const order: string[] = []
    const waits = [one.take(never).then(() => order.push('one')), two.take(never).then(() => order.push('two'))]

    one.give(first)
    two.give(second)
    await Promise.all(waits)

    expect(order).toEqual(['one', 'two'])
  })
})
