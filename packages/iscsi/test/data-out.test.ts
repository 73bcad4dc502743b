import { describe, expect, it } from 'vitest'
import { firstBurst } from '../src/data-out.ts'
import type { Agreement } from '../src/negotiation.ts'

const agreement: Agreement = {
  headerDigest: false,
  dataDigest: false,
  maxSend: 8_192,
  maxBurst: 262_144,
  firstBurst: 65_536,
  initialR2T: true,
  immediateData: true,
  timeToWait: 0,
}

describe('firstBurst', () => {
  it.each([
    [true, true, 8_192, 0],
    [true, false, 8_192, 57_344],
    [false, false, 0, 65_536],
    [false, true, 0, 0],
  ])(
    'with ImmediateData %s and InitialR2T %s sends %i bytes with and %i after the command',
    (immediateData, initialR2T, immediate, unsolicited) => {
      expect(firstBurst({ ...agreement, immediateData, initialR2T }, 1_000_000)).toEqual({ immediate, unsolicited })
    },
  )

  it('sends no more than there are', () => {
    expect(firstBurst({ ...agreement, initialR2T: false }, 512)).toEqual({ immediate: 512, unsolicited: 0 })
    expect(firstBurst({ ...agreement, initialR2T: false, immediateData: false }, 512)).toEqual({
      immediate: 0,
      unsolicited: 512,
    })
  })
})
