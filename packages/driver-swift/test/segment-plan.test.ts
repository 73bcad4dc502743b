import { describe, expect, it } from 'vitest'
import { planSegments } from '../src/segment-plan.ts'

const mib = 1024 ** 2
const limits = { preferred: 200 * mib, maxFileSize: 5120 * mib, maxSegments: 1000, memory: 160 * mib, parallel: 4 }

describe('planSegments', () => {
  it.each([
    ['an unknown size', null, {}, 32, 4],
    ['an image of 10 GiB', 10_240, {}, 32, 4],
    ['an image of 64,000 MiB, in as many segments as there may be', 64_000, {}, 64, 1],
    ['an image that has too many segments all the same', 400_000, {}, 200, 1],
    ['small segments that the operator wants', 10_240, { preferred: 8 * mib }, 8, 4],
    ['a Swift that takes only small objects', 10_240, { maxFileSize: 4 * mib }, 4, 4],
    ['one segment at a time', 10_240, { parallel: 1 }, 80, 1],
  ])('gives %s segments of which those under way fit into the memory', (_name, size, more, segment, parallel) => {
    const plan = planSegments(size === null ? null : size * mib, { ...limits, ...more })

    expect(plan).toEqual({ segmentSize: segment * mib, parallel })
  })
})
