import { describe, expect, it } from 'vitest'
import { CommandWindow } from '../src/command-window.ts'

describe('CommandWindow', () => {
  it('opens up to the number that the target says, and closes behind it', () => {
    const window = new CommandWindow(5, 1)
    expect(window.open).toBe(false)

    window.update(5, 6)

    expect([window.take(), window.open, window.take(), window.open]).toEqual([5, true, 6, false])
  })

  it('counts on over the wrap of 32 bits', () => {
    const window = new CommandWindow(0xffff_ffff, 0xffff_ffff)
    window.update(0xffff_ffff, 1)

    expect([window.take(), window.take(), window.take()]).toEqual([0xffff_ffff, 0, 1])
    expect(window.open).toBe(false)
    window.answered(0xffff_ffff)
    expect(window.expectedStatus).toBe(0)
  })

  it('passes over old news and nonsense', () => {
    const window = new CommandWindow(10, 1)
    window.update(10, 20)

    window.update(9, 12)
    window.update(30, 25)

    for (let sent = 10; sent <= 20; sent += 1) expect(window.open && window.take()).toBe(sent)
    expect(window.open).toBe(false)
  })

  it('breaks when an answer is missing', () => {
    const window = new CommandWindow(1, 7)
    expect(() => window.answered(8)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }))
  })
})
