import { describe, expect, it } from 'vitest'
import { skipLines } from '../../tools/skip-lines.ts'

const skipped = (count: number, reason: string): { name: string; reason: string }[] =>
  Array.from({ length: count }, (_, index) => ({ name: `p > a.test.ts > s > test ${index}`, reason }))

describe('skipLines', () => {
  it('names a few tests each, with its reason', () => {
    expect(skipLines(skipped(2, 'needs x'))).toEqual([
      'p > a.test.ts > s > test 0 (needs x)',
      'p > a.test.ts > s > test 1 (needs x)',
    ])
  })

  it('counts many of one file for one reason', () => {
    expect(skipLines([...skipped(5, 'add is not declared'), ...skipped(1, 'needs x')])).toEqual([
      '5 tests of p > a.test.ts (add is not declared)',
      'p > a.test.ts > s > test 0 (needs x)',
    ])
  })
})
