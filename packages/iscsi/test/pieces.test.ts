import { describe, expect, it } from 'vitest'
import { inPieces } from '../src/pieces.ts'

describe('inPieces', () => {
  it('covers the length with parts, the last one shorter, so many at a time', async () => {
    const parts: [number, number][] = []
    let running = 0
    let most = 0

    await inPieces(10, 4, 2, async (at, bytes) => {
      running += 1
      most = Math.max(most, running)
      await Promise.resolve()
      parts.push([at, bytes])
      running -= 1
    })

    expect(parts).toEqual([
      [0, 4],
      [4, 4],
      [8, 2],
    ])
    expect(most).toBe(2)
  })

  it('begins nothing after a failure, and waits for what had begun', async () => {
    const begun: number[] = []
    let ended = 0
    const gate = Promise.withResolvers<void>()
    const result = inPieces(100, 1, 2, async (at) => {
      begun.push(at)
      if (at === 0) throw new Error('first')
      await gate.promise
      ended += 1
    })
    gate.resolve()

    await expect(result).rejects.toThrow('first')
    expect([begun, ended]).toEqual([[0, 1], 1])
  })

  it('does nothing for no bytes', async () => {
    await inPieces(0, 4, 2, () => Promise.reject(new Error('called')))
  })
})
