import { describe, expect, it } from 'vitest'
import { type Part, sendParts } from '../../src/streams/send-parts.ts'
import { failingAfter, inChunks, payload, reusingMemory, stuckAfter } from '../support/sources.ts'

const quiet = new AbortController().signal

/** Keeps what it is sent, as a backend does. */
class Sink {
  readonly parts: { number: number; offset: number; bytes: Buffer; last: boolean }[] = []
  readonly send = async ({ number, offset, bytes, last }: Part): Promise<number> => {
    await null
    this.parts.push({ number, offset, bytes: Buffer.from(bytes), last })
    return number
  }

  get whole(): Buffer {
    return Buffer.concat(this.parts.toSorted((a, b) => a.number - b.number).map(({ bytes }) => bytes))
  }
}

/** A backend that answers when the test says so. */
function heldSends(): {
  readonly send: (part: Part, signal: AbortSignal) => Promise<void>
  readonly started: Part[]
  readonly held: PromiseWithResolvers<void>[]
  readonly signals: AbortSignal[]
} {
  const started: Part[] = []
  const held: PromiseWithResolvers<void>[] = []
  const signals: AbortSignal[] = []
  const send = (part: Part, signal: AbortSignal): Promise<void> => {
    const answer = Promise.withResolvers<void>()
    started.push(part)
    held.push(answer)
    signals.push(signal)
    return answer.promise
  }
  return { send, started, held, signals }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

describe('sendParts', () => {
  it.each([
    [0, [0]],
    [1, [1]],
    [7, [7]],
    [8, [8]],
    [9, [8, 1]],
    [16, [8, 8]],
    [17, [8, 8, 1]],
  ])('cuts %i bytes into parts of %j, and says which one is the last', async (size, sizes) => {
    const sink = new Sink()
    const data = payload(size)

    const results = await sendParts(reusingMemory(data, 3), { partSize: 8, parallel: 2, signal: quiet }, sink.send)

    expect(results).toEqual(sizes.map((_, index) => index + 1))
    expect(sink.whole).toEqual(Buffer.from(data))
    expect(sink.parts.map(({ bytes }) => bytes.byteLength)).toEqual(sizes)
    expect(sink.parts.map(({ last }) => last)).toEqual(sizes.map((_, index) => index === sizes.length - 1))
    expect(sink.parts.map(({ offset }) => offset)).toEqual(sizes.map((_, index) => index * 8))
  })

  it('takes part sizes that grow', async () => {
    const sink = new Sink()

    await sendParts(inChunks(payload(100), 9), { partSize: (n) => n * 10, parallel: 3, signal: quiet }, sink.send)

    expect(sink.parts.map(({ bytes }) => bytes.byteLength)).toEqual([10, 20, 30, 40])
    expect(sink.whole).toEqual(Buffer.from(payload(100)))
  })

  it('has at most so many parts under way as it is told, and uses their memory again', async () => {
    const { send, started, held } = heldSends()
    const sending = sendParts(inChunks(payload(80), 8), { partSize: 8, parallel: 3, signal: quiet }, send)

    await turns()
    expect(started).toHaveLength(3)
    for (let index = 0; index < 10; index += 1) {
      held[index]?.resolve()
      await turns()
    }
    await sending

    expect(started).toHaveLength(10)
    expect(new Set(started.map(({ bytes }) => bytes.buffer)).size).toBe(4)
  })

  it('rejects with the first failure after every part has settled, calls the others off and leaves the source', async () => {
    const { send, held, signals } = heldSends()
    const source = stuckAfter(payload(40))
    const sending = sendParts(source, { partSize: 8, parallel: 2, signal: quiet }, send)
    let settled = false
    void sending.catch(() => {}).finally(() => (settled = true))
    await turns()

    held[1]?.reject(new Error('part 2'))
    await turns()

    expect(signals[0]?.aborted).toBe(true)
    expect(settled).toBe(false)
    held[0]?.reject(new Error('part 1, called off'))
    await expect(sending).rejects.toThrow('part 2')
    expect(held).toHaveLength(2)
    expect(source.returned()).toBe(1)
  })

  it('passes the error of the source on as it is, and sends nothing more', async () => {
    const sink = new Sink()
    const broken = new Error('the client is gone')

    const sending = sendParts(failingAfter(payload(20), broken), { partSize: 8, parallel: 1, signal: quiet }, sink.send)

    await expect(sending).rejects.toBe(broken)
    expect(sink.parts.some(({ last }) => last)).toBe(false)
  })

  it('ends with ABORTED when the signal fires, also while the source is stuck', async () => {
    const source = stuckAfter(payload(20))
    const controller = new AbortController()
    const sink = new Sink()
    const sending = sendParts(source, { partSize: 8, parallel: 1, signal: controller.signal }, sink.send)

    await source.stuck
    controller.abort(new Error('enough'))

    await expect(sending).rejects.toMatchObject({ code: 'ABORTED' })
    expect(source.returned()).toBe(1)
  })

  it('rejects when send throws instead of rejecting', async () => {
    const send = (): Promise<void> => {
      throw new Error('at once')
    }

    await expect(sendParts(inChunks(payload(9), 9), { partSize: 4, parallel: 2, signal: quiet }, send)).rejects.toThrow(
      'at once',
    )
  })

  it('sends growing parts fewer at a time', async () => {
    const { send, started, held } = heldSends()
    const how = {
      partSize: (number: number) => 4 * number,
      parallel: (number: number) => (number < 3 ? 2 : 1),
      signal: quiet,
    }

    const sending = sendParts(inChunks(payload(30), 5), how, send)
    await turns()
    expect(started.map(({ number }) => number)).toEqual([1, 2])
    held[0]?.resolve()
    await turns()
    expect(started).toHaveLength(2)
    held[1]?.resolve()
    await turns()
    expect(started.map(({ number }) => number)).toEqual([1, 2, 3])
    held[2]?.resolve()
    await turns()
    held[3]?.resolve()

    await sending
    expect(started.map(({ bytes }) => bytes.byteLength)).toEqual([4, 8, 12, 6])
  })
})
