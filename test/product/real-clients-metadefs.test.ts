/**
 * The commands about metadata definitions of Debian's `glance` and `openstack`, once against a real glance-api and once against ours: they have to print the same.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends, debianGlance } from '../../tools/backends.ts'
import { type GlanceApi, startGlanceApi } from '../support/glance-api-process.ts'
import { describeWithBackend } from '../support/require-backend.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const run = promisify(execFile)

/** Both backends of this suite in one answer. */
function probe(): true | string {
  for (const name of ['openstack-clients', 'glance-api']) {
    const answer = backends[name]?.probe() ?? 'not in the table'
    if (answer !== true) return answer
  }
  return true
}

const property = '{"description": "d é", "enum": ["a", "b"], "default": "a"}'
const object = '{"description": "o", "required": ["p"], "properties": {"p": {"title": "t", "type": "string"}}}'

/** In their order: later ones work on what earlier ones made. `FILE` is a namespace to import. */
const glanceCommands: readonly (readonly string[])[] = [
  ['md-namespace-create', 'one', '--display-name', 'One', '--visibility', 'public', '--owner', 'me'],
  ['md-namespace-update', 'one', '--description', 'changed', '--namespace', 'one', '--owner', 'me'],
  ['md-namespace-import', '--file', 'FILE'],
  ['md-namespace-list'],
  ['md-namespace-show', 'imported'],
  ['md-namespace-show', 'imported', '--resource-type', 'OS::Nova::Flavor'],
  ['md-resource-type-associate', 'one', '--name', 'OS::Glance::Image', '--prefix', 'hw_'],
  ['md-namespace-resource-type-list', 'one'],
  ['md-property-create', 'one', '--name', 'p', '--title', 't', '--type', 'string', '--schema', property],
  ['md-property-show', 'one', 'p'],
  ['md-property-list', 'one'],
  ['md-object-create', 'one', '--name', 'o', '--schema', object],
  ['md-object-show', 'one', 'o'],
  ['md-object-list', 'one'],
  ['md-tag-create', 'one', '--name', 't'],
  ['md-tag-create-multiple', 'one', '--names', 'a,b', '--append'],
  ['md-tag-list', 'one'],
  ['md-namespace-show', 'unknown'],
  ['md-namespace-delete', 'imported'],
]

/** What this release of openstack knows of metadata definitions, but for making one: it cannot name the owner that a real one without authentication needs. */
const openstackCommands: readonly (readonly string[])[] = [
  ['image', 'metadef', 'namespace', 'set', 'one', '--description', 'd'],
  ['image', 'metadef', 'namespace', 'list'],
  ['image', 'metadef', 'namespace', 'show', 'one'],
  ['image', 'metadef', 'namespace', 'delete', 'one'],
]

describeWithBackend({ describe, it }, 'openstack-clients', probe, 'the commands about metadata definitions', () => {
  let folder: string
  let real: GlanceApi
  let ours: ServerProcess

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'glance-md-clients-'))
    const properties = { p: { title: 'P', type: 'integer', default: 1 } }
    const objects = [{ name: 'o', required: ['x'], properties: { x: { title: 'X', type: 'string' } } }]
    const associations = [{ name: 'OS::Nova::Flavor', prefix: 'hw:' }]
    writeFileSync(
      join(folder, 'namespace.json'),
      JSON.stringify({
        namespace: 'imported',
        owner: 'me',
        properties,
        objects,
        tags: [{ name: 't' }],
        resource_type_associations: associations,
      }),
    )
    real = await startGlanceApi({
      // Without authentication nobody else could write definitions.
      files: { 'open-policy.yaml': 'metadef_admin: "@"\n' },
      sections: { oslo_policy: ['policy_file = open-policy.yaml'] },
    })
    ours = await startServer({ args: ['--auth', 'noauth'] })
  }, 180_000)
  afterAll(async () => {
    await real?.[Symbol.asyncDispose]()
    await ours?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  /** What a command prints and how it ends, without times, addresses and the ids of requests. */
  async function outcome(command: string, args: readonly string[], url: string): Promise<string> {
    const env = {
      PATH: '/usr/bin:/bin',
      // A home of its own for each run: glance 4.1 keeps the schemas there, and stumbles over those of a real glance-api from its second run on.
      HOME: mkdtempSync(join(folder, 'home-')),
      LC_ALL: 'C.UTF-8',
      OS_IMAGE_URL: url,
      OS_AUTH_TOKEN: 'none',
      ...(command === debianGlance ? {} : { OS_AUTH_TYPE: 'admin_token', OS_ENDPOINT: `${url}/v2`, OS_TOKEN: 'none' }),
    }
    const filled = args.map((each) => (each === 'FILE' ? join(folder, 'namespace.json') : each))
    const ended = await run(command, filled, { env }).then(
      ({ stdout }) => stdout,
      (error: { code: number; stdout: string; stderr: string }) => `${error.code}\n${error.stdout}\n${error.stderr}`,
    )
    return ended
      .replaceAll(url, 'URL')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
      .replaceAll(/req-[0-9a-f-]+/g, 'REQUEST')
      .replaceAll(/Metadata definition namespace=(\S+) was not found\./g, 'Namespace $1 not found')
  }

  it.each([
    ['glance', debianGlance, glanceCommands],
    ['openstack', '/usr/bin/openstack', openstackCommands],
  ] as const)(
    'of %s print the same',
    async (_name, command, commands) => {
      for (const args of commands) {
        const [theirs, own] = await Promise.all([outcome(command, args, real.url), outcome(command, args, ours.url)])
        expect([args.join(' '), own]).toEqual([args.join(' '), theirs])
      }
    },
    480_000,
  )
})
