import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { RequestContext } from '@glance/service'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { LivePolicy } from '../../src/policy/live-policy.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'

const reader: RequestContext = {
  requestId: 'req-1',
  user: 'rita',
  project: 'one',
  roles: ['reader'],
  admin: false,
  readOnly: false,
  signal: new AbortController().signal,
}

/** The policy of a configuration file in this folder, with a clock that stands still until it is told otherwise. */
function openPolicy(folder: Folder, text = '[oslo_policy]\n') {
  const config = loadConfig({
    configFiles: [folder.write('glance-api.conf', text)],
    configDirs: [],
    environment: {},
    overrides: {},
  })
  const log: { level: string; fields: object }[] = []
  const logger = {
    info: (fields: object) => log.push({ level: 'info', fields }),
    error: (fields: object) => log.push({ level: 'error', fields }),
  }
  const clock = { now: 0 }
  const policy = LivePolicy.open(config.policy, logger, () => clock.now)
  return {
    log,
    /** Whether a reader may list images, this many milliseconds after the last question. */
    mayList: (afterMs: number) => {
      clock.now += afterMs
      return policy.allows('get_images', reader, { project_id: 'one' })
    },
  }
}

describe('the policy of a running server', () => {
  it('follows its file, looked at once a second', () => {
    using folder = temporaryFolder()
    const { mayList, log } = openPolicy(folder)
    expect(mayList(0)).toBe(true)

    folder.write('policy.yaml', '"get_images": "!"\n')

    expect(mayList(999)).toBe(true)
    expect(mayList(1)).toBe(false)
    folder.write('policy.yaml', '"get_images": "role:reader"\n')
    expect(mayList(1000)).toBe(true)
    rmSync(join(folder.path, 'policy.yaml'))
    folder.write('policy.json', '{"get_images": "!"}')
    expect(mayList(1000)).toBe(false)
    rmSync(join(folder.path, 'policy.json'))
    expect(mayList(1000)).toBe(true)
    expect(log.map(({ level }) => level)).toEqual(['info', 'info', 'info', 'info'])
  })

  it('follows files that come into a folder, and a file that replaces another one', () => {
    using folder = temporaryFolder()
    folder.write('policy.yaml', '"get_images": "@"\n')
    const { mayList } = openPolicy(folder)

    folder.write('policy.d/b.yaml', '"get_images": "!"\n')
    expect(mayList(1000)).toBe(false)
    renameSync(folder.write('new', '"get_images": "@"\n'), join(folder.path, 'policy.d', 'c.json'))
    expect(mayList(1000)).toBe(true)
    renameSync(folder.write('new', '"get_images": "!"\n'), join(folder.path, 'policy.d', 'c.json'))
    expect(mayList(1000)).toBe(false)
  })

  it.each([
    ['"get_images": "role:"\n"add_image": "@"\n', 'rule get_images cannot be read at character 6'],
    ['"get_images": "@\n', 'is not YAML'],
    ['"get_images": "rule:no_such or @"\n', 'but there is no such rule'],
  ])('keeps its rules when the new ones are broken, and says so once: %j', (text, problem) => {
    using folder = temporaryFolder()
    folder.write('policy.yaml', '"get_images": "!"\n')
    const { mayList, log } = openPolicy(folder)

    folder.write('policy.yaml', text)

    expect(mayList(1000)).toBe(false)
    expect(mayList(1000)).toBe(false)
    expect(log).toEqual([{ level: 'error', fields: { problems: [expect.stringContaining(problem)] } }])
  })

  it('keeps its rules when the file that was named is gone', () => {
    using folder = temporaryFolder()
    const rules = folder.write('rules.yaml', '"get_images": "!"\n')
    const { mayList, log } = openPolicy(folder, '[oslo_policy]\npolicy_file = rules.yaml\n')

    rmSync(rules)

    expect(mayList(1000)).toBe(false)
    expect(log.map(({ level }) => level)).toEqual(['error'])
  })
})
