/**
 * A real, bootable image through the real command lines of OpenStack: Debian's `glance` uploads it, Debian's `openstack` lists, changes and downloads it, and both share it
 * between two projects.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends, bootableImages, debianGlance } from '../../tools/backends.ts'
import { repositoryRoot } from '../../tools/workspace.ts'
import { describeWithBackend } from '../support/require-backend.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'
import { fakeKeystone } from '../support/two-project-keystone.ts'

const run = promisify(execFile)

/** Both backends of this suite in one answer. */
function probe(): true | string {
  for (const name of ['openstack-clients', 'bootable-image']) {
    const answer = backends[name]?.probe() ?? 'not in the table'
    if (answer !== true) return answer
  }
  return true
}

describeWithBackend({ describe, it }, 'openstack-clients', probe, 'a bootable image and the real clients', () => {
  let folder: string
  let server: ServerProcess
  let qcow2: string

  /** Runs a command with only what the clients need in its environment, so that nothing of this machine's user counts. */
  async function client(command: string, ...args: string[]): Promise<string> {
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      LC_ALL: 'C.UTF-8',
      OS_IMAGE_URL: server.url,
      OS_AUTH_TOKEN: server.token,
      // openstack asks no Keystone with this plugin: it takes the endpoint and the token as they are. glance stumbles over it.
      ...(command.endsWith('openstack')
        ? { OS_AUTH_TYPE: 'admin_token', OS_ENDPOINT: `${server.url}/v2`, OS_TOKEN: server.token }
        : {}),
    }
    const running = run(command, args, { env, maxBuffer: 1024 * 1024 })
    // A pipe that stays open is image data to come.
    running.child.stdin?.end()
    return (await running).stdout
  }
  const glance = (...args: string[]): Promise<string> => client(debianGlance, ...args)
  const openstack = async (...args: string[]): Promise<unknown> =>
    JSON.parse(await client('/usr/bin/openstack', ...args, '-f', 'json'))
  const sha512 = (file: string): string => createHash('sha512').update(readFileSync(file)).digest('hex')

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'glance-real-'))
    const iso = bootableImages.find((path) => existsSync(path)) ?? ''
    qcow2 = join(folder, 'rescue.qcow2')
    await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', iso, qcow2])
    server = await startServer()
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  it('goes in by glance, is listed, changed and fetched by openstack, and is the same to the last bit', async () => {
    const created = await glance(
      'image-create',
      '--name',
      'rescue',
      '--disk-format',
      'qcow2',
      '--container-format',
      'bare',
      '--file',
      qcow2,
      '--property',
      'os_distro=grub',
    )
    const id = /\| id\s+\| (\S+)/.exec(created)?.[1] ?? ''
    expect(created).toMatch(/\| status\s+\| active/)
    expect(created).toContain(sha512(qcow2).slice(0, 60))

    const list = await openstack('image', 'list')
    expect(list).toEqual([{ ID: id, Name: 'rescue', Status: 'active' }])

    await client(
      '/usr/bin/openstack',
      'image',
      'set',
      '--property',
      'hw_disk_bus=virtio',
      '--tag',
      'bootable',
      '--min-ram',
      '64',
      '--name',
      'rescue disk',
      id,
    )
    const shown = (await openstack('image', 'show', id)) as { properties: object }
    expect(shown).toMatchObject({ id, name: 'rescue disk', min_ram: 64, tags: ['bootable'], disk_format: 'qcow2' })
    expect(shown.properties).toMatchObject({ os_distro: 'grub', hw_disk_bus: 'virtio', os_hash_value: sha512(qcow2) })

    const back = join(folder, 'back.qcow2')
    await client('/usr/bin/openstack', 'image', 'save', '--file', back, id)
    expect(sha512(back)).toBe(sha512(qcow2))
    await run('qemu-img', ['check', back])
  }, 120_000)

  it('goes in from a pipe, comes back by glance, and is deleted by openstack', async () => {
    const piped = await client(
      '/bin/sh',
      '-c',
      `cat '${qcow2}' | ${debianGlance} image-create --name piped --disk-format qcow2 --container-format bare`,
    )
    const id = /\| id\s+\| (\S+)/.exec(piped)?.[1] ?? ''
    const back = join(folder, 'piped.qcow2')
    await glance('image-download', '--file', back, id)
    expect(sha512(back)).toBe(sha512(qcow2))

    await glance('image-tag-update', id, 'from-a-pipe')
    expect(await glance('image-list', '--tag', 'from-a-pipe')).toContain('piped')
    await client('/usr/bin/openstack', 'image', 'delete', id)
    await expect(glance('image-show', id)).rejects.toMatchObject({
      stderr: expect.stringContaining(`HTTP 404 Not Found: No image found with ID ${id}`),
    })
  }, 120_000)

  it('looks the same in our glance as in the original', async () => {
    const created = await glance(
      'image-create',
      '--name',
      'a näme',
      '--disk-format',
      'raw',
      '--container-format',
      'bare',
      '--property',
      'hw_note=a "quoted" text that is long enough to be wrapped into a second line of the table',
      '--tag',
      'x',
    )
    const id = /\| id\s+\| (\S+)/.exec(created)?.[1] ?? ''
    const ours = async (...args: string[]): Promise<string> => {
      const main = join(repositoryRoot, 'packages', 'cli', 'src', 'main.ts')
      const env = { PATH: '/usr/bin:/bin', OS_IMAGE_URL: server.url, OS_AUTH_TOKEN: server.token }
      const child = run(process.execPath, ['--conditions=@glance/source', main, ...args], { env })
      child.child.stdin?.end()
      return (await child).stdout
    }

    for (const args of [
      ['image-show', id],
      ['image-show', '--human-readable', id],
      ['image-list'],
      ['-v', 'image-list'],
      ['image-list', '--tag', 'none'],
    ]) {
      expect([args, await ours(...args)]).toEqual([args, await glance(...args)])
    }
  }, 60_000)

  it('is refused in words that the clients pass on', async () => {
    await expect(glance('image-upload', '--file', qcow2, '00000000-0000-4000-8000-000000000000')).rejects.toMatchObject(
      {
        stderr: expect.stringContaining('No image found with ID'),
      },
    )
    await expect(glance('--os-auth-token', 'wrong-token-of-somebody', 'image-list')).rejects.toMatchObject({ code: 1 })
  }, 60_000)

  it('is shared with another project, and in its list from the moment it accepts until it is taken away', async () => {
    const users = [
      { name: 'alice', project: 'one', token: 'token-of-alice-member-of-one' },
      { name: 'bob', project: 'two', token: 'token-of-bob-member-of-two' },
    ] as const
    const dataDir = join(folder, 'shared')
    mkdirSync(dataDir)
    const tokens = users.map(({ name, project, token }) => ({ token, user: name, project, roles: ['member'] }))
    writeFileSync(join(dataDir, 'tokens.json'), JSON.stringify(tokens))
    await using local = await startServer({ dataDir })
    await using keystone = await fakeKeystone(users, local.url)
    const base = { PATH: '/usr/bin:/bin', HOME: folder, LC_ALL: 'C.UTF-8' }
    const [alice, bob] = users.map(({ name, project, token }) => ({
      async glance(...args: string[]): Promise<string> {
        const env = { ...base, OS_IMAGE_URL: local.url, OS_AUTH_TOKEN: token }
        return (await run(debianGlance, args, { env })).stdout
      },
      async openstack(...args: string[]): Promise<string> {
        const login = { OS_AUTH_URL: keystone.url, OS_USERNAME: name, OS_PASSWORD: 'any', OS_PROJECT_NAME: project }
        const domains = { OS_USER_DOMAIN_ID: 'default', OS_PROJECT_DOMAIN_ID: 'default', OS_IDENTITY_API_VERSION: '3' }
        return (await run('/usr/bin/openstack', args, { env: { ...base, ...login, ...domains } })).stdout
      },
    }))
    if (!alice || !bob) throw new Error('two users are needed')
    const bobsList = async (): Promise<unknown> => JSON.parse(await bob.openstack('image', 'list', '-f', 'json'))
    const data = join(folder, 'to-share.raw')
    writeFileSync(data, 'data')
    const formats = ['--disk-format', 'raw', '--container-format', 'bare']
    const created = await alice.glance('image-create', '--name', 'to share', ...formats, '--file', data)
    const id = /\| id\s+\| (\S+)/.exec(created)?.[1] ?? ''
    const asListed = [{ ID: id, Name: 'to share', Status: 'active' }]

    // By glance.
    expect(await alice.glance('member-create', id, 'two')).toMatch(/\| two\s+\| pending/)
    expect(await bobsList()).toEqual([])
    await expect(alice.glance('member-update', id, 'two', 'accepted')).rejects.toMatchObject({
      stderr: expect.stringContaining('HTTP 403 Forbidden'),
    })
    expect(await bob.glance('member-update', id, 'two', 'accepted')).toMatch(/\| two\s+\| accepted/)
    expect(await bobsList()).toEqual(asListed)
    expect(await alice.glance('member-list', '--image-id', id)).toMatch(/\| two\s+\| accepted/)

    // By openstack: taken away, given again, accepted anew.
    await alice.openstack('image', 'remove', 'project', id, 'two')
    expect(await bobsList()).toEqual([])
    expect(JSON.parse(await alice.openstack('image', 'add', 'project', id, 'two', '-f', 'json'))).toMatchObject({
      image_id: id,
      member_id: 'two',
      status: 'pending',
    })
    expect(await bobsList()).toEqual([])
    await bob.openstack('image', 'set', '--accept', id)
    expect(await bobsList()).toEqual(asListed)
    expect(JSON.parse(await alice.openstack('image', 'member', 'list', id, '-f', 'json'))).toEqual([
      { 'Image ID': id, 'Member ID': 'two', Status: 'accepted' },
    ])
  }, 180_000)

  it('is made of locations, seen and moved by glance as by ours, and deleted from one of several stores', async () => {
    const origin = createServer((request, response) =>
      response.writeHead(200, { 'content-length': 8 }).end(request.method === 'HEAD' ? '' : 'web data'),
    )
    await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve))
    const web = `http://127.0.0.1:${(origin.address() as AddressInfo).port}`
    const stores = join(folder, 'stores.conf')
    writeFileSync(
      stores,
      `[DEFAULT]
show_multiple_locations = true
enabled_backends = fast:file, cold:file, web:http
[glance_store]
default_backend = fast
[fast]
filesystem_store_datadir = ${join(folder, 'fast')}
[cold]
filesystem_store_datadir = ${join(folder, 'cold')}
[web]
http_store_allow_private_addresses = true
`,
    )
    await using local = await startServer({ args: ['--config-file', stores] })
    const login = ['--os-image-url', local.url, '--os-auth-token', local.token]
    const ours = ['--conditions=@glance/source', join(repositoryRoot, 'packages', 'cli', 'src', 'main.ts')]
    const env = { PATH: '/usr/bin:/bin', HOME: folder, LC_ALL: 'C.UTF-8' }
    const runs = {
      theirs: async (...args: string[]) => (await run(debianGlance, [...login, ...args], { env })).stdout,
      ours: async (...args: string[]) => (await run(process.execPath, [...ours, ...login, ...args], { env })).stdout,
    }
    const headers = { 'x-auth-token': local.token, 'content-type': 'application/json' }
    const created = await fetch(`${local.url}/v2/images`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ name: 'far', disk_format: 'raw', container_format: 'bare' }),
    })
    const { id } = (await created.json()) as { id: string }
    try {
      expect(await runs.theirs('location-add', '--url', `${web}/1`, id)).toMatch(/\| status\s+\| active/)
      await runs.ours('location-add', '--url', `${web}/2`, id)
      for (const [url, metadata] of [
        ['1', '{"rack": "a"}'],
        ['2', '{"rack": "b"}'],
      ] as const) {
        const args = ['location-update', '--url', `${web}/${url}`, '--metadata', metadata, id]
        // The second one finds everything as it should be, and prints the same image.
        const printed = await runs.theirs(...args)
        expect(await runs.ours(...args)).toBe(printed)
      }
      expect(await runs.theirs('image-show', id)).toMatch(/\| stores\s+\| web/)
      await runs.theirs('location-delete', '--url', `${web}/1`, id)
      await expect(runs.ours('location-delete', '--url', `${web}/2`, id)).rejects.toMatchObject({
        stderr: expect.stringContaining('Cannot remove last location'),
      })
      for (const command of [runs.theirs, runs.ours])
        await expect(command('stores-delete', '--store', 'web', id)).rejects.toMatchObject({
          stderr: expect.stringContaining('403 Forbidden'),
        })
    } finally {
      origin.closeAllConnections()
      await new Promise((resolve) => origin.close(resolve))
    }
  }, 180_000)
})
