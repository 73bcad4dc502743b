import { describe, expect, it } from 'vitest'
import { Progress, progressLine } from '../src/progress.ts'

function aScreen(
  isTTY: boolean,
  columns = 100,
): { isTTY: boolean; columns: number; text: string; write(text: string | Uint8Array): boolean } {
  return {
    isTTY,
    columns,
    text: '',
    write(text) {
      this.text += text
      return true
    },
  }
}

describe('progressLine', () => {
  it.each<[number, number | null, number, string]>([
    [0, 1024, 0, '[>                             ]   0%  0B of 1kB  0B/s'],
    [512, 1024, 1000, '[===============>              ]  50%  512B of 1kB  512B/s  0:01 left'],
    [1024, 1024, 1000, '[==============================] 100%  1kB of 1kB  1kB/s'],
    [1024, 1024 * 7200, 1000, '[>                             ]   0%  1kB of 7MB  1kB/s  1:59:59 left'],
    [2048, null, 1000, '2kB  2kB/s'],
    [0, 0, 1000, '[==============================] 100%  0B of 0B  0B/s'],
  ])('of %s of %s bytes after %i ms', (bytes, total, elapsed, line) => {
    expect(progressLine(bytes, total, elapsed)).toBe(line)
  })
})

describe('Progress', () => {
  it('redraws its line, not more often than is seen, and ends it', () => {
    const screen = aScreen(true)
    let now = 0
    const progress = new Progress(screen, () => now)

    progress.update(1024, null)
    now = 50
    progress.update(1500, null)
    now = 2000
    progress.update(2048, null)
    progress.finish()

    expect(screen.text).toBe('\r1kB  0B/s\r2kB  1kB/s\r2kB  1kB/s\n')
  })

  it('stays within the width of the terminal', () => {
    const screen = aScreen(true, 20)

    new Progress(screen, () => 0).update(1, 2)

    expect(screen.text.length).toBe(1 + 19)
  })

  it('is silent when the output is no terminal', () => {
    const screen = aScreen(false)
    const progress = new Progress(screen, () => 0)

    progress.update(1, 2)
    progress.finish()

    expect(screen.text).toBe('')
  })
})
