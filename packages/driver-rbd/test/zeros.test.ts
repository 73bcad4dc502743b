import { describe, expect, it } from 'vitest'
import { stretchesOfData } from '../src/zeros.ts'

const mebibyte = 1024 * 1024

function of(size: number, ...marks: readonly number[]): unknown {
  const bytes = new Uint8Array(size)
  for (const mark of marks) bytes[mark] = 1
  return [...stretchesOfData(bytes)].map(({ from, to }) => [from / mebibyte, to / mebibyte])
}

describe('stretches of data', () => {
  it.each([
    ['nothing', 0, [], []],
    ['nothing but zeros', 3 * mebibyte, [], []],
    ['nothing but zeros in a part of a MiB', 10, [], []],
    ['a single byte', mebibyte, [5], [[0, 1]]],
    ['neighbours, as one', 4 * mebibyte, [mebibyte, 2 * mebibyte], [[1, 3]]],
    [
      'two with a hole between them',
      4 * mebibyte,
      [0, 3 * mebibyte + 7],
      [
        [0, 1],
        [3, 4],
      ],
    ],
    ['the last, shorter one', 2.5 * mebibyte, [2.5 * mebibyte - 1], [[2, 2.5]]],
  ])('of %s', (_what, size, marks, expected) => {
    expect(of(size, ...marks)).toEqual(expected)
  })
})
