/**
 * A real glance-api (Debian's): as an oracle for what we answer, and as the other user of a database and of stores.
 *
 * It runs on SQLite and a file store in a folder of its own unless told otherwise, without authentication, or believing the headers in which its own middleware passes on who asks.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

/** A glance-api that answers. */
export interface GlanceApi {
  readonly url: string
  /** The database, for whoever goes on with it afterwards. */
  readonly database: string
  [Symbol.asyncDispose](): Promise<void>
}

/** What differs from a plain one. */
export interface GlanceApiSetup {
  /** Further lines of `[DEFAULT]`. */
  readonly options?: readonly string[]
  /** Lines of other sections, by their names; those of `glance_store` stand in the place of the file store. */
  readonly sections?: Readonly<Record<string, readonly string[]>>
  /** Texts of files beside its configuration, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** Whether callers are whom `X-User-Id`, `X-Project-Id` and `X-Roles` name when `X-Identity-Status` is `Confirmed`. */
  readonly believesHeaders?: boolean
  /** Further variables of its environment. */
  readonly environment?: Readonly<Record<string, string>>
  /** Folder for everything, which is kept at the end; a temporary one that is removed by default. */
  readonly folder?: string
}

/** Where Debian keeps the pipelines that the package ships with. */
const pasteFiles = ['/usr/share/glance-common/glance-api-paste.ini', '/etc/glance/glance-api-paste.ini']

/** The pipeline with Keystone, but without the filter that asks it. */
const believingPipeline =
  '[pipeline:glance-api-believing]\npipeline = cors healthcheck versionnegotiation context rootapp'

/** The origin whose pages may call it. */
export const allowedOrigin = 'https://horizon.example.org'

/** What the programs need of the environment; a Python of somebody else's must not be theirs. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' }

/** Makes its database, unless one lies in its folder, and starts it. Rejects when it does not answer within two minutes; a busy machine takes one. */
export async function startGlanceApi({
  options = [],
  sections = {},
  files = {},
  believesHeaders = false,
  environment = {},
  folder: given,
}: GlanceApiSetup = {}): Promise<GlanceApi> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'glance-oracle-'))
  const port = await freePort()
  const conf = join(folder, 'oracle-api.conf')
  const paste = join(folder, 'oracle-paste.ini')
  const pipelines = readFileSync(pasteFiles.find((path) => existsSync(path)) ?? '', 'utf8')
  // Its filter for browsers reads the configuration of the machine unless its own section says everything.
  const cors = pipelines
    .replace(/^oslo_config_p.*$/gm, '')
    .replace('[filter:cors]', `[filter:cors]\nallowed_origin = ${allowedOrigin}`)
  writeFileSync(paste, `${cors}\n${believingPipeline}\n`)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const database = join(folder, 'glance.sqlite')
  const { glance_store: stores, ...others } = sections
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
      `connection = sqlite:///${database}`,
      '[glance_store]',
      ...(stores ?? ['stores = file,http', 'default_store = file', `filesystem_store_datadir = ${folder}/images`]),
      '[paste_deploy]',
      `config_file = ${paste}`,
      ...(believesHeaders ? ['flavor = believing'] : []),
      '[oslo_middleware]',
      'enable_proxy_headers_parsing = true',
      '[oslo_concurrency]',
      `lock_path = ${folder}/lock`,
      ...Object.entries(others).flatMap(([name, lines]) => [`[${name}]`, ...lines]),
      '',
    ].join('\n'),
  )
  // One that ours has been on has the tables of a later release, which it gets along with but does not know by name.
  if (!existsSync(database)) await promisify(execFile)('glance-manage', ['--config-file', conf, 'db', 'sync'], { env })
  const child = spawn('glance-api', ['--config-file', conf], { env: { ...env, ...environment }, stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  const dispose = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    if (given === undefined) rmSync(folder, { recursive: true, force: true })
  }
  for (const end = performance.now() + 120_000; performance.now() < end && child.exitCode === null; ) {
    const answer = await fetch(`${url}/versions`).catch(() => null)
    if (answer?.ok) return { url, database, [Symbol.asyncDispose]: dispose }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await dispose()
  throw new Error('glance-api does not answer')
}
