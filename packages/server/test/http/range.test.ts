import { describe, expect, it } from 'vitest'
import { HttpError } from '../../src/http/http-error.ts'
import { parseRange } from '../../src/http/range.ts'

describe('parseRange', () => {
  it.each([
    ['bytes=0-', { kind: 'from', first: 0, last: null }],
    ['bytes=5-9', { kind: 'from', first: 5, last: 9 }],
    ['bytes=-4', { kind: 'suffix', length: 4 }],
    ['BYTES = 1-1', { kind: 'from', first: 1, last: 1 }],
  ])('reads Range: %s', (text, range) => {
    expect(parseRange(text, undefined)).toEqual(range)
  })

  it('reads the Content-Range that old clients send in a request', () => {
    expect(parseRange(undefined, 'bytes 3-7/10')).toEqual({ kind: 'from', first: 3, last: 7 })
    expect(parseRange(undefined, 'bytes 3-7/*')).toEqual({ kind: 'from', first: 3, last: 7 })
  })

  it('is null without a header', () => {
    expect(parseRange(undefined, undefined)).toBeNull()
  })

  it.each([
    ['bytes=1-2,4-5', undefined, 400],
    ['bytes=', undefined, 416],
    ['bytes=-', undefined, 416],
    ['bytes=9-5', undefined, 416],
    ['lines=1-2', undefined, 416],
    ['bytes=a-b', undefined, 416],
    ['bytes=99999999999999999999-', undefined, 416],
    [undefined, 'bytes 9-5/10', 416],
    [undefined, 'bytes 3-10/10', 416],
    [undefined, 'bytes */10', 416],
  ])('refuses Range %s, Content-Range %s with %i', (range, contentRange, status) => {
    expect(() => parseRange(range, contentRange)).toThrow(expect.objectContaining({ constructor: HttpError, status }))
  })
})
