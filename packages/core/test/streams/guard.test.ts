import { describe, expect, it, vi } from 'vitest'
import { guard } from '../../src/streams/guard.ts'
import { collect, failingAfter, inChunks, payload, stuckAfter } from '../support/sources.ts'

const bytes = payload(10)
const never = new AbortController().signal
const rules = { size: null, signal: never, idleMs: 0 }

describe('guard', () => {
  it.each([10, null])('passes a body of 10 bytes on when %j are announced', async (size) => {
    expect(await collect(guard(inChunks(bytes, 3), { ...rules, size }))).toEqual(Buffer.from(bytes))
  })

  it.each([0, 9, 11, 100])('rejects with UNAVAILABLE when %i bytes are announced and 10 come', async (size) => {
    await expect(collect(guard(inChunks(bytes, 3), { ...rules, size }))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('passes no surplus byte on', async () => {
    const seen: Uint8Array[] = []
    const read = async (): Promise<void> => {
      for await (const chunk of guard(inChunks(bytes, 4), { ...rules, size: 7 })) seen.push(chunk)
    }

    await expect(read()).rejects.toMatchObject({ code: 'UNAVAILABLE' })

    expect(seen).toEqual([bytes.subarray(0, 4)])
  })

  it('passes the error of the driver on', async () => {
    const error = new Error('disk')

    await expect(collect(guard(failingAfter(bytes, error), rules))).rejects.toBe(error)
  })

  it('rejects with TIMEOUT when a chunk does not come in time, and tells the driver', async () => {
    const source = stuckAfter(bytes)

    await expect(collect(guard(source, { ...rules, idleMs: 5 }))).rejects.toMatchObject({
      code: 'TIMEOUT',
      retryable: true,
    })

    expect(source.returned()).toBe(1)
  })

  it('does not count the time that the reader takes', async () => {
    vi.useFakeTimers()
    const body = guard(inChunks(bytes, 5), { ...rules, idleMs: 1000 })
    await body.next()

    await vi.advanceTimersByTimeAsync(10_000)

    expect(await body.next()).toMatchObject({ done: false })
    vi.useRealTimers()
  })

  // A timer of more than 2^31 - 1 milliseconds fires at once.
  it.each([2 ** 31, Number.POSITIVE_INFINITY])('waits as long as it may when the time is %d ms', async (idleMs) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      await promise
      yield bytes
    }
    vi.useFakeTimers()
    const reading = collect(guard(slow(), { ...rules, idleMs }))

    await vi.advanceTimersByTimeAsync(60_000)
    resolve()

    expect(await reading).toEqual(Buffer.from(bytes))
    vi.useRealTimers()
  })

  it('rejects with ABORTED at once when the signal fires while the driver is stuck', async () => {
    const source = stuckAfter(bytes)
    const controller = new AbortController()
    const reading = collect(guard(source, { ...rules, signal: controller.signal }))
    await source.stuck

    controller.abort('enough')

    await expect(reading).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
    expect(source.returned()).toBe(1)
  })

  // The driver's own rejection was left unhandled then, which ends a process.
  it('asks the driver for nothing more when the signal fired between two chunks', async () => {
    const controller = new AbortController()
    let asked = 0
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          asked += 1
          if (controller.signal.aborted) throw new Error('the driver noticed the abort too')
          return { done: false as const, value: bytes }
        },
      }),
    }
    const guarded = guard(body, { ...rules, signal: controller.signal })
    await guarded.next()

    controller.abort()

    await expect(guarded.next()).rejects.toMatchObject({ code: 'ABORTED' })
    expect(asked).toBe(1)
  })

  it('leaves the driver before the first chunk was asked for', async () => {
    const source = stuckAfter(bytes)

    await guard(source, rules).return()

    expect(source.returned()).toBe(1)
  })

  it('has freed everything when a reader has left', async () => {
    let free = false
    const body = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield bytes
        yield bytes
      } finally {
        await new Promise((resolve) => setImmediate(resolve))
        free = true
      }
    }

    for await (const chunk of guard(body(), rules)) if (chunk) break

    expect(free).toBe(true)
  })

  it('does not wait for ever for a driver that cannot be left', async () => {
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false as const, value: bytes }),
        return: () => new Promise<never>(() => {}),
      }),
    }
    const controller = new AbortController()
    const guarded = guard(body, { ...rules, signal: controller.signal })
    await guarded.next()
    const leaving = guarded.return()

    controller.abort()

    expect(await leaving).toEqual({ done: true, value: undefined })
  })

  it('keeps its own error when the driver cannot be left', async () => {
    const body = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false as const, value: bytes }),
        return: () => {
          throw new Error('cannot leave')
        },
      }),
    }

    await expect(collect(guard(body, { ...rules, size: 3 }))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})
