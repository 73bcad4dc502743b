import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitList, splitOperator } from '../../src/domain/filter-value.ts'

describe('splitList', () => {
  it.each([
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    ['a,,b', ['a', '', 'b']],
    ['a,', ['a']],
    ['', ['']],
    ['"a,b",c', ['a,b', 'c']],
    ['c,"a,b"', ['c', 'a,b']],
    ['"say \\"hi\\""', ['say "hi"']],
    ['a\\"b', ['a"b']],
    ['" a "', [' a ']],
    ['""', ['']],
  ])('splits %s', (list, values) => {
    expect(splitList(list)).toEqual(values)
  })

  it('gives back any values that were quoted', () => {
    const quoted = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), (values) => {
        expect(splitList(values.map(quoted).join(','))).toEqual(values)
      }),
    )
  })
})

describe('splitOperator', () => {
  it.each([
    ['x', 'eq', 'x'],
    ['gt:x', 'gt', 'x'],
    ['gt:2020-01-01T00:00:00Z', 'gt', '2020-01-01T00:00:00Z'],
    ['2020-01-01T00:00:00Z', 'eq', '2020-01-01T00:00:00Z'],
    [':', '', ''],
  ])('splits %s into %s and %s', (expression, operator, operand) => {
    expect(splitOperator(expression)).toEqual({ operator, operand })
  })
})
