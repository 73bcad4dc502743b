/** Starting a server: what it refuses, what it says, whom it lets in, and which drivers it finds. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { repositoryRoot } from '../../tools/workspace.ts'
import { call, createImage, showImage, upload } from '../support/images.ts'
import { serverCommand, startServer } from '../support/server-process.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'glance-start-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the command until it ends by itself. */
function run(...args: string[]): { code: number | null; stderr: string; stdout: string } {
  const [command = '', ...start] = serverCommand
  const { status, stderr, stdout } = spawnSync(command, [...start, ...args], { encoding: 'utf8', timeout: 60_000 })
  return { code: status, stderr, stdout }
}

describe('a server', () => {
  it('leaves a data folder alone that another one uses, and says so', async () => {
    await using first = await startServer()
    const { id } = await createImage(first)

    const second = run('--data-dir', first.dataDir, '--bind-host', '127.0.0.1', '--bind-port', '0')

    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`another glance-server runs on ${first.dataDir}`)
    expect((await showImage(first, id)).status).toBe('queued')
  })

  it('shows its token once and keeps it for its user alone', async () => {
    const dataDir = join(folder, 'token')
    const first = await startServer({ dataDir })
    await first.stop()
    await using second = await startServer({ dataDir })

    expect(first.greeting).toContain(`export OS_AUTH_TOKEN=${first.token}`)
    expect(second.greeting).not.toContain(first.token)
    expect(second.greeting).toContain(`export OS_AUTH_TOKEN=$(cat '${join(dataDir, 'admin-token')}')`)
    expect(statSync(join(dataDir, 'admin-token')).mode & 0o777).toBe(0o600)
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  })

  it('lets in whoever tokens.json names, with their rights', async () => {
    const dataDir = join(folder, 'tokens')
    mkdirSync(dataDir)
    writeFileSync(
      join(dataDir, 'tokens.json'),
      JSON.stringify([{ token: 'the-token-of-the-reader', user: 'rita', project: 'demo', roles: ['reader'] }]),
    )
    await using server = await startServer({ dataDir })
    const asReader = (method: string, path: string): Promise<Response> =>
      fetch(server.url + path, {
        method,
        headers: { 'x-auth-token': 'the-token-of-the-reader', 'content-type': 'application/json' },
        ...(method === 'POST' ? { body: '{}' } : {}),
      })

    expect((await asReader('GET', '/v2/images')).status).toBe(200)
    expect((await asReader('POST', '/v2/images')).status).toBe(403)
  })

  it('refuses to let everybody in on all addresses', () => {
    const { code, stderr } = run('--data-dir', join(folder, 'open'), '--auth', 'noauth', '--bind-port', '0')

    expect(code).toBe(1)
    expect(stderr).toContain('[glance_server] auth is noauth')
  })

  it('tells everything that is wrong with its configuration, stores included', () => {
    const conf = join(folder, 'wrong.conf')
    writeFileSync(
      conf,
      [
        '[DEFAULT]',
        'enabled_backends = a:file, b:nothing',
        '[glance_store]',
        'default_backend = a',
        '[a]',
        'filesystem_store_chunk_size = many',
        'weight = heavy',
        '',
      ].join('\n'),
    )

    const { code, stderr } = run('--config-file', conf, '--data-dir', join(folder, 'wrong'))

    expect(code).toBe(1)
    expect(stderr).toContain(
      `${conf}:2: [DEFAULT] enabled_backends asks for nothing: the driver nothing is not installed`,
    )
    expect(stderr).toContain(`${conf}:6: [a] filesystem_store_chunk_size must be`)
    expect(stderr).toContain(`${conf}:7: [a] weight must be a whole number`)
  })

  it('misused on the command line says how it is used', () => {
    expect(run('--bind-prot', '1')).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage: glance-server') })
    expect(run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--config-file') })
    expect(run('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  it('logs lines of JSON with the id of the request, and no token', async () => {
    await using server = await startServer({ args: ['--debug'] })

    const answer = await call(server, 'GET', '/v2/images?marker=secret-marker', {
      headers: { 'x-openstack-request-id': 'req-of-the-test' },
    })
    await server.stop()

    expect(answer.headers.get('x-openstack-request-id')).toBe('req-of-the-test')
    const lines = server
      .log()
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(lines).toContainEqual(
      expect.objectContaining({ reqId: 'req-of-the-test', method: 'GET', path: '/v2/images', status: 400 }),
    )
    expect(server.log()).not.toContain(server.token)
  })

  it('finds a vendor’s driver by the name of its package and stores images in it', async () => {
    const home = join(folder, 'vendor')
    mkdirSync(join(home, 'node_modules', '@acme'), { recursive: true })
    symlinkSync(
      join(repositoryRoot, 'examples', 'third-party-driver'),
      join(home, 'node_modules', '@acme', 'glance-driver-tape'),
    )
    mkdirSync(join(home, 'tape'))
    const conf = join(home, 'glance-api.conf')
    writeFileSync(
      conf,
      `[DEFAULT]\nenabled_backends = disk:file, tape:@acme/glance-driver-tape\n[glance_store]\ndefault_backend = disk\n[disk]\nfilesystem_store_datadir = ${home}/disk\n[tape]\ntape_library = ${home}/tape\n`,
    )
    await using server = await startServer({ dataDir: join(home, 'data'), args: ['--config-file', conf] })
    const { id } = await createImage(server)
    const data = Buffer.from('on tape')

    const stored = await call(server, 'PUT', `/v2/images/${id}/file`, {
      body: data as Uint8Array<ArrayBuffer>,
      headers: { 'content-type': 'application/octet-stream', 'x-image-meta-store': 'tape' },
    })

    expect(stored.status).toBe(204)
    expect(await showImage(server, id)).toMatchObject({ status: 'active', stores: 'tape' })
    expect(await (await call(server, 'GET', `/v2/images/${id}/file`)).text()).toBe('on tape')
    const stores = (await (await call(server, 'GET', '/v2/info/stores')).json()) as { stores: { id: string }[] }
    expect(stores.stores.map((store) => store.id)).toEqual(['disk', 'tape'])
  })

  it('keeps what it has across restarts', async () => {
    const dataDir = join(folder, 'again')
    const first = await startServer({ dataDir })
    const { id } = await createImage(first, { os_distro: 'debian', tags: ['kept'] })
    await upload(first, id, Buffer.from('kept data'))
    expect(await first.stop()).toBe(0)

    await using second = await startServer({ dataDir })

    expect(await showImage(second, id)).toMatchObject({ status: 'active', os_distro: 'debian', tags: ['kept'] })
    expect(await (await call(second, 'GET', `/v2/images/${id}/file`)).text()).toBe('kept data')
    expect(readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()).toBe(first.token)
  })
})
