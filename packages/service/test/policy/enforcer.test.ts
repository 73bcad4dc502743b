import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEnforcer, type PolicySettings, type PolicyTarget, type RequestContext } from '../../src/index.ts'
import { aCaller, admin, stranger } from '../support/world.ts'

const target: PolicyTarget = {
  project_id: 'ours',
  owner: 'ours',
  member_id: null,
  visibility: 'private',
  protected: false,
  min_ram: 512,
  tags: ['a', 'b'],
  os_type: 'linux',
}

/** What a single rule says. */
function decides(check: string, context: RequestContext = aCaller(), more: Readonly<Record<string, string>> = {}) {
  const { enforcer } = createEnforcer({ overrides: { ...more, asked: check } })
  return enforcer.allows('asked', context, target)
}

function problemsOf(overrides: PolicySettings['overrides'], more: Omit<PolicySettings, 'overrides'> = {}): string[] {
  return createEnforcer({ overrides, ...more }).problems.map(({ rule, message }) => `${rule} ${message}`)
}

describe('a rule', () => {
  it.each([
    ['', true],
    ['@', true],
    ['!', false],
    ['role:member', true],
    ['role:MEMBER', true],
    ['role:admin', false],
    ['not role:admin', true],
    ['role:%(os_type)s', false],
    ['roles:member', true],
    ['roles:admin', false],
    ['project_id:%(project_id)s', true],
    ['tenant:%(owner)s', true],
    ['user_id:user', true],
    ['project_id:%(member_id)s', false],
    ['project_id:%(no_such)s', false],
    ['not project_id:%(no_such)s', true],
    ['no_such:%(project_id)s', false],
    ['project_id.x:%(project_id)s', false],
    ['constructor:%(project_id)s', false],
    ['project_id:%(constructor)s', false],
    ["'private':%(visibility)s", true],
    ['"private":%(visibility)s', true],
    ["'public':%(visibility)s", false],
    ["'a-ours-%':a-%(owner)s-%%", true],
    ['False:%(protected)s', true],
    ['True:%(protected)s', false],
    ['None:%(member_id)s', true],
    ['512:%(min_ram)s', true],
    ["'a':%(tags)s", false],
    ['is_admin:False', true],
    ['is_admin:True', false],
    ['read_only:False', true],
  ])('%j lets a member of the project: %s', (check, allowed) => {
    expect(decides(check)).toBe(allowed)
  })

  it('takes what is not there for no credential', () => {
    expect(decides('project_id:%(member_id)s', aCaller({ project: null }))).toBe(false)
    expect(decides('project_id:None', aCaller({ project: null }))).toBe(false)
  })

  it('asks other rules', () => {
    expect(decides('rule:b and not rule:c', aCaller(), { b: 'rule:c or @', c: '!' })).toBe(true)
  })

  it('knows whom the transport found to be an administrator', () => {
    expect(decides('is_admin:True', admin)).toBe(true)
  })
})

describe('a rule that cannot be decided', () => {
  it.each([
    ['rule:no_such', 'asked asks rule:no_such, but there is no such rule'],
    [
      'http://policy.example.org/%(name)s',
      'asked asks http://policy.example.org/%(name)s; http: checks are not served in this release',
    ],
    [
      'https://policy.example.org',
      'asked asks https://policy.example.org; http: checks are not served in this release',
    ],
    ['rule:asked', 'asked asks itself, directly or through other rules'],
    ['role:a role:b', 'asked cannot be read at character 8: unexpected role:b: expected and, or'],
  ])('is a problem and refuses, turned round or not: %s', (check, problem) => {
    const overrides = { asked: check, turned: 'not rule:asked', both: 'rule:asked and rule:turned' }

    const { enforcer } = createEnforcer({ overrides })

    expect(problemsOf(overrides)).toEqual([problem])
    for (const rule of ['asked', 'turned', 'both']) expect(enforcer.allows(rule, admin, target)).toBe(false)
  })

  it('matters only where the rest does not decide alone', () => {
    expect(decides('rule:no_such or @')).toBe(true)
    expect(decides('not (rule:no_such and !)')).toBe(true)
    expect(decides('rule:no_such and @')).toBe(false)
    expect(decides('rule:no_such or !')).toBe(false)
  })

  it('names every rule of a circle, and none that leads to it', () => {
    expect(problemsOf({ a: 'rule:b', b: '@ or rule:c', c: 'rule:a', d: 'rule:a or role:x' })).toEqual(
      ['a', 'b', 'c'].map((rule) => `${rule} asks itself, directly or through other rules`),
    )
    expect(decides('rule:a or role:member', aCaller(), { a: 'rule:b', b: 'rule:a' })).toBe(true)
  })

  it('may be a chain that is too long', () => {
    const chain = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`r${n}`, `rule:r${n + 1}`]))
    const { enforcer, problems } = createEnforcer({ overrides: { ...chain, r20000: '@' } })

    expect(problems).toContainEqual({
      rule: 'r0',
      message: 'is at the head of more than 100 rules that ask each other',
    })
    expect(enforcer.allows('r19901', admin, target)).toBe(true)
    expect(enforcer.allows('r0', admin, target)).toBe(false)
  })

  it('is none only because many rules ask the next one twice each', () => {
    const tower = Object.fromEntries(
      Array.from({ length: 90 }, (_, n) => [`r${n}`, `rule:r${n + 1} and rule:r${n + 1}`]),
    )

    expect(decides('rule:r0', aCaller(), { ...tower, r90: '@' })).toBe(true)
  })

  it('comes to an end whatever rules ask whatever rules', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const check = fc
      .array(
        fc.tuple(
          fc.constantFrom('and', 'or', 'and not'),
          fc.oneof(
            name.map((each) => `rule:${each}`),
            fc.constant('@'),
          ),
        ),
        { minLength: 1, maxLength: 4 },
      )
      .map((parts) => `@ ${parts.map(([word, part]) => `${word} ${part}`).join(' ')}`)

    fc.assert(
      fc.property(fc.dictionary(name, check), name, (overrides, rule) => {
        const { enforcer, explain } = createEnforcer({ overrides, defaultRule: 'default' })
        const allowed = enforcer.allows(rule, admin, target)
        expect(explain(rule, admin, target)).toContain(`${rule}: ${allowed ? 'allowed' : 'refused'}`)
      }),
    )
  })
})

