import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { readPolicy } from '../../src/config/policy.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'

/** The problems of a configuration with this `[oslo_policy]`, a line each, without the folder. */
function problemsOf(folder: Folder, options = ''): string[] {
  const configFiles = [folder.write('etc/glance-api.conf', `[oslo_policy]\n${options}`)]
  const { problems } = loadConfig({ configFiles, configDirs: [], environment: {}, overrides: {} })
  return problems.map((problem) => formatProblem(problem).replaceAll(`${folder.path}/etc/`, ''))
}

/** Whether the given rules of a configuration let a caller without any role. */
function letsAnybody(folder: Folder, options: string, ...rules: readonly string[]): boolean[] {
  const configFiles = [folder.write('etc/glance-api.conf', `[oslo_policy]\n${options}`)]
  const config = loadConfig({ configFiles, configDirs: [], environment: {}, overrides: {} })
  const { signal } = new AbortController()
  const context = { requestId: 'req', user: 'u', project: 'p', roles: [], admin: false, readOnly: false, signal }
  const { enforcer } = readPolicy(config.policy).policy
  return rules.map((rule) => enforcer.allows(rule, context, { project_id: 'p' }))
}

describe('policy files', () => {
  it('need not be there, nor need a configuration', () => {
    using folder = temporaryFolder()

    expect(problemsOf(folder)).toEqual([])
    expect(loadConfig({ configFiles: [], configDirs: [], environment: {}, overrides: {} }).policy).toMatchObject({
      files: [],
      dirs: [],
    })
  })

  it('lie beside the configuration, folders win over the file, later names over earlier ones', () => {
    using folder = temporaryFolder()
    folder.write('etc/policy.yaml', '# rules\na: "@"\nb: "@"\nc: "@"\n')
    folder.write('etc/policy.json', '{"a": "!"}')
    folder.write('etc/policy.d/1.yaml', 'b: "!"\nc: "!"\nd: "!"\n')
    folder.write('etc/policy.d/2.json', '{"c": "@"}')
    folder.write('etc/policy.d/ignored.txt', 'a: "!"\n')

    expect(letsAnybody(folder, '', 'a', 'b', 'c', 'd')).toEqual([true, false, true, false])
  })

  it('may be JSON, may be named, and may be switched back to old defaults', () => {
    using folder = temporaryFolder()
    folder.write('etc/policy.json', '{"a": "@"}')
    folder.write('etc/rules/x.yaml', 'b: "@"\n')
    folder.write('etc/more/x.yaml', 'c: "@"\n')

    expect(letsAnybody(folder, '', 'a', 'get_images')).toEqual([true, false])
    expect(
      letsAnybody(
        folder,
        'policy_file = rules/x.yaml\npolicy_dirs = more\npolicy_dirs = policy.d/..\nenforce_new_defaults = no\npolicy_default_rule = b\n',
        'b',
        'c',
        'get_images',
        'no_such',
      ),
    ).toEqual([true, true, true, true])
  })

  it('are told everything that is wrong with them, with file, line and rule', () => {
    using folder = temporaryFolder()
    folder.write(
      'etc/policy.yaml',
      'a: "role:"\nb: role:a and\n"c":\n  - role:x\nd: !\n\ne: "rule:f"\nf: "rule:e"\ng: "http://x/"\nh: "rule:none"\n? [1]\n: "@"\n',
    )

    expect(problemsOf(folder)).toEqual([
      'policy.yaml:3: rule c must be a text; @, ! and the empty text need quotes',
      'policy.yaml:5: rule d must be a text; @, ! and the empty text need quotes',
      'policy.yaml:11: the name of a rule must be a text',
      'policy.yaml:1: rule a cannot be read at character 6: role: has nothing after its colon',
      'policy.yaml:2: rule b cannot be read at character 11: the rule ends too early: expected a check',
      'policy.yaml:9: rule g asks http://x/; http: checks are not served in this release',
      'policy.yaml:10: rule h asks rule:none, but there is no such rule',
      'policy.yaml:7: rule e asks itself, directly or through other rules',
      'policy.yaml:8: rule f asks itself, directly or through other rules',
    ])
  })

  it.each([
    ['policy_file = none.yaml\n', 'glance-api.conf:2: [oslo_policy] policy_file names none.yaml, which does not exist'],
    [
      'policy_dirs = none.d\n',
      'glance-api.conf:2: [oslo_policy] policy_dirs names none.d, which cannot be read (ENOENT)',
    ],
    [
      'policy_default_rule = none\n',
      'glance-api.conf:2: rule none is the default rule, but there is no rule of this name',
    ],
    ['policy_file = .\n', '.: cannot be read (EISDIR)'],
  ])('that were named have to be there: %j', (options, problem) => {
    using folder = temporaryFolder()

    expect(problemsOf(folder, options).map((line) => line.replace(/^\/.*\/etc:/, '.:'))).toEqual([problem])
  })

  it.each([
    ['', []],
    ['# nothing\n', []],
    ['- a\n', ['policy.yaml:1: must map rules to texts']],
    ['a: @\n', ['policy.yaml:1: is not YAML: Plain value cannot start with reserved character @']],
    ['a: "@"\na: "!"\n', ['policy.yaml:2: is not YAML: Map keys must be unique']],
    ['a: 1\n', ['policy.yaml:1: rule a must be a text; @, ! and the empty text need quotes']],
  ])('with the text %j have the problems %j', (text, problems) => {
    using folder = temporaryFolder()
    folder.write('etc/policy.yaml', text)

    expect(problemsOf(folder)).toEqual(problems)
  })
})
