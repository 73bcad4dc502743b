import { describe, expect, it } from 'vitest'
import { type Range, readRanges } from '../../src/streams/read-ranges.ts'
import { payload } from '../support/sources.ts'

const quiet = new AbortController().signal
const data = payload(100)

function reading(into: Uint8Array, { offset, length }: Range): Promise<void> {
  into.set(data.subarray(offset, offset + length))
  return Promise.resolve()
}

async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = []
  for await (const chunk of chunks) copies.push(Buffer.from(chunk))
  return Buffer.concat(copies)
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

describe('readRanges', () => {
  it.each([
    [0, 100, 7, 3],
    [0, 100, 100, 1],
    [0, 100, 1000, 4],
    [13, 50, 10, 2],
    [99, 1, 8, 2],
    [5, 0, 8, 2],
  ])('reads from %i %i bytes by ranges of %i, %i at once', async (offset, length, rangeSize, parallel) => {
    const chunks = readRanges({ offset, length, rangeSize, parallel, signal: quiet }, reading)

    expect(await collected(chunks)).toEqual(Buffer.from(data.subarray(offset, offset + length)))
  })

  it('hands ranges out in order, however they come, and asks only so far ahead', async () => {
    const answers = new Map<number, () => void>()
    const read = (into: Uint8Array, range: Range): Promise<void> =>
      new Promise((resolve) => answers.set(range.offset, () => void reading(into, range).then(resolve)))
    const result = collected(readRanges({ offset: 0, length: 40, rangeSize: 10, parallel: 2, signal: quiet }, read))

    await turns()
    expect([...answers.keys()]).toEqual([0, 10])
    answers.get(10)?.()
    await turns()
    expect([...answers.keys()]).toEqual([0, 10])
    answers.get(0)?.()
    await turns()
    expect([...answers.keys()]).toEqual([0, 10, 20, 30])
    answers.get(30)?.()
    answers.get(20)?.()

    expect(await result).toEqual(Buffer.from(data.subarray(0, 40)))
  })

  it('throws the failure of a range after the bytes before it', async () => {
    const read = (into: Uint8Array, range: Range): Promise<void> =>
      range.offset === 20 ? Promise.reject(new Error('lost')) : reading(into, range)
    const got: number[] = []

    const run = async (): Promise<void> => {
      for await (const chunk of readRanges({ offset: 0, length: 50, rangeSize: 10, parallel: 4, signal: quiet }, read))
        got.push(chunk.byteLength)
    }

    await expect(run()).rejects.toThrow('lost')
    expect(got).toEqual([10, 10])
  })

  it('calls the ranges under way off when the reader leaves, and waits for them', async () => {
    const signals: AbortSignal[] = []
    let running = 0
    const read = async (into: Uint8Array, range: Range, signal: AbortSignal): Promise<void> => {
      if (range.offset === 0) return reading(into, range)
      signals.push(signal)
      running += 1
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      running -= 1
      throw signal.reason
    }

    for await (const _chunk of readRanges({ offset: 0, length: 50, rangeSize: 10, parallel: 3, signal: quiet }, read))
      break

    expect(signals.length).toBeGreaterThan(0)
    expect(signals.every(({ aborted }) => aborted)).toBe(true)
    expect(running).toBe(0)
  })

  it('ends with ABORTED when the signal fires', async () => {
    const controller = new AbortController()
    const read = (_into: Uint8Array, _range: Range, signal: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
    const result = collected(
      readRanges({ offset: 0, length: 50, rangeSize: 10, parallel: 3, signal: controller.signal }, read),
    )

    await turns()
    controller.abort(new Error('enough'))

    await expect(result).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
