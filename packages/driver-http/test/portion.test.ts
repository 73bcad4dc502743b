import { describe, expect, it } from 'vitest'
import { portionOf, rangeHeader, sizeOf } from '../src/portion.ts'

describe('rangeHeader', () => {
  it.each([
    [0, null, null],
    [5, null, 'bytes=5-'],
    [0, 10, 'bytes=0-9'],
    [5, 1, 'bytes=5-5'],
    [5, 0, 'bytes=5-5'],
  ])('asks for offset %i and length %s with %s', (offset, length, header) => {
    expect(rangeHeader({ offset, length })).toBe(header)
  })
})

describe('portionOf', () => {
  const answer = (statusCode: number, headers: Record<string, string>) => ({ statusCode, headers })

  it.each([
    // offset, length, content-length, size
    [0, null, '10', 10],
    [0, null, undefined, null],
    [4, null, '10', 6],
    [4, 3, '10', 3],
    [4, 30, '10', 6],
    [10, null, '10', 0],
    [99, 5, '10', 0],
    [0, 0, '10', 0],
    [0, 0, undefined, 0],
    [4, 3, undefined, null],
    [0, null, '0', 0],
  ])('cuts offset %i, length %s out of a whole answer of %s bytes', (offset, length, total, size) => {
    const headers = total === undefined ? {} : { 'content-length': total }

    const portion = portionOf(answer(200, headers), { offset, length }, offset > 0 || length !== null, 'get')

    expect(portion && sizeOf(portion)).toBe(size)
  })

  it.each([
    // offset, length, content-range, content-length, size
    [2, 3, 'bytes 2-4/10', '3', 3],
    [2, 3, 'bytes 2-4/*', undefined, 3],
    [2, 30, 'bytes 2-9/10', '8', 8],
    [2, null, 'bytes 2-9/10', undefined, 8],
    [2, 0, 'bytes 2-2/10', '1', 0],
  ])('takes offset %i, length %s from a part that is %s', (offset, length, range, bytes, size) => {
    const headers = { 'content-range': range, ...(bytes === undefined ? {} : { 'content-length': bytes }) }

    const portion = portionOf(answer(206, headers), { offset, length }, true, 'get')

    expect(portion && sizeOf(portion)).toBe(size)
  })

  it.each([
    [2, 3, 'bytes 0-2/10', '3'],
    [2, 3, 'bytes 2-3/10', '2'],
    [2, 3, 'bytes 2-5/10', '4'],
    [2, 3, 'bytes 2-4/10', '4'],
    [2, 30, 'bytes 2-8/10', '7'],
    [2, 30, 'bytes 2-8/*', '7'],
    [2, null, 'bytes 2-8/10', '7'],
    [2, null, 'bytes 2-8/*', '7'],
    [2, 3, 'bytes */10', '3'],
    [2, 3, 'items 2-4/10', '3'],
    [2, 3, 'bytes 2-99999999999999999999/*', '3'],
    [2, 3, undefined, '3'],
  ])('refuses for offset %i, length %s a part that is %s', (offset, length, range, bytes) => {
    const headers = { 'content-length': bytes, ...(range === undefined ? {} : { 'content-range': range }) }

    expect(() => portionOf(answer(206, headers), { offset, length }, true, 'get')).toThrow(
      expect.objectContaining({ code: 'UNAVAILABLE' }),
    )
  })

  it('refuses a part that nobody asked for', () => {
    const part = answer(206, { 'content-range': 'bytes 0-9/10', 'content-length': '10' })

    expect(() => portionOf(part, { offset: 0, length: null }, false, 'get')).toThrow(
      expect.objectContaining({ code: 'UNAVAILABLE' }),
    )
  })

  it('refuses a length that came twice', () => {
    const twice = { statusCode: 200, headers: { 'content-length': ['3', '4'] } }

    expect(() => portionOf(twice, { offset: 0, length: null }, false, 'get')).toThrow(
      expect.objectContaining({ code: 'UNAVAILABLE' }),
    )
  })

  it.each([
    ['bytes */10', 0],
    ['bytes */11', null],
    ['bytes */*', null],
    [undefined, null],
  ])('takes 416 with %s as the end only when the data end there', (range, size) => {
    const refused = answer(416, range === undefined ? {} : { 'content-range': range })

    const portion = portionOf(refused, { offset: 10, length: null }, true, 'get')

    expect(portion && sizeOf(portion)).toBe(size)
  })
})
