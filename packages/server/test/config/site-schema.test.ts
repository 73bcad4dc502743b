import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { temporaryFolder } from '../support/folder.ts'

/** Loads a configuration with this `schema-image.json` beside its file, or in a folder of configuration files. */
function load(text: string, where: '.' | 'conf.d' = '.') {
  using folder = temporaryFolder()
  const file = join(folder.path, 'glance-api.conf')
  const dir = join(folder.path, 'conf.d')
  mkdirSync(dir)
  writeFileSync(file, '')
  writeFileSync(join(folder.path, where, 'schema-image.json'), text)
  const config = loadConfig({ configFiles: [file], configDirs: [dir], environment: {}, overrides: {} })
  return {
    names: [...(config.siteSchema?.properties.keys() ?? [])],
    problems: config.problems.map(formatProblem).map((line) => line.replaceAll(`${folder.path}/`, '')),
  }
}

describe('schema-image.json', () => {
  it.each(['.', 'conf.d'] as const)('is read from the folders of the configuration: %s', (where) => {
    expect(load('{"os_distro": {"type": "string"}}', where)).toEqual({ names: ['os_distro'], problems: [] })
  })

  it('keeps the server from starting when it contradicts the members of images, or is no JSON', () => {
    expect(load('{"id": {"type": "string"}, "ok": {}}')).toEqual({
      names: [],
      problems: ['schema-image.json: property "id" is a member of every image and cannot be described anew'],
    })
    expect(load('{').problems).toEqual([expect.stringMatching(/^schema-image\.json: is not JSON: /)])
  })

  it('is not needed', () => {
    const config = loadConfig({ configFiles: [], configDirs: [], environment: {}, overrides: {} })

    expect([config.siteSchema, config.problems]).toEqual([null, []])
  })
})
