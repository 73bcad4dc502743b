import { describe, expect, it } from 'vitest'
import { judge, parseSense } from '../src/sense.ts'

describe('parseSense', () => {
  it('reads fixed and descriptor format, current and deferred', () => {
    const fixed = Buffer.alloc(18)
    fixed.set([0xf0, 0, 0x25])
    fixed.set([0x21, 0x01], 12)
    expect(parseSense(fixed)).toEqual({ key: 5, asc: 0x21, ascq: 1 })
    fixed[0] = 0x71
    expect(parseSense(fixed)).toEqual({ key: 5, asc: 0x21, ascq: 1 })
    expect(parseSense(Uint8Array.of(0x72, 6, 0x2a, 9))).toEqual({ key: 6, asc: 0x2a, ascq: 9 })
  })

  it.each([[[]], [[0x70]], [[0, 1, 2]]])('makes do with %o', (bytes) => {
    expect([null, 0]).toContain(parseSense(Uint8Array.from(bytes))?.key ?? null)
  })
})

describe('judge', () => {
  it.each([
    [0x02, 0x0, 0x00, 0x00, { kind: 'done' }],
    [0x02, 0x1, 0x17, 0x01, { kind: 'done' }],
    [0x02, 0x2, 0x04, 0x01, { kind: 'later', code: 'BUSY' }],
    [0x02, 0x2, 0x04, 0x03, { kind: 'failed', code: 'BUSY' }],
    [0x02, 0x2, 0x3a, 0x00, { kind: 'failed', code: 'BUSY' }],
    [0x02, 0x3, 0x11, 0x00, { kind: 'failed', code: 'MEDIUM_ERROR' }],
    [0x02, 0x4, 0x44, 0x00, { kind: 'failed', code: 'MEDIUM_ERROR' }],
    [0x02, 0x5, 0x20, 0x00, { kind: 'failed', code: 'UNSUPPORTED' }],
    [0x02, 0x5, 0x21, 0x00, { kind: 'failed', code: 'OUT_OF_RANGE' }],
    [0x02, 0x5, 0x24, 0x00, { kind: 'failed', code: 'UNSUPPORTED' }],
    [0x02, 0x5, 0x25, 0x00, { kind: 'failed', code: 'LUN_NOT_FOUND' }],
    [0x02, 0x5, 0x55, 0x00, { kind: 'failed', code: 'CHECK_CONDITION' }],
    [0x02, 0x6, 0x29, 0x00, { kind: 'again' }],
    [0x02, 0x6, 0x2a, 0x09, { kind: 'again' }],
    [0x02, 0x7, 0x27, 0x00, { kind: 'failed', code: 'WRITE_PROTECTED' }],
    [0x02, 0x7, 0x27, 0x07, { kind: 'failed', code: 'NO_SPACE' }],
    [0x02, 0xb, 0x4b, 0x00, { kind: 'later', code: 'CHECK_CONDITION' }],
    [0x02, 0xd, 0x00, 0x00, { kind: 'failed', code: 'CHECK_CONDITION' }],
  ])('judges status %i with sense %i/%i/%i', (status, key, asc, ascq, verdict) => {
    expect(judge(status, { key, asc, ascq })).toMatchObject(verdict)
  })

  it.each([
    [0x00, { kind: 'done' }],
    [0x08, { kind: 'later', code: 'BUSY' }],
    [0x18, { kind: 'failed', code: 'RESERVED' }],
    [0x28, { kind: 'later', code: 'BUSY' }],
    [0x40, { kind: 'later', code: 'BUSY' }],
    [0x02, { kind: 'failed', code: 'CHECK_CONDITION' }],
    [0x77, { kind: 'failed', code: 'CHECK_CONDITION' }],
  ])('judges status %i without sense data', (status, verdict) => {
    expect(judge(status, null)).toMatchObject(verdict)
  })
})
