import { describe, expect, it } from 'vitest'
import { formatBinary, formatKeys, parseBinary, parseKeys } from '../src/text-keys.ts'

describe('text keys', () => {
  it('are written with a zero byte behind each, and read back', () => {
    const keys = [
      ['TargetName', 'iqn.2020-01.test:a'],
      ['TargetAlias', 'a=b'],
    ] as const

    expect(formatKeys(keys).toString()).toBe('TargetName=iqn.2020-01.test:a\0TargetAlias=a=b\0')
    expect(parseKeys(formatKeys(keys))).toEqual(keys)
  })

  it('are read when more zero bytes follow, and refused without a name', () => {
    expect(parseKeys(Buffer.from('A=1\0\0\0'))).toEqual([['A', '1']])
    for (const text of ['=1\0', 'A\0'])
      expect(() => parseKeys(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'PROTOCOL' }))
  })

  it.each([
    ['0x00ff', [0, 255]],
    ['0X00FF', [0, 255]],
    ['0bAP8=', [0, 255]],
  ])('hold binary values such as %s', (value, bytes) => {
    expect([...parseBinary('CHAP_C', value.replace('0X', '0x'))]).toEqual(bytes)
    expect(parseBinary('CHAP_C', formatBinary(Uint8Array.from(bytes)))).toEqual(Buffer.from(bytes))
  })

  it.each(['', '0x', '0x1', 'ff', '0b', '0b!!', `0x${'00'.repeat(1_025)}`])('refuse %s as a binary value', (value) => {
    expect(() => parseBinary('CHAP_C', value)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }))
  })
})
