import { describe, expect, it } from 'vitest'
import { Interruption, orAborted, untilAborted } from '../../src/streams/abortable.ts'
import { collect, inChunks, payload } from '../support/sources.ts'

const never = new AbortController().signal
const bytes = payload(10)

/** A source that gives one chunk and then sleeps, and remembers whether it was told to stop. */
function sleeping(): AsyncIterable<Uint8Array> & { returned: boolean } {
  let given = false
  const source = {
    returned: false,
    [Symbol.asyncIterator]: () => ({
      next: (): Promise<IteratorResult<Uint8Array>> => {
        if (given) return new Promise(() => {})
        given = true
        return Promise.resolve({ done: false, value: bytes })
      },
      return: (): Promise<IteratorResult<Uint8Array>> => {
        source.returned = true
        return new Promise(() => {})
      },
    }),
  }
  return source
}

describe('untilAborted', () => {
  it('passes everything on while no signal fires', async () => {
    expect(await collect(untilAborted(inChunks(bytes, 3), never, 'adding'))).toEqual(Buffer.from(bytes))
  })

  it('ends with ABORTED while the source sleeps, and tells the source without waiting for it', async () => {
    const controller = new AbortController()
    const source = sleeping()
    const stream = untilAborted(source, controller.signal, 'adding')
    await stream.next()

    const waiting = stream.next()
    controller.abort(new Error('enough'))

    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED', cause: new Error('enough') })
    expect(source.returned).toBe(true)
  })

  it('throws what the source throws, as it is', async () => {
    const error = new Error('of the source')
    async function* failing(): AsyncGenerator<Uint8Array, void, void> {
      yield bytes
      throw error
    }

    await expect(collect(untilAborted(failing(), never, 'adding'))).rejects.toBe(error)
  })

  it('tells the source when its reader leaves', async () => {
    const source = sleeping()
    const stream = untilAborted(source, never, 'adding')
    await stream.next()

    await stream.return()

    expect(source.returned).toBe(true)
  })
})

describe('orAborted', () => {
  it('gives what the promise gives, or the abort', async () => {
    expect(await orAborted(Promise.resolve(1), never, 'waiting')).toBe(1)
    await expect(orAborted(new Promise(() => {}), AbortSignal.abort(), 'waiting')).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })
})

describe('Interruption', () => {
  it('serves one wait after another and knows the error of the abort', async () => {
    const controller = new AbortController()
    const interruption = new Interruption(controller.signal, 'reading')

    expect(await interruption.wait(Promise.resolve(1))).toBe(1)
    expect(interruption.error).toBeNull()
    controller.abort()
    await expect(interruption.wait(new Promise(() => {}))).rejects.toMatchObject({ code: 'ABORTED' })
    expect(interruption.error).toMatchObject({ code: 'ABORTED', message: expect.stringContaining('reading') })
  })
})
