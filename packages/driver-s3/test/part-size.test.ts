import { describe, expect, it } from 'vitest'
import { maxImageBytes, planParts, rangesOf } from '../src/part-size.ts'

const mebibyte = 1024 ** 2
const gibibyte = 1024 ** 3
const settings = { preferred: 10 * mebibyte, parallel: 10, singleBelow: 100 * mebibyte }

describe('planParts', () => {
  it.each([
    ['an empty image', 0, 1, 10],
    ['one that is below the limit of single requests', 99 * mebibyte, 99 * mebibyte, 1],
    ['one at that limit', 100 * mebibyte, 10 * mebibyte, 10],
    ['one that needs just 10,000 parts', 10_000 * 10 * mebibyte, 10 * mebibyte, 10],
    ['one that needs more', 10_000 * 10 * mebibyte + 1, 11 * mebibyte, 9],
    ['the largest', maxImageBytes, 525 * mebibyte, 1],
  ])('gives %s (%i bytes) parts of %i bytes, %i at a time', (_, size, partSize, parallel) => {
    const plan = planParts(size, settings)

    expect(plan.sizeOf(1)).toBe(partSize)
    expect(plan.sizeOf(10_000)).toBe(partSize)
    expect(plan.parallelOf(1)).toBe(parallel)
    expect(partSize * 10_000).toBeGreaterThanOrEqual(size)
  })

  it('sends an image in parts that is below the limit of single requests and takes more memory than parts do', () => {
    const plan = planParts(200 * mebibyte, { ...settings, singleBelow: gibibyte })

    expect(plan.sizeOf(1)).toBe(10 * mebibyte)
  })

  it('lets parts of an unknown size grow, within 10,000 parts and 5 GiB, to more than the largest image', () => {
    const { sizeOf } = planParts(null, settings)
    const sizes = Array.from({ length: 10_000 }, (_, index) => sizeOf(index + 1))

    expect(sizes.slice(0, 1000).every((size) => size === 10 * mebibyte)).toBe(true)
    expect(sizes[1000]).toBe(20 * mebibyte)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5 * gibibyte)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(maxImageBytes)
  })

  it('reaches the largest image with the smallest parts, too', () => {
    const { sizeOf } = planParts(null, { ...settings, preferred: 5 * mebibyte })
    const total = Array.from({ length: 10_000 }, (_, index) => sizeOf(index + 1)).reduce((sum, size) => sum + size, 0)

    // A little less than 5 TiB: what is beyond it fails as an upload with too many parts.
    expect(total).toBeGreaterThan(maxImageBytes * 0.97)
  })

  it('needs no more memory for larger parts, until one alone is more', () => {
    const { sizeOf, parallelOf } = planParts(null, settings)

    for (const number of [1, 1001, 2001, 3001, 4001])
      expect((parallelOf(number) + 1) * sizeOf(number)).toBeLessThanOrEqual(
        Math.max(110 * mebibyte, 2 * sizeOf(number)),
      )
    expect(parallelOf(9001)).toBe(1)
  })
})

describe('rangesOf', () => {
  it.each([
    [10, 4, ['0-3', '4-7', '8-9']],
    [8, 4, ['0-3', '4-7']],
    [3, 4, ['0-2']],
  ])('cuts %i bytes into ranges of at most %i', (size, longest, ranges) => {
    expect(rangesOf(size, longest).map(({ first, last }) => `${first}-${last}`)).toEqual(ranges)
  })

  it('makes them longer when they would be over 10,000', () => {
    expect(rangesOf(20_001, 1)).toHaveLength(6_667)
  })
})