describe('createEnforcer', () => {
  it('replaces single rules, also those that others ask', () => {
    const { enforcer } = createEnforcer({ overrides: { context_is_admin: 'role:boss', get_images: '!' } })

    expect(enforcer.allows('publicize_image', admin, target)).toBe(false)
    expect(enforcer.allows('publicize_image', aCaller({ roles: ['boss'] }), target)).toBe(true)
    expect(enforcer.allows('get_images', aCaller(), target)).toBe(false)
    expect(enforcer.allows('get_image', aCaller(), target)).toBe(true)
  })

  it('lets the default rule answer for names that no rule has', () => {
    const { enforcer } = createEnforcer({ overrides: { mine: 'role:boss' }, defaultRule: 'mine' })

    expect(enforcer.allows('no_such', aCaller({ roles: ['boss'] }), target)).toBe(true)
    expect(enforcer.allows('no_such', admin, target)).toBe(false)
    expect(problemsOf({}, { defaultRule: 'mine' })).toEqual([
      'mine is the default rule, but there is no rule of this name',
    ])
  })

  it('lets nobody change what is not his with the old defaults, though those let everybody', () => {
    const { enforcer } = createEnforcer({ overrides: { deactivate: '@' }, enforceNewDefaults: false })
    const nobody = aCaller({ roles: [] })

    expect(enforcer.allows('get_image', { ...stranger, roles: [] }, target)).toBe(true)
    expect(enforcer.allows('publicize_image', nobody, target)).toBe(false)
    for (const rule of ['modify_image', 'delete_image', 'upload_image', 'deactivate']) {
      expect(enforcer.allows(rule, nobody, target)).toBe(true)
      expect(enforcer.allows(rule, stranger, target)).toBe(false)
      expect(enforcer.allows(rule, admin, target)).toBe(true)
    }
  })

  it('takes an overridden rule as it is, without its old default', () => {
    const { enforcer } = createEnforcer({ overrides: { get_image: '!' }, enforceNewDefaults: false })

    expect(enforcer.allows('get_image', admin, target)).toBe(false)
  })
})

describe('explain', () => {
  it('tells which part of a rule decided', () => {
    const { explain } = createEnforcer({ overrides: {} })

    expect(explain('modify_image', stranger, target)).toBe(
      [
        'modify_image: refused',
        '  or: no',
        '    rule:context_is_admin: no',
        "      role:admin: no, the caller's roles are member, reader",
        '    and: no',
        "      role:member: yes, the caller's roles are member, reader",
        "      project_id:%(project_id)s: no, the caller's project_id is 'theirs', against 'ours'",
      ].join('\n'),
    )
  })

  it('tells what is broken, and each rule once', () => {
    const { explain } = createEnforcer({
      overrides: { a: 'not rule:b or rule:c and rule:c and http://x', b: 'what', c: "'x':%(y)s" },
    })

    expect(explain('a', admin, target)).toBe(
      [
        'a: refused',
        '  or: undecided',
        '    not: undecided',
        '      rule:b: undecided',
        '        the rule is broken',
        '    and: no',
        '      rule:c: no',
        "        'x':%(y)s: no, the target has no y",
        '      rule:c: no',
        '        as above',
        '      http://x: undecided, other servers are not asked',
      ].join('\n'),
    )
  })

  it('throws on an unknown rule', () => {
    expect(() => createEnforcer({ overrides: {} }).explain('no_such', admin, target)).toThrow(TypeError)
  })

  it('tells a rule as it is written, the old default beside the new one while that counts', () => {
    const policy = createEnforcer({ overrides: { publicize_image: 'role:boss', mine: '@' }, defaultRule: 'mine' })
    const old = createEnforcer({ overrides: {}, enforceNewDefaults: false })

    expect([policy.textOf('publicize_image'), policy.textOf('no_such'), policy.textOf('metadef_admin')]).toEqual([
      'role:boss',
      '@',
      'rule:context_is_admin',
    ])
    expect(old.textOf('deactivate')).toBe(
      '(rule:context_is_admin or (role:member and project_id:%(project_id)s)) or (rule:default)',
    )
    expect(() => old.textOf('no_such')).toThrow(TypeError)
  })
})
