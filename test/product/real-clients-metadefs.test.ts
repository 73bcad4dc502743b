/**
 * The commands about metadata definitions of Debian's `glance`, once against a real glance-api and once against ours: they have to print the same. (Debian's `openstack` has none yet.)
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends, debianGlance } from '../../tools/backends.ts'
import { type GlanceApi, startGlanceApi } from '../support/glance-api-process.ts'
import { glanceCommands, namespaceFile } from '../support/metadef-commands.ts'
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

describeWithBackend({ describe, it }, 'openstack-clients', probe, 'the commands about metadata definitions', () => {
  let folder: string
  let real: GlanceApi
  let ours: ServerProcess

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'glance-md-clients-'))
    writeFileSync(join(folder, 'namespace.json'), namespaceFile)
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
  async function outcome(args: readonly string[], url: string): Promise<string> {
    const env = {
      PATH: '/usr/bin:/bin',
      // A home of its own for each run: glance 4.1 keeps the schemas there, and stumbles over those of a real glance-api from its second run on.
      HOME: mkdtempSync(join(folder, 'home-')),
      LC_ALL: 'C.UTF-8',
      OS_IMAGE_URL: url,
      OS_AUTH_TOKEN: 'none',
    }
    const filled = args.map((each) => (each === 'FILE' ? join(folder, 'namespace.json') : each))
    const ended = await run(debianGlance, filled, { env }).then(
      ({ stdout }) => stdout,
      (error: { code: number; stdout: string; stderr: string }) => `${error.code}\n${error.stdout}\n${error.stderr}`,
    )
    return ended
      .replaceAll(url, 'URL')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
      .replaceAll(/req-[0-9a-f-]+/g, 'REQUEST')
      .replaceAll(/Metadata definition namespace=(\S+) was not found\./g, 'Namespace $1 not found')
  }

  it('print the same', async () => {
    for (const args of glanceCommands) {
      const [theirs, own] = await Promise.all([outcome(args, real.url), outcome(args, ours.url)])
      expect([args.join(' '), own]).toEqual([args.join(' '), theirs])
    }
  }, 480_000)
})
