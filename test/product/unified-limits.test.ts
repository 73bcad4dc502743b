/**
 * The server with limits that a real Keystone keeps: registered ones, those of single projects, changes of them, and a Keystone that goes away.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KeystoneProcess, type Person, password, startKeystone } from '../support/keystone-process.ts'
import { describeWithBackend, probeOf } from '../support/require-backend.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const mib = 1_048_576

/** The whole text of a 413, for one resource. */
const over = (project: string, resource: string, rest: string): string =>
  `The request returned a 413 Request Entity Too Large. This generally means that rate limiting or a quota threshold was breached.\n\nThe response body:\nProject ${project} is over a limit for [Resource ${resource} is over limit of ${rest}]<br /><br />\n\n\n`

describeWithBackend({ describe, it }, 'keystone', probeOf('keystone'), 'a server whose limits Keystone keeps', () => {
  let folder: string
  let keystone: KeystoneProcess
  let server: ServerProcess
  const tokens = new Map<Person, string>()
  const projects = new Map<string, string>()

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'glance-limits-'))
    keystone = await startKeystone()
    const { service, endpoint } = await keystone.registerImageService('http://127.0.0.1:9292')
    const listed = (await keystone.call('GET', '/projects'))['projects'] as readonly { id: string; name: string }[]
    for (const { id, name } of listed) projects.set(name, id)
    await letReadLimits(keystone)
    const place = { service_id: service, region_id: 'RegionOne' }
    const registered = { image_size_total: 2, image_stage_total: 1, image_count_total: 2, image_count_uploading: 1 }
    await keystone.call('POST', '/registered_limits', {
      registered_limits: Object.entries(registered).map(([resource_name, default_limit]) => ({
        ...place,
        resource_name,
        default_limit,
      })),
    })
    const own = { resource_name: 'image_count_total', resource_limit: 1, project_id: projects.get('two') }
    await keystone.call('POST', '/limits', { limits: [{ ...place, ...own }] })
    const login = `auth_url = ${keystone.url}
auth_type = password
username = glance
password = ${password}
user_domain_name = Default
`
    const config = join(folder, 'glance-api.conf')
    writeFileSync(
      config,
      `[DEFAULT]
use_keystone_limits = true
user_storage_quota = 1B
[paste_deploy]
flavor = keystone
[keystone_authtoken]
${login}project_name = service
project_domain_name = Default
[oslo_limit]
${login}system_scope = all
endpoint_id = ${endpoint}
`,
    )
    server = await startServer({ args: ['--config-file', config] })
    for (const person of ['alice', 'bob'] as const) tokens.set(person, await keystone.logIn(person))
  }, 300_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    await keystone?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const as = (person: Person, method: string, path: string, type?: string, body?: string | Uint8Array<ArrayBuffer>) =>
    fetch(server.url + path, {
      method,
      headers: {
        'x-auth-token': tokens.get(person) ?? '',
        accept: 'application/json',
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body }),
    })
  const create = (person: Person): Promise<Response> =>
    as(person, 'POST', '/v2/images', 'application/json', '{"disk_format": "raw", "container_format": "bare"}')
  const usage = async (person: Person): Promise<unknown> =>
    ((await (await as(person, 'GET', '/v2/info/usage')).json()) as { usage: unknown }).usage
  const messageOf = async (answer: Response): Promise<readonly [number, unknown]> => [
    answer.status,
    ((await answer.json()) as { message: unknown }).message,
  ]

  it('tells limits and usage of a project, which may have a limit of its own', async () => {
    expect(await usage('alice')).toEqual({
      image_size_total: { limit: 2, usage: 0 },
      image_stage_total: { limit: 1, usage: 0 },
      image_count_total: { limit: 2, usage: 0 },
      image_count_uploading: { limit: 1, usage: 0 },
    })
    expect(await usage('bob')).toMatchObject({ image_count_total: { limit: 1, usage: 0 } })
  })

  it('refuses images and data over them in the words of oslo.limit, and does not look at the static quota', async () => {
    const made = (await (await create('alice')).json()) as { readonly id: string }
    expect((await create('alice')).status).toBe(201)
    expect((await create('bob')).status).toBe(201)

    expect(await messageOf(await create('alice'))).toEqual([
      413,
      over(projects.get('one') ?? '', 'image_count_total', '2 due to current usage 2 and delta 1'),
    ])
    expect(await messageOf(await create('bob'))).toEqual([
      413,
      over(projects.get('two') ?? '', 'image_count_total', '1 due to current usage 1 and delta 1'),
    ])

    const path = `/v2/images/${made.id}/file`
    const octets = 'application/octet-stream'
    expect(await messageOf(await as('alice', 'PUT', path, octets, new Uint8Array(3 * mib)))).toEqual([
      413,
      over(projects.get('one') ?? '', 'image_size_total', '2 due to current usage 0 and delta 3'),
    ])
    expect((await as('alice', 'PUT', path, octets, new Uint8Array(1.5 * mib))).status).toBe(204)
    expect(await usage('alice')).toMatchObject({ image_size_total: { limit: 2, usage: 1 } })
  })

  it('takes a changed limit over within seconds', async () => {
    const { limits } = (await keystone.call('GET', '/limits')) as { readonly limits: readonly { id: string }[] }
    const all = limits.length > 0 ? limits : await limitsOfTheSystem(keystone)
    await keystone.call('PATCH', `/limits/${all[0]?.id}`, { limit: { resource_limit: 5 } })

    await expect
      .poll(() => usage('bob'), { timeout: 30_000, interval: 500 })
      .toMatchObject({ image_count_total: { limit: 5 } })
    expect((await create('bob')).status).toBe(201)
  }, 40_000)

  it('answers 503 while Keystone is away, once what it said has grown old', async () => {
    await keystone.stop()

    await expect.poll(async () => (await create('bob')).status, { timeout: 40_000, interval: 500 }).toBe(503)
    expect(await messageOf(await as('bob', 'GET', '/v2/info/usage'))).toEqual([
      503,
      'The identity service cannot tell the limits of the project at the moment.<br /><br />\n\n\n',
    ])
    expect((await as('bob', 'GET', '/v2/images')).status).toBe(200)
  }, 60_000)
})

/** Gives the service's account the right to read the limits of all projects: the role reader in the system. */
async function letReadLimits(keystone: KeystoneProcess): Promise<void> {
  const { users } = (await keystone.call('GET', '/users?name=glance')) as { readonly users: readonly { id: string }[] }
  const { roles } = (await keystone.call('GET', '/roles?name=reader')) as { readonly roles: readonly { id: string }[] }
  await keystone.call('PUT', `/system/users/${users[0]?.id}/roles/${roles[0]?.id}`)
}

/** The limits as an account in the scope of the system sees them: an administrator of a project sees those of its project alone. */
async function limitsOfTheSystem(keystone: KeystoneProcess): Promise<readonly { readonly id: string }[]> {
  const user = { name: 'glance', domain: { id: 'default' }, password }
  const auth = { identity: { methods: ['password'], password: { user } }, scope: { system: { all: true } } }
  const login = await fetch(`${keystone.url}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth }),
  })
  const answer = await fetch(`${keystone.url}/limits`, {
    headers: { 'x-auth-token': login.headers.get('x-subject-token') ?? '' },
  })
  return ((await answer.json()) as { readonly limits: readonly { readonly id: string }[] }).limits
}
