import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIsoTime } from '../../src/domain/iso-time.ts'

describe('parseIsoTime', () => {
  it.each([
    ['2020-02-29', '2020-02-29T00:00:00.000Z'],
    ['20200229', '2020-02-29T00:00:00.000Z'],
    ['2020-02-29T12:30', '2020-02-29T12:30:00.000Z'],
    ['2020-02-29 12:30:45', '2020-02-29T12:30:45.000Z'],
    ['20200229T123045Z', '2020-02-29T12:30:45.000Z'],
    ['2020-02-29T12:30:45.123456', '2020-02-29T12:30:45.123Z'],
    ['2020-02-29T00:30:00+01:00', '2020-02-28T23:30:00.000Z'],
    ['2020-02-29T00:30:00-0130', '2020-02-29T02:00:00.000Z'],
    ['2020-02-29T00:30:00+02', '2020-02-28T22:30:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(parseIsoTime(text)?.toISOString()).toBe(expected)
  })

  it.each([
    '',
    'now',
    '2020',
    '2020-13-01',
    '2019-02-29',
    '2020-02-30',
    '2020-01-01T24:00:00',
    '2020-01-01T00:60:00',
    '2020-01-01T00:00:00+25:00',
    '2020-01-01Z',
    '0000-01-01',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    ' 2020-01-01',
  ])('does not take %j for a time', (text) => {
    expect(parseIsoTime(text)).toBeNull()
  })

  it('reads back every time that JavaScript writes', () => {
    const times = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T00:00:00Z'),
      noInvalidDate: true,
    })

    fc.assert(
      fc.property(times, (time) => {
        expect(parseIsoTime(time.toISOString())).toEqual(time)
      }),
    )
  })
})
