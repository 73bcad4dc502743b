/**
 * The server behind a real Keystone, as an operator of a cloud runs it: people of two projects, tokens that are good, revoked or made up, a Keystone that goes away, and Debian's command lines
 * that know nothing but where Keystone is.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends, debianGlance } from '../../tools/backends.ts'
import { type KeystoneProcess, type Person, startKeystone } from '../support/keystone-process.ts'
import { describeWithBackend } from '../support/require-backend.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const run = promisify(execFile)

/** Keystone and the command lines in one answer. */
function probe(): true | string {
  for (const name of ['keystone', 'openstack-clients']) {
    const answer = backends[name]?.probe() ?? 'not in the table'
    if (answer !== true) return answer
  }
  return true
}

describeWithBackend({ describe, it }, 'keystone', probe, 'a server behind Keystone', () => {
  let folder: string
  let keystone: KeystoneProcess
  let server: ServerProcess
  const tokens = new Map<Person, string>()

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'glance-keystone-'))
    keystone = await startKeystone()
    const config = join(folder, 'glance-api.conf')
    writeFileSync(
      config,
      `[paste_deploy]
flavor = keystone
[keystone_authtoken]
${keystone.authtoken.join('\n')}
memcached_servers = 127.0.0.1:11211
`,
    )
    server = await startServer({ args: ['--config-file', config] })
    await keystone.registerImageService(server.url)
    for (const person of ['admin', 'alice', 'rita', 'bob'] as const) tokens.set(person, await keystone.logIn(person))
  }, 240_000)
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    await keystone?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  const send = (token: string, method: string, path: string, type?: string, body?: string): Promise<Response> =>
    fetch(server.url + path, {
      method,
      headers: { 'x-auth-token': token, ...(type === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body }),
    })
  const as = (person: Person, ...rest: [string, string, string?, string?]): Promise<Response> =>
    send(tokens.get(person) ?? '', ...rest)
  const status = async (answer: Promise<Response>): Promise<number> => (await answer).status
  /** Makes an image with data and answers its path. */
  const create = async (person: Person, name: string): Promise<string> => {
    const record = JSON.stringify({ name, disk_format: 'raw', container_format: 'bare' })
    const answer = await as(person, 'POST', '/v2/images', 'application/json', record)
    const { id } = (await answer.json()) as { readonly id: string }
    const path = `/v2/images/${id}`
    expect(await status(as(person, 'PUT', `${path}/file`, 'application/octet-stream', 'image data'))).toBe(204)
    return path
  }

  it('lets member, reader, stranger and administrator do what the default rules say', async () => {
    const path = await create('alice', 'of alice')
    const patch = 'application/openstack-images-v2.1-json-patch'
    const rename = JSON.stringify([{ op: 'replace', path: '/name', value: 'renamed' }])

    const found: Record<string, readonly number[]> = {}
    for (const person of ['alice', 'rita', 'bob', 'admin'] as const) {
      found[person] = [
        await status(as(person, 'GET', path)),
        await status(as(person, 'GET', `${path}/file`)),
        await status(as(person, 'PATCH', path, patch, rename)),
      ]
    }

    expect(found).toEqual({
      alice: [200, 200, 200],
      rita: [200, 403, 403],
      bob: [404, 404, 404],
      admin: [200, 200, 200],
    })
    expect(await status(as('rita', 'POST', '/v2/images', 'application/json', '{"name":"x"}'))).toBe(403)
    expect(await status(as('bob', 'DELETE', path))).toBe(404)
  })

  it('refuses tokens that are missing, made up or revoked, and says where Keystone is', async () => {
    const revoked = await keystone.logIn('alice')
    await keystone.revoke(revoked)

    for (const token of ['', 'made-up', revoked]) {
      const answer = await send(token, 'GET', '/v2/images')
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, `Keystone uri="${keystone.url}"`])
    }
  })

  it("serves Debian's openstack and glance that know only Keystone", async () => {
    const client = async (command: string, ...args: string[]): Promise<string> => {
      const env = { PATH: '/usr/bin:/bin', HOME: folder, LC_ALL: 'C.UTF-8', ...keystone.environment('alice') }
      return (await run(command, args, { env })).stdout
    }
    const data = join(folder, 'data.raw')
    writeFileSync(data, 'image data')

    const made = await client('/usr/bin/openstack', 'image', 'create', '--file', data, '-f', 'json', 'by-openstack')
    expect(JSON.parse(made)).toMatchObject({ name: 'by-openstack' })
    const list = JSON.parse(await client('/usr/bin/openstack', 'image', 'list', '-f', 'json'))
    expect(list).toContainEqual(expect.objectContaining({ Name: 'by-openstack', Status: 'active' }))
    expect(await client(debianGlance, 'image-list')).toContain('by-openstack')
  }, 60_000)

  it('goes on for tokens it knows when Keystone stops, and answers 503 to others', async () => {
    const path = await create('bob', 'of bob')
    const fresh = await keystone.logIn('bob')
    await keystone.stop()

    expect(await status(as('bob', 'GET', path))).toBe(200)
    expect(await status(send(fresh, 'GET', path))).toBe(503)
  }, 30_000)
})
