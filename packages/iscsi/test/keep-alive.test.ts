import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { KeepAlive } from '../src/keep-alive.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function watched(): { readonly events: string[]; progress: number; keepAlive: KeepAlive } {
  const state = {
    events: [] as string[],
    progress: 0,
    keepAlive: null as unknown as KeepAlive,
  }
  state.keepAlive = new KeepAlive({
    afterMs: 5_000,
    timeoutMs: 10_000,
    progress: () => state.progress,
    ask: () => void state.events.push('asked'),
    dead: () => void state.events.push('dead'),
  })
  return state
}

describe('KeepAlive', () => {
  it('asks after silence, and gives up when nothing comes', () => {
    const { events } = watched()

    vi.advanceTimersByTime(5_000)
    expect(events).toEqual(['asked'])
    vi.advanceTimersByTime(10_001)
    expect(events).toEqual(['asked', 'dead'])
  })

  it('is content with whatever comes, and asks again after the next silence', () => {
    const state = watched()
    vi.advanceTimersByTime(4_000)
    state.progress = 1
    vi.advanceTimersByTime(1_000)
    expect(state.events).toEqual([])

    vi.advanceTimersByTime(5_000)
    state.progress = 2
    vi.advanceTimersByTime(10_001)
    expect(state.events).toEqual(['asked'])
    vi.advanceTimersByTime(5_000)
    expect(state.events).toEqual(['asked', 'asked'])
  })

  it('does not wait any longer when the answer is there', () => {
    const state = watched()
    vi.advanceTimersByTime(5_000)
    state.progress = 1
    state.keepAlive.sign()

    vi.advanceTimersByTime(5_000)
    expect(state.events).toEqual(['asked', 'asked'])
    vi.advanceTimersByTime(10_001)
    expect(state.events).toEqual(['asked', 'asked', 'dead'])
  })

  it('stops', () => {
    const { events, keepAlive } = watched()
    keepAlive.stop()
    vi.advanceTimersByTime(100_000)
    expect(events).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })
})
