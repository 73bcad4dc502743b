import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PolicySyntaxError } from '../../src/policy/lexer.ts'
import { parseRule } from '../../src/policy/parser.ts'
import type { Check } from '../../src/policy/rule.ts'

/** A rule as an expression with all its parentheses. */
function shown(check: Check): string {
  if ('checks' in check) return `(${check.checks.map(shown).join(` ${check.kind} `)})`
  return 'check' in check ? `(not ${shown(check.check)})` : check.text
}

function problemOf(text: string): string {
  try {
    return `read as ${shown(parseRule(text))}`
  } catch (error) {
    if (error instanceof PolicySyntaxError) return error.message
    throw error
  }
}

describe('parseRule', () => {
  it.each([
    ['', '@'],
    ['@', '@'],
    ['!', '!'],
    ['role:a', 'role:a'],
    ['  role:a\t', 'role:a'],
    ['role:a or role:b and role:c', '(role:a or (role:b and role:c))'],
    ['role:a and role:b or role:c', '((role:a and role:b) or role:c)'],
    ['(role:a or role:b) and role:c', '((role:a or role:b) and role:c)'],
    ['role:a and role:b and role:c', '(role:a and role:b and role:c)'],
    ['not role:a and role:b', '((not role:a) and role:b)'],
    ['role:a and not role:b or role:c', '((role:a and (not role:b)) or role:c)'],
    ['not (role:a or role:b)', '(not (role:a or role:b))'],
    ['not(role:a)or(role:b)', '((not role:a) or role:b)'],
    ['not not role:a', '(not (not role:a))'],
    ['role:a AND role:b Or NOT role:c', '((role:a and role:b) or (not role:c))'],
    ['((role:a))', 'role:a'],
    ['(role:a\n  or\n  role:b)', '(role:a or role:b)'],
    ['(project_id:%(project_id)s)', 'project_id:%(project_id)s'],
    ["'a b) or @':%(x)s or @", "('a b) or @':%(x)s or @)"],
    ['"it\'s":%(x)s', '"it\'s":%(x)s'],
    ["'a:b':%(x)s", "'a:b':%(x)s"],
    ['http://host:1/%(x)s or @', '(http://host:1/%(x)s or @)'],
    ['rule:a:b', 'rule:a:b'],
    ['role:order', 'role:order'],
    ['role:not', 'role:not'],
  ])('reads %j as %s', (text, tree) => {
    expect(shown(parseRule(text))).toBe(tree)
  })

  it.each([
    [' ', 'at character 1: the rule is blank; an empty text or @ lets everybody, ! nobody'],
    ['admin', 'at character 1: admin is no check; checks have the form kind:value'],
    ['role:', 'at character 6: role: has nothing after its colon'],
    [':a', 'at character 1: :a has nothing before its colon'],
    ['role:a role:b', 'at character 8: unexpected role:b: expected and, or'],
    ['role:a and', 'at character 11: the rule ends too early: expected a check'],
    ['or role:a', 'at character 1: unexpected or: expected a check'],
    ['role:a and or role:b', 'at character 12: unexpected or: expected a check'],
    ['not', 'at character 4: the rule ends too early: expected a check'],
    ['(role:a', 'at character 8: the rule ends too early: expected and, or, )'],
    ['role:a)', 'at character 7: unexpected ): it closes nothing'],
    ['()', 'at character 2: unexpected ): expected a check'],
    ['role:a(b)', 'at character 7: a ( must not stand inside a check'],
    ["'a:%(x)s", "at character 1: the quote ' does not end"],
    ["'a'b:%(x)s", 'at character 4: expected : after the quote'],
    ['a:%(x', 'at character 3: the attribute %( does not end with )s'],
    ['a:%(x)', 'at character 3: a % must start %(attribute)s, or be written %%'],
    ['@ or a:100%', 'at character 11: a % must start %(attribute)s, or be written %%'],
  ])('tells what is wrong with %j', (text, message) => {
    expect(problemOf(text)).toBe(message)
  })

  it('refuses what nests too deep for the stack', () => {
    expect(problemOf('('.repeat(100_000))).toMatch(/^at character 102: .*nest deeper than 100/)
    expect(problemOf('not '.repeat(100_000))).toMatch(/nest deeper than 100/)
  })

  it('answers any text with a tree or with its own error', () => {
    const piece = fc.constantFrom('(', ')', ' ', 'and', 'or', 'not', 'role:a', "'a'", '%(x)s', ':', '%', '@', '!', '"')
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
    )

    fc.assert(
      fc.property(text, (rule) => {
        expect(problemOf(rule)).toMatch(/^(at character \d+: |read as )/)
      }),
    )
  })

  it('reads what it shows as the same rule', () => {
    const { tree } = fc.letrec<{ tree: Check }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<Check>(parseRule('role:a'), parseRule('rule:b'), parseRule("'x':%(y)s"), parseRule('!')),
        tie('tree').map((check): Check => ({ kind: 'not', check })),
        fc
          .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('tree'), { minLength: 2, maxLength: 3 }))
          .map(([kind, checks]): Check => ({ kind, checks })),
      ),
    }))

    fc.assert(
      fc.property(tree, (check) => {
        expect(parseRule(shown(check))).toEqual(check)
      }),
    )
  })
})
