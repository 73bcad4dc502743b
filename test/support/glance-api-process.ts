/**
 * A real glance-api (Debian's) as an oracle: without authentication, on SQLite and a file store in a folder of its own.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

/** A glance-api that answers. */
export interface GlanceApi {
  readonly url: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Where Debian keeps the pipelines that the package ships with. */
const pasteFiles = ['/usr/share/glance-common/glance-api-paste.ini', '/etc/glance/glance-api-paste.ini']

/** What the programs need of the environment; a Python of somebody else's must not be theirs. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' }

/** Makes its database and starts it. Rejects when it does not answer within half a minute. */
export async function startGlanceApi(): Promise<GlanceApi> {
  const folder = mkdtempSync(join(tmpdir(), 'glance-oracle-'))
  const port = await freePort()
  const conf = join(folder, 'glance-api.conf')
  writeFileSync(
    conf,
    [
      '[DEFAULT]',
      'bind_host = 127.0.0.1',
      `bind_port = ${port}`,
      'workers = 0',
      'enabled_import_methods = []',
      `node_staging_uri = file://${folder}/staging/`,
      `log_file = ${folder}/api.log`,
      '[database]',
      `connection = sqlite:///${folder}/glance.sqlite`,
      '[glance_store]',
      'stores = file,http',
      'default_store = file',
      `filesystem_store_datadir = ${folder}/images`,
      '[paste_deploy]',
      `config_file = ${pasteFiles.find((path) => existsSync(path)) ?? ''}`,
      '[oslo_concurrency]',
      `lock_path = ${folder}/lock`,
      '',
    ].join('\n'),
  )
  await promisify(execFile)('glance-manage', ['--config-file', conf, 'db', 'sync'], { env })
  const child = spawn('glance-api', ['--config-file', conf], { env, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  const dispose = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  }
  for (const end = performance.now() + 30_000; performance.now() < end && child.exitCode === null; ) {
    const answer = await fetch(`${url}/healthcheck`).catch(() => null)
    if (answer?.ok) return { url, [Symbol.asyncDispose]: dispose }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await dispose()
  throw new Error('glance-api does not answer')
}
