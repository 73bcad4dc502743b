/**
 * A real Keystone for tests: Debian's, on loopback, with SQLite and Fernet keys in a temporary folder, and with people in two projects.
 *
 * Users and passwords are fixed (`people`), everything else is made anew, so any number of them run side by side.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

const run = promisify(execFile)

/** The password of everybody. */
export const password = 'secret-of-the-tests'

/** Who is there: the project of each, and the role in it. */
export const people = {
  admin: { project: 'admin', role: 'admin' },
  alice: { project: 'one', role: 'member' },
  rita: { project: 'one', role: 'reader' },
  bob: { project: 'two', role: 'member' },
  glance: { project: 'service', role: 'service' },
} as const satisfies Record<string, { project: string; role: string }>

export type Person = keyof typeof people

/** Ids of a service and of its public endpoint. */
export interface RegisteredService {
  readonly service: string
  readonly endpoint: string
}

/** A Keystone that answers. */
export interface KeystoneProcess {
  /** Ends in `/v3`. */
  readonly url: string
  /** The variables with which command lines log in as somebody. */
  environment(person: Person): Readonly<Record<string, string>>
  /** Lines of `[keystone_authtoken]` of an image service that asks it. */
  readonly authtoken: readonly string[]
  /** Logs in. @returns the token */
  logIn(person: Person): Promise<string>
  /** Revokes a token of somebody. */
  revoke(token: string): Promise<void>
  /** Puts an image service into the catalog. @param region - `RegionOne` by default, which is where people of `environment` look */
  registerImageService(url: string, region?: string): Promise<RegisteredService>
  /** Calls the API below `/v3` in the name of the administrator. @returns the parsed answer. Rejects when the status is no success */
  call(
    method: string,
    path: string,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>>
  /** Puts a service into the catalog. `%(project_id)s` in the address stands for the project of the token. */
  registerService(type: string, url: string): Promise<void>
  /** Makes an application credential of somebody, with all of his roles. */
  applicationCredential(person: Person): Promise<{ readonly id: string; readonly secret: string }>
  /** The id of somebody's project. */
  projectId(person: Person): Promise<string>
  /** Ends it; its data stay until the object is disposed of. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts one, which takes some ten to twenty seconds. Rejects with its log when it does not answer within a minute. */
export async function startKeystone(): Promise<KeystoneProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'keystone-test-'))
  let child: ChildProcess | null = null
  const stop = async (): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  const dispose = async (): Promise<void> => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/v3`
    const config = await makeData(folder, url)
    let log = ''
    child = spawn('uwsgi', uwsgiArguments(port), {
      cwd: folder,
      env: { ...process.env, OS_KEYSTONE_CONFIG_FILES: config, OS_KEYSTONE_CONFIG_DIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-10_000)
      })
    await answers(url, child, () => log)
    const api = new Api(url)
    await seed(api)
    return {
      url,
      environment: (person) => ({
        OS_AUTH_URL: url,
        OS_USERNAME: person,
        OS_PASSWORD: password,
        OS_PROJECT_NAME: people[person].project,
        OS_USER_DOMAIN_NAME: 'Default',
        OS_PROJECT_DOMAIN_NAME: 'Default',
        OS_IDENTITY_API_VERSION: '3',
        OS_REGION_NAME: 'RegionOne',
      }),
      authtoken: [
        `auth_url = ${url}`,
        `www_authenticate_uri = ${url}`,
        'auth_type = password',
        'username = glance',
        `password = ${password}`,
        'user_domain_name = Default',
        'project_name = service',
        'project_domain_name = Default',
      ],
      logIn: (person) => api.logIn(person),
      revoke: async (token) => {
        await api.call('DELETE', '/auth/tokens', undefined, { 'x-subject-token': token })
      },
      registerImageService: (endpoint, region = 'RegionOne') =>
        registerService(api, 'image', 'glance', endpoint, region),
      call: (method, path, body) => api.call(method, path, body),
      registerService: async (type, endpoint) => {
        await registerService(api, type, type, endpoint)
      },
      applicationCredential: (person) => api.applicationCredential(person),
      projectId: async (person) => (await api.identity(await api.logIn(person))).project.id,
      stop,
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** Writes the configuration and fills database and keys. @returns the configuration file */
async function makeData(folder: string, url: string): Promise<string> {
  const config = join(folder, 'keystone.conf')
  const database = join(folder, 'keystone.db')
  for (const keys of ['fernet', 'credential']) mkdirSync(join(folder, keys), { mode: 0o700 })
  writeFileSync(
    config,
    `[DEFAULT]
