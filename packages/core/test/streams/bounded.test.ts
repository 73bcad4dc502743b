import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { bounded } from '../../src/streams/bounded.ts'

const stuck = new Promise<never>(() => {})

describe('bounded', () => {
  it('answers as the promise does', async () => {
    const { signal } = new AbortController()
    const bounds = { signal, idleMs: 1000, what: 'the call' }

    expect(await bounded(Promise.resolve(3), bounds)).toBe(3)
    await expect(bounded(Promise.reject(new Error('no')), bounds)).rejects.toThrow('no')
  })

  it('leaves no listener behind', async () => {
    const { signal } = new AbortController()

    await bounded(Promise.resolve(3), { signal, idleMs: 1000, what: 'the call' })

    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('prefers an abort that was before to a promise that is ready', async () => {
    const bounds = { signal: AbortSignal.abort(), idleMs: 0, what: 'the call' }

    await expect(bounded(Promise.resolve(3), bounds)).rejects.toMatchObject({
      code: 'ABORTED',
      message: 'the call was aborted',
    })
  })

  it('ends with the abort or the time-out that comes first', async () => {
    const controller = new AbortController()
    const bounds = { signal: controller.signal, what: 'the call' }
    const waiting = bounded(stuck, { ...bounds, idleMs: 0 })

    await expect(bounded(stuck, { ...bounds, idleMs: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
