import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig, type ServerConfig } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { temporaryFolder } from '../support/folder.ts'

const all = (who: string): string =>
  ['create', 'read', 'update', 'delete'].map((operation) => `${operation} = ${who}`).join('\n')

/** What a file of protections gives, next to the configuration file that names it by its bare name. */
function load(text: string | null, more: Readonly<Record<string, string>> = {}, policy = '') {
  using folder = temporaryFolder()
  const file = join(folder.path, 'glance-api.conf')
  writeFileSync(file, '[DEFAULT]\nproperty_protection_file = protections.conf\n')
  if (text !== null) writeFileSync(join(folder.path, 'protections.conf'), text)
  if (policy !== '') writeFileSync(join(folder.path, 'policy.yaml'), policy)
  const config = loadConfig({ configFiles: [file], configDirs: [], environment: {}, overrides: { DEFAULT: more } })
  const short = (line: string): string => line.replaceAll(`${folder.path}/`, '')
  return { config, problems: config.problems.map(formatProblem).map(short), warnings: config.warnings.map(short) }
}

const who = (config: ServerConfig, name: string) =>
  (['create', 'read', 'update', 'delete'] as const).map((operation) => config.protections?.permission(name, operation))

const policies = { property_protection_rule_format: 'policies' }

describe('property_protection_file', () => {
  it('gives its sections in their order, with roles in lower case, everybody and nobody', () => {
    const text = `# rules
[^x_[a-z]+$]
Create = Admin, member
read: @
update = admin,
  OPERATOR
delete = !

[.*]
${all('@')}
`
    const { config, problems, warnings } = load(text)

    expect([problems, warnings]).toEqual([[], []])
    expect(who(config, 'x_abc')).toEqual([
      { kind: 'roles', roles: ['admin', 'member'] },
      { kind: 'everybody' },
      { kind: 'roles', roles: ['admin', 'operator'] },
      { kind: 'nobody' },
    ])
    expect(who(config, 'x_1')).toEqual(Array(4).fill({ kind: 'everybody' }))
  })

  it('lets [DEFAULT] fill in what a section leaves out', () => {
    const { config, problems } = load(`[DEFAULT]\n${all('admin')}\n[a]\nread = @\n`)

    expect(problems).toEqual([])
    expect(who(config, 'a')).toEqual([
      { kind: 'roles', roles: ['admin'] },
      { kind: 'everybody' },
      { kind: 'roles', roles: ['admin'] },
      { kind: 'roles', roles: ['admin'] },
    ])
  })

  it('may name rules of policy instead of roles, with @ and ! as they are', () => {
    const text = '[^a]\ncreate = makers\nread = @\nupdate = context_is_admin\ndelete = !\n'
    const { config, problems } = load(text, policies, 'makers: role:maker or role:admin\n')

    expect(problems).toEqual([])
    expect(who(config, 'a')).toEqual([
      { kind: 'policy', rule: 'makers' },
      { kind: 'everybody' },
      { kind: 'policy', rule: 'context_is_admin' },
      { kind: 'nobody' },
    ])
  })

  it('warns of what is likely to be a slip', () => {
    const { config, warnings } = load(`[^os_glance_x]\n${all('!')}\n[a]\ncreate =\nread = @\nupdate = ,\ndelete = @\n`)

    expect(who(config, 'a')[0]).toEqual({ kind: 'nobody' })
    expect(warnings).toEqual([
      'protections.conf:7: [a] create is empty, so nobody may do it',
      'protections.conf:9: [a] update is empty, so nobody may do it',
    ])
    expect(load(`[os_glance_x]\n${all('!')}\n[a]\n${all('@')}`).warnings).toEqual([
      "protections.conf:1: [os_glance_x] has no effect: these properties are the service's own",
    ])
  })

  it.each<[string, string | null, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'it is not there',
      null,
      {},
      ['glance-api.conf:2: [DEFAULT] property_protection_file names protections.conf, which does not exist'],
    ],
    [
      'it has no section',
      '# nothing\n',
      {},
      ['protections.conf: has no section, so it would close every property to everybody'],
    ],
    [
      'an operation is missing',
      '[a]\ncreate = @\nread = @\n',
      {},
      [
        'protections.conf:1: [a] update is not set; a section needs all four',
        'protections.conf:1: [a] delete is not set; a section needs all four',
      ],
    ],
    [
      'an expression is malformed, or looks around',
      `[a(]\n${all('@')}\n[(?!x)]\n${all('@')}\n`,
      {},
      [
        "protections.conf:1: [a(] is no regular expression that is taken: missing closing ): 'a('",
        "protections.conf:6: [(?!x)] is no regular expression that is taken: invalid or unsupported Perl syntax: '(?!'",
      ],
    ],
    [
      'it names everybody and nobody',
      `[a]\n${all('@')}`.replace('read = @', 'read = @, !'),
      {},
      ['protections.conf:3: [a] read names both @ and !, everybody and nobody'],
    ],
    [
      'it names several rules of policy',
      `[a]\n${all('@')}`.replace('read = @', 'read = a, b'),
      policies,
      ['protections.conf:3: [a] read names several rules of policy; combine them in the policy file'],
    ],
    [
      'it names a rule that policy does not have',
      `[a]\n${all('@')}`.replace('read = @', 'read = no_such'),
      policies,
      ['protections.conf:3: asks rule no_such, but policy has no such rule'],
    ],
    [
      'sections or operations come twice, or lines are none',
      `stray = 1\n[a]\n${all('@')}\nread = admin\n[a]\n${all('@')}\nwhat\n`,
      {},
      [
        'protections.conf:1: this line is neither a [section] nor operation = value in one',
        'protections.conf:7: read stands here for the second time in its section',
        'protections.conf:8: section [a] stands here for the second time',
        'protections.conf:13: this line is neither a [section] nor operation = value in one',
      ],
    ],
    [
      'a value would be substituted',
      `[a]\n${all('@')}`.replace('read = @', 'read = %(admins)s'),
      {},
      ['protections.conf:3: [a] read has a % that is not doubled; substitutions are not served here'],
    ],
    [
      'the format of its rules is no format',
      `[a]\n${all('@')}`,
      { property_protection_rule_format: 'groups' },
      ['command line: [DEFAULT] property_protection_rule_format must be one of roles, policies'],
    ],
  ])('keeps the server from starting when %s', (_what, text, more, expected) => {
    expect(load(text, more).problems).toEqual(expected)
  })

  it('is not needed', () => {
    const { config } = load(null, { property_protection_file: '' })

    expect([config.problems, config.protections]).toEqual([[], null])
  })
})
