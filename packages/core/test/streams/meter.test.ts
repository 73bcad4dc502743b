import { describe, expect, it } from 'vitest'
import { meter } from '../../src/streams/meter.ts'
import { collect, failingAfter, inChunks, payload, stuckAfter } from '../support/sources.ts'

const bytes = payload(10)

function run(size: number | null, limit: number | null): { read: Promise<Uint8Array>; totals: number[] } {
  const totals: number[] = []
  return { totals, read: collect(meter(inChunks(bytes, 4), { size, limit }, (total) => totals.push(total))) }
}

describe('meter', () => {
  it.each([
    [null, null],
    [10, null],
    [null, 10],
    [10, 10],
    [10, 11],
  ])('passes 10 bytes on when %j are announced and the limit is %j', async (size, limit) => {
    const { read, totals } = run(size, limit)

    expect(await read).toEqual(Buffer.from(bytes))
    expect(totals).toEqual([4, 8, 10])
  })

  it.each([
    ['SIZE_MISMATCH', 9, null, [4, 8]],
    ['SIZE_MISMATCH', 11, null, [4, 8, 10]],
    ['SIZE_MISMATCH', 0, null, []],
    ['SIZE_MISMATCH', 9, 100, [4, 8]],
    ['TOO_LARGE', null, 9, [4, 8]],
    ['TOO_LARGE', null, 0, []],
    ['TOO_LARGE', 10, 9, [4, 8]],
  ])('rejects with %s when %j are announced and the limit is %j', async (code, size, limit, counted) => {
    const { read, totals } = run(size, limit)

    await expect(read).rejects.toMatchObject({ code })
    expect(totals).toEqual(counted)
  })

  it('lets nothing be nothing', async () => {
    const none = inChunks(payload(0), 1)

    expect(await collect(meter(none, { size: 0, limit: 0 }, () => {}))).toHaveLength(0)
  })

  it('drops empty chunks', async () => {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      yield new Uint8Array()
      yield bytes
      yield new Uint8Array()
    }
    const chunks: Uint8Array[] = []

    for await (const chunk of meter(source(), { size: 10, limit: null }, () => {})) chunks.push(chunk)

    expect(chunks).toEqual([bytes])
  })

  it('passes the error of the source on as it is', async () => {
    const error = new Error('gone')

    const read = collect(meter(failingAfter(bytes, error), { size: 20, limit: null }, () => {}))

    await expect(read).rejects.toBe(error)
  })

  it('ends the source when it stops at a surplus byte', async () => {
    const source = stuckAfter(bytes, bytes)

    await expect(collect(meter(source, { size: 10, limit: null }, () => {}))).rejects.toMatchObject({
      code: 'SIZE_MISMATCH',
    })

    expect(source.returned()).toBe(1)
  })

  it.each(['text', new Uint16Array(2), undefined])('refuses the chunk %j, which is no bytes', async (chunk) => {
    const source = async function* (): AsyncGenerator<never> {
      yield chunk as never
    }

    await expect(collect(meter(source(), { size: null, limit: null }, () => {}))).rejects.toThrow(TypeError)
  })
})
