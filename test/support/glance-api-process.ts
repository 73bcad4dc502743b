/**
 * A real glance-api (Debian's) as an oracle: on SQLite and a file store in a folder of its own, without authentication, or believing the headers in which its own middleware passes on who asks.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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

/** What the programs need of the environment; a Python of somebody else's must not be theirs. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' }

/** What differs from a plain one. */
export interface GlanceApiSetup {
  /** Further lines of `[DEFAULT]`. */
  readonly options?: readonly string[]
  /** Texts of files beside its configuration, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** Whether callers are whom `X-User-Id`, `X-Project-Id` and `X-Roles` name when `X-Identity-Status` is `Confirmed`. */
  readonly believesHeaders?: boolean
}

/** A pipeline in which nothing stands before what reads those headers. */
const believingPipeline = `[pipeline:glance-api]
pipeline = versionnegotiation context rootapp
[composite:rootapp]
paste.composite_factory = glance.api:root_app_factory
/: apiversions
/v2: apiv2app
[app:apiversions]
paste.app_factory = glance.api.versions:create_resource
[app:apiv2app]
paste.app_factory = glance.api.v2.router:API.factory
[filter:versionnegotiation]
paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory
[filter:context]
paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory
`

/** Makes its database and starts it. Rejects when it does not answer within two minutes; a busy machine takes one. */
export async function startGlanceApi({
  options = [],
  files = {},
  believesHeaders = false,
}: GlanceApiSetup = {}): Promise<GlanceApi> {
  const folder = mkdtempSync(join(tmpdir(), 'glance-oracle-'))
  const port = await freePort()
  const conf = join(folder, 'glance-api.conf')
  const paste = believesHeaders ? join(folder, 'paste.ini') : pasteFiles.find((path) => existsSync(path))
  if (believesHeaders) writeFileSync(join(folder, 'paste.ini'), believingPipeline)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
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
      ...options,
      '[database]',
      `connection = sqlite:///${folder}/glance.sqlite`,
      '[glance_store]',
      'stores = file,http',
      'default_store = file',
      `filesystem_store_datadir = ${folder}/images`,
      '[paste_deploy]',
      `config_file = ${paste ?? ''}`,
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
  for (const end = performance.now() + 120_000; performance.now() < end && child.exitCode === null; ) {
    // The short pipeline has no health check.
    const answer = await fetch(`${url}/${believesHeaders ? 'versions' : 'healthcheck'}`).catch(() => null)
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
