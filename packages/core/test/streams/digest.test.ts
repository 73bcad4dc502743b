import { afterAll, describe, expect, it } from 'vitest'
import { type DigestedStream, digest } from '../../src/streams/digest.ts'
import { HashPool } from '../../src/streams/hash-pool.ts'
import { CountingPool } from '../support/counting-pool.ts'
import { collect, failingAfter, hexOf, inChunks, payload, reusingMemory, stuckAfter } from '../support/sources.ts'
import { nextThreads } from '../support/threads.ts'

const slotBytes = 1024
const hashes = new HashPool(2)
const algorithms = ['md5', 'sha512']
const never = new AbortController().signal

afterAll(() => hashes.close())

const aPool = (slots = 4): CountingPool => new CountingPool({ slots, slotBytes, mostPerStream: 3 })

function start(
  data: AsyncIterable<Uint8Array>,
  {
    slots = aPool(),
    signal = never,
    pool = hashes,
  }: { slots?: CountingPool; signal?: AbortSignal; pool?: HashPool } = {},
): DigestedStream & { slots: CountingPool } {
  return { ...digest(data, { hashes: pool, slots, algorithms, signal }), slots }
}

function expectDigests(stream: DigestedStream, bytes: Uint8Array): void {
  expect(Object.fromEntries(stream.digests)).toEqual({ md5: hexOf('md5', bytes), sha512: hexOf('sha512', bytes) })
}