use_stderr = true
[database]
connection = sqlite:///${database}
[token]
provider = fernet
[fernet_tokens]
key_repository = ${join(folder, 'fernet')}
[fernet_receipts]
key_repository = ${join(folder, 'fernet')}
[credential]
key_repository = ${join(folder, 'credential')}
[identity]
password_hash_rounds = 4
[cache]
enabled = true
backend = dogpile.cache.memory_pickle
`,
  )
  const manage = async (...args: string[]): Promise<void> => {
    await run('keystone-manage', ['--config-file', config, ...args], { maxBuffer: 16 * 1024 * 1024 })
  }
  const { username } = userInfo()
  const owner = ['--keystone-user', username, '--keystone-group', (await run('id', ['-gn'])).stdout.trim()]
  await Promise.all([
    manage('db_sync'),
    manage('fernet_setup', ...owner).then(() => manage('credential_setup', ...owner)),
  ])
  // Its readers stay in their transactions for a while, and would lock out a writer for longer than that waits.
  const opened = new DatabaseSync(database)
  opened.exec('PRAGMA journal_mode = wal; PRAGMA synchronous = off')
  opened.close()
  const urls = ['public', 'internal', 'admin'].flatMap((face) => [`--bootstrap-${face}-url`, url])
  await manage('bootstrap', '--bootstrap-password', password, '--bootstrap-region-id', 'RegionOne', ...urls)
  return config
}

function uwsgiArguments(port: number): string[] {
  const settings = ['--plugin', 'python3', '--http-socket', `127.0.0.1:${port}`]
  const script = ['--wsgi-file', '/usr/bin/keystone-wsgi-public', '--lazy-apps', '--enable-threads', '--threads', '4']
  // Without keep-alive of its own it closes after each answer, and has to say so.
  const life = ['--master', '--die-on-term', '--processes', '1', '--add-header', 'Connection: close']
  return [...settings, ...script, ...life, '--buffer-size', '65535', '--disable-logging']
}

/** Asks until it answers; there is no event for it. */
async function answers(url: string, child: ChildProcess, log: () => string): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end; ) {
    if (child.exitCode !== null) break
    const answer = await fetch(url).catch(() => null)
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`Keystone does not answer: ${log()}`)
}

type Json = Readonly<Record<string, unknown>>

/** Calls in the name of the administrator. */
class Api {
  readonly #url: string
  #token: string | null = null

  constructor(url: string) {
    this.#url = url
  }

  async logIn(person: Person): Promise<string> {
    const domain = { id: 'default' }
    const identity = { methods: ['password'], password: { user: { name: person, domain, password } } }
    const scope = { project: { name: people[person].project, domain } }
    const body = JSON.stringify({ auth: { identity, scope } })
    const answer = await fetch(`${this.#url}/auth/tokens`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    const token = answer.headers.get('x-subject-token')
    if (token === null) throw new Error(`log-in of ${person} answered ${answer.status}: ${await answer.text()}`)
    return token
  }

  async call(method: string, path: string, body?: Json, headers: Readonly<Record<string, string>> = {}): Promise<Json> {
    this.#token ??= await this.logIn('admin')
    const answer = await fetch(this.#url + path, {
      method,
      headers: { 'content-type': 'application/json', 'x-auth-token': this.#token, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
    return text === '' ? {} : JSON.parse(text)
  }

  /** Whom a token stands for. */
  async identity(token: string): Promise<{ readonly user: { id: string }; readonly project: { id: string } }> {
    const { token: identity } = await this.call('GET', '/auth/tokens', undefined, { 'x-subject-token': token })
    return identity as { user: { id: string }; project: { id: string } }
  }

  async applicationCredential(person: Person): Promise<{ readonly id: string; readonly secret: string }> {
    const token = await this.logIn(person)
    const { user } = await this.identity(token)
    const path = `/users/${user.id}/application_credentials`
    const body = { application_credential: { name: `made-${Date.now()}` } }
    const made = await this.call('POST', path, body, { 'x-auth-token': token })
    return made['application_credential'] as { id: string; secret: string }
  }

  /** Makes something and answers its id. */
  async make(kind: string, facts: Json): Promise<string> {
    const made = await this.call('POST', `/${kind}s`, { [kind]: facts })
    return (made[kind] as { readonly id: string }).id
  }
}

async function seed(api: Api): Promise<void> {
  const { roles } = (await api.call('GET', '/roles')) as { readonly roles: readonly { id: string; name: string }[] }
  const roleIds = new Map(roles.map(({ id, name }) => [name, id]))
  const projects = new Map<string, string>()
  for (const [name, { project, role }] of Object.entries(people)) {
    if (name === 'admin') continue
    if (!roleIds.has(role)) roleIds.set(role, await api.make('role', { name: role }))
    if (!projects.has(project))
      projects.set(project, await api.make('project', { name: project, domain_id: 'default' }))
    const user = await api.make('user', { name, password, domain_id: 'default' })
    await api.call('PUT', `/projects/${projects.get(project)}/users/${user}/roles/${roleIds.get(role)}`)
  }
}

async function registerService(
  api: Api,
  type: string,
  name: string,
  url: string,
  region = 'RegionOne',
): Promise<RegisteredService> {
  const service = await api.make('service', { type, name })
  const make = (face: string): Promise<string> =>
    api.make('endpoint', { service_id: service, interface: face, region, url })
  const [endpoint] = [await make('public'), await make('internal'), await make('admin')]
  return { service, endpoint }
}
