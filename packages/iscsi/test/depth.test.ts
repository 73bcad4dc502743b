import { describe, expect, it } from 'vitest'
import { Depth } from '../src/depth.ts'

const never = new AbortController().signal

describe('Depth', () => {
  it('lets the next one in, in the order of coming, when one leaves', async () => {
    const depth = new Depth(1)
    const order: string[] = []
    await depth.enter(never)
    const second = depth.enter(never).then(() => order.push('second'))
    const third = depth.enter(never).then(() => order.push('third'))

    depth.leave(false)
    await second
    expect(order).toEqual(['second'])
    depth.leave(false)
    await third
  })

  it('halves when the unit has too many, never below one, and grows back', async () => {
    const depth = new Depth(8)
    for (let entered = 0; entered < 8; entered += 1) await depth.enter(never)

    depth.leave(true)
    expect(depth.limit).toBe(4)
    for (let left = 0; left < 7; left += 1) depth.leave(true)
    expect(depth.limit).toBe(1)
    for (let round = 0; round < 100; round += 1) {
      await depth.enter(never)
      depth.leave(false)
    }
    expect(depth.limit).toBe(8)
  })

  it('lets those go who do not want to wait', async () => {
    const depth = new Depth(1)
    const controller = new AbortController()
    await depth.enter(never)
    const waiting = depth.enter(controller.signal)
    const next = depth.enter(never)

    controller.abort()

    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(depth.enter(controller.signal)).rejects.toMatchObject({ code: 'ABORTED' })
    depth.leave(false)
    await next
  })
})
