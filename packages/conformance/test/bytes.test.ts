import { describe, expect, it } from 'vitest'
import { Comparison, payload } from '../src/bytes.ts'

describe('a payload', () => {
  it('gives the same bytes whole and in pieces, wherever the pieces begin', () => {
    const data = payload(7, 1000)
    const whole = Buffer.from(data.slice(0, 1000))

    const pieces = Buffer.concat([data.slice(0, 1), data.slice(1, 2), data.slice(3, 600), data.slice(603, 5000)])

    expect(pieces.equals(whole)).toBe(true)
  })

  it('differs with its seed', () => {
    expect(payload(1, 100).slice(0, 100)).not.toEqual(payload(2, 100).slice(0, 100))
  })

  it('repeats nothing within several MiB', () => {
    const data = payload(3, 4_194_304)
    const words = new Set<number>()
    for (let at = 0; at < data.size; at += 65_536) words.add(new DataView(data.slice(at, 8).buffer).getUint32(0))

    expect(words.size).toBe(64)
  })

  it('has holes at both ends when it is sparse', () => {
    const data = payload(5, 8 * 65_536, { sparse: true })
    const isZero = (from: number, to: number): boolean => data.slice(from, to - from).every((byte) => byte === 0)

    expect(isZero(0, 65_536)).toBe(true)
    expect(isZero(65_536, 131_072)).toBe(false)
    expect(isZero(6 * 65_536, 8 * 65_536)).toBe(true)
    expect(
      Buffer.from(data.slice(65_000, 2000)).equals(Buffer.from(data.slice(0, 131_072)).subarray(65_000, 67_000)),
    ).toBe(true)
  })
})

describe('a comparison', () => {
  it('names the first byte that differs', () => {
    const data = payload(1, 100)
    const bytes = data.slice(10, 50)
    bytes[7] = (bytes[7] ?? 0) ^ 255

    expect(() => new Comparison(data, 10, 50).push(bytes)).toThrow(/^byte 17 is \d+ instead of \d+$/)
  })

  it('says when bytes are missing or too many', () => {
    const data = payload(1, 100)
    const short = new Comparison(data)
    short.push(data.slice(0, 99))

    expect(() => short.end()).toThrow(/ended after 99 of 100/)
    expect(() => new Comparison(data, 0, 10).push(data.slice(0, 11))).toThrow(/goes on after the 10 bytes/)
  })
})
