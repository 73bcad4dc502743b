import { describe, expect, it } from 'vitest'
import { crcEnd, crcStart, crcUpdate } from '../src/crc32c.ts'
import { pattern } from './support/sessions.ts'

const crc = (data: Uint8Array): number => crcEnd(crcUpdate(crcStart, data))

describe('CRC32C', () => {
  it.each([
    ['the digits', Buffer.from('123456789'), 0xe3069283],
    ['zeros', Buffer.alloc(32), 0x8a9136aa],
    ['ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['counting up', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
    ['nothing', Buffer.alloc(0), 0],
  ])('of %s is what RFC 7143 says', (_, data, expected) => {
    expect(crc(data)).toBe(expected)
  })

  it('is the same however the data are cut', () => {
    const data = pattern(1_001)
    for (const cut of [0, 1, 2, 3, 4, 7, 8, 9, 500, 1_000]) {
      const first = crcUpdate(crcStart, data.subarray(0, cut))
      expect(crcEnd(crcUpdate(first, data.subarray(cut)))).toBe(crc(data))
    }
  })
})
