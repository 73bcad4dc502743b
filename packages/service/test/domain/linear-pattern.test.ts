import { describe, expect, it } from 'vitest'
import { linearPattern, PatternError } from '../../src/domain/linear-pattern.ts'

describe('linearPattern', () => {
  it.each([
    ['x', 'axb', true],
    ['^x_.*', 'x_', true],
    ['^x_.*', 'ax_', false],
    ['^prop_[0-9]+$', 'prop_12', true],
    ['^a$', 'a\n', true],
    ['^a$', 'a\nb', false],
    ['^a\\Z', 'a\n', false],
    ['a|b$', 'cb', true],
    ['[$]', 'a$', true],
    ['[]x]', ']', true],
    ['[^]]', ']', false],
    ['\\$a', '$a', true],
    ['(?i)^X_', 'x_1', true],
    ['(?P<part>x)_', 'x_', true],
    ['^\\w+$', 'größe_名前', true],
    ['^[\\w-]+$', 'größe-名前', true],
    ['^\\W$', 'ö', false],
    ['^\\d$', '٣', true],
    ['[\\D]', '٣', false],
  ])('finds %s in %j as Python does: %s', (pattern, text, found) => {
    expect(linearPattern(pattern).test(text)).toBe(found)
  })

  it.each(['[', '(', '*a', '(?=x)', '(?!x)', '(?<!x)a', '(a)\\1', 'a\\'])('refuses %s and says why', (pattern) => {
    expect(() => linearPattern(pattern)).toThrow(PatternError)
  })

  it.each(['(a+)+$', '(a|aa)+$', '(.*a){20}$', '([a-z]+)*!'])(
    'takes time that grows with the text alone, also for %s',
    (pattern) => {
      const compiled = linearPattern(pattern)

      // With backtracking none of these would end within a life time.
      expect(compiled.test(`${'a'.repeat(20_000)}\0`)).toBe(false)
    },
  )
})
