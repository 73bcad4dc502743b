/**
 * A real glance-api (Debian's) as an oracle: without authentication, on SQLite and a file store in a folder of its own.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A glance-api that answers. */
export interface GlanceApi {
  readonly url: string
  [Symbol.asyncDispose](): Promise<void>
}

/** Where Debian keeps the pipelines that the package ships with. */
const pasteFiles = ['/usr/share/glance-common/glance-api-paste.ini', '/etc/glance/glance-api-paste.ini']

/** The pipeline with Keystone, but without the filter that asks it. */
const toldPipeline = '[pipeline:glance-api-told]\npipeline = cors healthcheck versionnegotiation context rootapp'

/** What the programs need of the environment; a Python of somebody else's must not be theirs. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' }

/** How to start it. */
export interface GlanceApiSetup {
  /** Takes callers from the headers that Keystone's middleware sets (`X-Identity-Status`, `X-Project-Id`, `X-Roles`), as they come, and has today's default policy. */
  readonly toldIdentities?: boolean
  /** Lets everybody write metadata definitions, which without authentication nobody else could. */
  readonly openPolicy?: boolean
}

/** Makes its database and starts it. Rejects when it does not answer within a minute and a half. */
export async function startGlanceApi({
  toldIdentities = false,
  openPolicy = false,
}: GlanceApiSetup = {}): Promise<GlanceApi> {
  const folder = mkdtempSync(join(tmpdir(), 'glance-oracle-'))
  const port = await freePort()
  const conf = join(folder, 'glance-api.conf')
  const paste = join(folder, 'paste.ini')
  const pipelines = readFileSync(pasteFiles.find((path) => existsSync(path)) ?? '', 'utf8')
  writeFileSync(paste, `${pipelines}\n${toldPipeline}\n`)
  writeFileSync(join(folder, 'policy.yaml'), 'metadef_admin: "@"\n')
  writeFileSync(
    conf,
    [
      '[DEFAULT]',
      'bind_host = 127.0.0.1',
      `bind_port = ${port}`,
      'workers = 0',
      ...(toldIdentities ? ['enforce_secure_rbac = true'] : []),
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
      `config_file = ${paste}`,
      ...(toldIdentities ? ['flavor = told'] : []),
      ...(openPolicy ? ['[oslo_policy]', `policy_file = ${join(folder, 'policy.yaml')}`] : []),
      ...(toldIdentities ? ['[oslo_policy]', 'enforce_new_defaults = true', 'enforce_scope = true'] : []),
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
  for (const end = performance.now() + 90_000; performance.now() < end && child.exitCode === null; ) {
    const answer = await fetch(`${url}/healthcheck`).catch(() => null)
    if (answer?.ok) return { url, [Symbol.asyncDispose]: dispose }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await dispose()
  throw new Error('glance-api does not answer')
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