describe('digest', () => {
  it.each([0, 1, slotBytes - 1, slotBytes, slotBytes + 1, 3 * slotBytes, 20 * slotBytes + 7])(
    'passes %i bytes on as they are and hashes them',
    async (size) => {
      const bytes = payload(size)
      const stream = start(inChunks(bytes, 100))

      expect(await collect(stream.body)).toEqual(Buffer.from(bytes))

      expectDigests(stream, bytes)
      await stream.slots.allBack()
    },
  )

  it.each([
    ['larger than several slots', 5 * slotBytes + 3],
    ['of one byte, thousands of them', 1],
    ['of exactly one slot', slotBytes],
  ])('takes chunks %s', async (_what, chunkSize) => {
    const bytes = payload(6 * slotBytes + 11)
    const stream = start(inChunks(bytes, chunkSize))

    expect(await collect(stream.body)).toEqual(Buffer.from(bytes))

    expectDigests(stream, bytes)
  })

  it('copies chunks whose memory the source fills again', async () => {
    const bytes = payload(9 * slotBytes + 5)
    const stream = start(reusingMemory(bytes, 300))

    expect(await collect(stream.body)).toEqual(Buffer.from(bytes))

    expectDigests(stream, bytes)
  })

  it('leaves a chunk as it is for as long as the driver keeps it', async () => {
    const bytes = payload(12 * slotBytes)
    const slots = aPool()
    const stream = start(inChunks(bytes, 512), { slots })
    const first = await stream.body.next()
    // Another stream goes through the whole pool meanwhile.
    await collect(start(inChunks(payload(30 * slotBytes, 9), 700), { slots }).body)

    expect(Buffer.from(first.value ?? [])).toEqual(Buffer.from(bytes.subarray(0, slotBytes)))

    const rest = await collect(stream.body)
    expect(rest).toEqual(Buffer.from(bytes.subarray(slotBytes)))
    expectDigests(stream, bytes)
  })

  it('has no digests before the end', async () => {
    const stream = start(inChunks(payload(3 * slotBytes), slotBytes))

    await stream.body.next()

    expect(stream.digests.size).toBe(0)
    await stream.body.return()
    expect(stream.digests.size).toBe(0)
  })

  it('gives every slot back when the driver stops early', async () => {
    const stream = start(inChunks(payload(20 * slotBytes), 512))

    for await (const chunk of stream.body) if (chunk) break

    await stream.slots.allBack()
    expect(stream.slots.most).toBeLessThanOrEqual(5)
  })

  it('takes no memory when the driver never reads', async () => {
    const stream = start(inChunks(payload(20), 10))

    await stream.body.return()

    expect(stream.slots.memories.size).toBe(0)
  })

  it.each([0, 1, slotBytes - 1, slotBytes, slotBytes + 1])(
    'passes on the %i bytes before an error of the source, then that very error',
    async (size) => {
      const error = new Error('the client went away')
      const stream = start(failingAfter(payload(size), error))
      let seen = 0
      const read = async (): Promise<void> => {
        for await (const chunk of stream.body) seen += chunk.byteLength
      }

      await expect(read()).rejects.toBe(error)

      expect(seen).toBe(size)
      expect(stream.digests.size).toBe(0)
      await stream.slots.allBack()
    },
  )

  it('ends at once when the signal fires while the source is stuck, and gives back the half-filled slot', async () => {
    const source = stuckAfter(payload(10))
    const controller = new AbortController()
    const stream = start(source, { signal: controller.signal })
    const reading = stream.body.next()
    await source.stuck
    expect(stream.slots.out.size).toBe(1)

    controller.abort(new Error('enough'))

    await expect(reading).rejects.toMatchObject({ code: 'ABORTED', cause: controller.signal.reason })
    await stream.slots.allBack()
    expect(source.returned()).toBe(1)
  })

  it('rejects with TIMEOUT when the signal is one of a time limit', async () => {
    const controller = new AbortController()
    const stream = start(stuckAfter(), { signal: controller.signal })
    const reading = stream.body.next()

    controller.abort(new DOMException('late', 'TimeoutError'))

    await expect(reading).rejects.toMatchObject({ code: 'TIMEOUT' })
  })

  it('reads nothing when the signal fired before', async () => {
    const source = stuckAfter(payload(slotBytes))
    const stream = start(source, { signal: AbortSignal.abort() })

    await expect(stream.body.next()).rejects.toMatchObject({ code: 'ABORTED' })

    expect(stream.slots.memories.size).toBe(0)
    expect(source.returned()).toBe(1)
  })

  it('hands out nothing more after the signal fired, also what is filled already', async () => {
    const source = stuckAfter(payload(slotBytes), payload(slotBytes), payload(slotBytes / 2))
    const controller = new AbortController()
    const stream = start(source, { signal: controller.signal })
    const first = await stream.body.next()
    await source.stuck

    controller.abort()

    expect(first.done).toBe(false)
    await expect(stream.body.next()).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await stream.body.next()).toEqual({ done: true, value: undefined })
    await stream.slots.allBack()
  })

  it('is not disturbed by a signal that fires after the end', async () => {
    const controller = new AbortController()
    const bytes = payload(3000)
    const stream = start(inChunks(bytes, 512), { signal: controller.signal })
    await collect(stream.body)

    controller.abort()

    expectDigests(stream, bytes)
  })

  it('ends with ABORTED when the signal fires while the digests are awaited', async () => {
    const controller = new AbortController()
    const asked = Promise.withResolvers<void>()
    const slowPool = new HashPool(2)
    const job = slowPool.start(algorithms)
    slowPool.start = () => ({
      ...job,
      digest: () => {
        asked.resolve()
        return new Promise(() => {})
      },
    })
    const stream = start(inChunks(payload(10), 10), { signal: controller.signal, pool: slowPool })
    const reading = collect(stream.body)
    await asked.promise

    controller.abort()

    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' })
    await slowPool.close()
  })

  it('lets a hundred streams through a pool of four slots within its bound', async () => {
    const slots = aPool(4)
    const bytes = Array.from({ length: 100 }, (_, index) => payload(3 * slotBytes + index, index + 1))
    const streams = bytes.map((each) => start(inChunks(each, 700), { slots }))

    const read = await Promise.all(streams.map((stream) => collect(stream.body)))

    for (const [index, stream] of streams.entries()) {
      const expected = bytes[index] ?? new Uint8Array()
      expect(read[index]).toEqual(Buffer.from(expected))
      expectDigests(stream, expected)
    }
    expect(slots.most).toBeLessThanOrEqual(4 + 100)
    await slots.allBack()
  })

  it('does not let streams whose driver stalls hold up another one', async () => {
    const slots = aPool(4)
    const stalled = Array.from({ length: 8 }, () => start(inChunks(payload(20 * slotBytes), slotBytes), { slots }))
    await Promise.all(stalled.map((stream) => stream.body.next()))
    const bytes = payload(50 * slotBytes, 3)
    const stream = start(inChunks(bytes, 900), { slots })

    await collect(stream.body)

    expectDigests(stream, bytes)
    await Promise.all(stalled.map((each) => each.body.return()))
    await slots.allBack()
  })

  it('fails with UNKNOWN when a thread is killed in the middle, loses no slot, and hashes the next stream', async () => {
    const threads = nextThreads(2)
    const pool = new HashPool(2)
    const slots = aPool()
    const bytes = payload(10 * slotBytes)
    const stream = start(inChunks(bytes, 500), { slots, pool })
    await stream.body.next()
    const [killed] = await threads

    await killed?.terminate()

    await expect(collect(stream.body)).rejects.toMatchObject({ code: 'UNKNOWN' })
    await slots.allBack()
    const next = start(inChunks(bytes, 500), { slots, pool })
    await collect(next.body)
    expectDigests(next, bytes)
    await pool.close()
  })

  it('fails the streams that run when the pool of threads is closed', async () => {
    const pool = new HashPool(1)
    const source = stuckAfter(payload(slotBytes))
    const controller = new AbortController()
    const stream = start(source, { pool, signal: controller.signal })
    await stream.body.next()

    await pool.close()

    const reading = stream.body.next()
    controller.abort()
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' })
    await stream.slots.allBack()
  })
})
