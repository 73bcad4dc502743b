import { describe, expect, it } from 'vitest'
import { payload } from '../src/bytes.ts'
import { Source } from '../src/sources.ts'

describe('a source', () => {
  it('spoils the memory of a chunk when the next one is asked for', async () => {
    const iterator = new Source(payload(1, 10), { chunkBytes: 5, reuse: true })[Symbol.asyncIterator]()
    const { value } = await iterator.next()
    const before = Buffer.from(value ?? []).toString('hex')

    void iterator.next()

    expect(before).toBe(Buffer.from(payload(1, 10).slice(0, 5)).toString('hex'))
    expect(value).toEqual(new Uint8Array(5).fill(0xdd))
  })

  it('fails at exactly the byte that it was told', async () => {
    const error = new Error('gone')
    const source = new Source(payload(1, 100), { chunkBytes: 30, failAt: { byte: 50, error } })
    let got = 0

    const reading = (async () => {
      for await (const chunk of source) got += chunk.byteLength
    })()

    await expect(reading).rejects.toBe(error)
    expect(got).toBe(50)
    expect(source.leftInOrder).toBe(true)
  })

  it('stalls until it is resumed, and ends at once when it is told to', async () => {
    const source = new Source(payload(1, 100), { stallAt: 40 })
    const iterator = source[Symbol.asyncIterator]()
    await iterator.next()
    const pending = iterator.next()
    await source.stalled

    await iterator.return?.()

    expect(await pending).toEqual({ done: true, value: undefined })
    expect(source).toMatchObject({ given: 40, returned: true, ended: false })
  })

  it('can be read once', () => {
    const source = new Source(payload(1, 1))
    source[Symbol.asyncIterator]()

    expect(() => source[Symbol.asyncIterator]()).toThrow(TypeError)
  })
})
