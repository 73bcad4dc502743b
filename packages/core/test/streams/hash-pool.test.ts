import type { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { type HashJob, HashPool } from '../../src/streams/hash-pool.ts'
import { type Slot, SlotPool } from '../../src/streams/slots.ts'
import { hexOf, payload } from '../support/sources.ts'
import { nextThreads } from '../support/threads.ts'

const slots = new SlotPool({ slots: 64, slotBytes: 4096, mostPerStream: 64 }).share()

async function aSlot(bytes: Uint8Array): Promise<Slot> {
  const slot = await slots.take(new AbortController().signal)
  slot.bytes.set(bytes)
  return slot
}

/** Hashes a slot and waits until it has been read. */
const update = (job: HashJob, slot: Slot, length: number): Promise<void> =>
  new Promise((resolve) => job.update(slot, length, resolve))

/** The threads that `run` starts. */
async function threadsOf(run: () => Promise<unknown>): Promise<number> {
  let started = 0
  const note = (_worker: Worker): void => {
    started += 1
  }
  process.on('worker', note)
  await run()
  process.off('worker', note)
  return started
}

describe('HashPool', () => {
  it('hashes what was in the slots, in order', async () => {
    await using stack = new AsyncDisposableStack()
    const pool = new HashPool(2)
    stack.defer(() => pool.close())
    const bytes = payload(6000)
    const job = pool.start(['md5', 'sha256', 'sha512'])

    await update(job, await aSlot(bytes.subarray(0, 4096)), 4096)
    await update(job, await aSlot(bytes.subarray(4096)), 6000 - 4096)

    expect(await job.digest()).toEqual(
      new Map(['md5', 'sha256', 'sha512'].map((algorithm) => [algorithm, hexOf(algorithm, bytes)])),
    )
  })

  it('answers under the names of hashlib', async () => {
    const pool = new HashPool(1)
    const job = pool.start(['sha3_256', 'blake2b'])

    expect(Object.fromEntries(await job.digest())).toEqual({
      sha3_256: hexOf('sha3-256', payload(0)),
      blake2b: hexOf('blake2b512', payload(0)),
    })

    await pool.close()
  })

  it.each(['sha513', '', 'MD5', '__proto__', 'constructor', 'shake_128'])(
    'refuses the unknown algorithm %j with BAD_CONFIGURATION',
    (algorithm) => {
      expect(() => new HashPool(1).start(['md5', algorithm])).toThrow(
        expect.objectContaining({ code: 'BAD_CONFIGURATION', message: expect.stringContaining(algorithm) }),
      )
    },
  )

  it('starts no more threads than it may, however many streams run', async () => {
    const pool = new HashPool(2)

    const started = await threadsOf(async () => {
      const jobs = Array.from({ length: 10 }, () => pool.start(['md5', 'sha512']))
      const slot = await aSlot(payload(100))
      for (const job of jobs) await update(job, slot, 100)
      expect(new Set((await Promise.all(jobs.map((job) => job.digest()))).map((each) => each.get('md5')))).toEqual(
        new Set([hexOf('md5', payload(100))]),
      )
    })

    expect(started).toBe(2)
    await pool.close()
  })

  it('starts no thread before the first stream', async () => {
    expect(await threadsOf(async () => new HashPool(4).close())).toBe(0)
  })

  it('fails the streams of a thread that dies, frees the slots it was reading, and starts another', async () => {
    const pool = new HashPool(1)
    const threads = nextThreads(1)
    const job = pool.start(['md5'])
    const [thread] = await threads
    const read = update(job, await aSlot(payload(4096)), 4096)

    await thread?.terminate()

    await read
    await expect(job.digest()).rejects.toMatchObject({ code: 'UNKNOWN' })
    await update(job, await aSlot(payload(1)), 1)
    expect((await pool.start(['md5']).digest()).get('md5')).toBe(hexOf('md5', payload(0)))
    await pool.close()
  })

  it('reads slots to the end and takes no harm when a stream is given up, also twice', async () => {
    const pool = new HashPool(1)
    const job = pool.start(['md5', 'sha512'])
    const read = update(job, await aSlot(payload(4096)), 4096)

    job.drop()
    job.drop()

    await read
    const next = pool.start(['md5'])
    await update(next, await aSlot(payload(5)), 5)
    expect((await next.digest()).get('md5')).toBe(hexOf('md5', payload(5)))
    await pool.close()
  })
})
