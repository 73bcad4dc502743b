/**
 * The two vendors' backends behind one server, as an operator would try them: emulators beside it, a configuration file that names them, and Debian's `glance` that stores a real image in each.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DateraEmulator } from '@glance/driver-datera/emulator'
import { SproxydEmulator } from '@glance/driver-scality/emulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends, bootableImages, debianGlance } from '../../tools/backends.ts'
import { call } from '../support/images.ts'
import { describeWithBackend } from '../support/require-backend.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const run = promisify(execFile)

/** Everything that this suite needs, in one answer. */
function probe(): true | string {
  for (const name of ['tgt', 'openstack-clients', 'bootable-image']) {
    const answer = backends[name]?.probe() ?? 'not in the table'
    if (answer !== true) return answer
  }
  return true
}

describeWithBackend({ describe, it }, 'tgt', probe, 'the stores of two vendors and a directory', () => {
  let folder: string
  let image: string
  let ring: SproxydEmulator
  let system: DateraEmulator

  const sha512 = (file: string): string => createHash('sha512').update(readFileSync(file)).digest('hex')
  const lines = (options: Readonly<Record<string, string>>): string[] =>
    Object.entries(options).map(([name, value]) => `${name} = ${value}`)
  const ofRing = (): string[] => [`scality_sproxyd_endpoints = ${ring.endpoints().join(',')}`]
  const ofSystem = (): string[] => lines(system.options)

  /** A server on a configuration file of its own. */
  async function serve(name: string, config: readonly string[]): Promise<ServerProcess> {
    const file = join(folder, `${name}.conf`)
    writeFileSync(file, `${config.join('\n')}\n`)
    return startServer({ dataDir: join(folder, name), args: ['--config-file', file] })
  }

  async function glance(server: ServerProcess, ...args: string[]): Promise<string> {
    const env = {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      LC_ALL: 'C.UTF-8',
      OS_IMAGE_URL: server.url,
      OS_AUTH_TOKEN: server.token,
    }
    const running = run(debianGlance, args, { env, maxBuffer: 1024 * 1024 })
    running.child.stdin?.end()
    return (await running).stdout
  }

  /** Stores the image by Debian's glance and fetches it again. @returns its id */
  async function roundTrip(server: ServerProcess, name: string, ...where: string[]): Promise<string> {
    const formats = ['--disk-format', 'raw', '--container-format', 'bare']
    const created = await glance(server, 'image-create', '--name', name, ...formats, '--file', image, ...where)
    const id = /\| id\s+\| (\S+)/.exec(created)?.[1] ?? ''
    expect(created).toMatch(/\| status\s+\| active/)
    const back = join(folder, `${name}.back`)
    await glance(server, 'image-download', '--file', back, id)
    expect(sha512(back)).toBe(sha512(image))
    return id
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'glance-vendors-'))
    mkdirSync(join(folder, 'images'))
    image = bootableImages.find((path) => existsSync(path)) ?? ''
    ring = await SproxydEmulator.start()
    system = await DateraEmulator.start()
  })
  afterAll(async () => {
    await ring?.close()
    await system?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('take a real image each by the real glance, give it back, and forget it', async () => {
    await using server = await serve('three', [
      '[DEFAULT]',
      'enabled_backends = ring:scality, edf:datera, local:file',
      '[glance_store]',
      'default_backend = local',
      '[ring]',
      ...ofRing(),
      '[edf]',
      ...ofSystem(),
      '[local]',
      `filesystem_store_datadir = ${join(folder, 'images')}`,
    ])

    const ids: Record<string, string> = {}
    for (const store of ['ring', 'edf', 'local']) ids[store] = await roundTrip(server, store, '--store', store)

    expect(ring.ring.names).toEqual([`chord_path/${ids['ring']}`])
    expect(system.names).toEqual([`OS-IMAGE-${ids['edf']}`])
    expect(existsSync(join(folder, 'images', ids['local'] ?? ''))).toBe(true)
    const [instance] = system.system.instances.values()
    expect(instance?.metadata).toMatchObject({ length: String(readFileSync(image).byteLength), sha512: sha512(image) })
    const detail = await (await call(server, 'GET', '/v2/info/stores/detail')).json()
    expect(detail).toMatchObject({
      stores: [
        { id: 'ring', type: 'scality' },
        { id: 'edf', type: 'datera', properties: { replica_count: 3, placement_mode: 'hybrid' } },
        { id: 'local', type: 'file' },
      ],
    })
    expect(JSON.stringify(detail)).not.toContain(system.options['datera_san_password'])

    for (const id of Object.values(ids)) await glance(server, 'image-delete', id)
    expect([ring.ring.names, system.names]).toEqual([[], []])
  }, 180_000)

  it('are configured in the single-store forms of older files as well', async () => {
    const forms = [
      ['scality', ['stores = glance.store.scality.Store', 'default_store = scality', ...ofRing()]],
      ['datera', ['stores = datera', 'default_store = datera', ...ofSystem()]],
    ] as const
    for (const [name, store] of forms) {
      await using server = await serve(`single-${name}`, ['[glance_store]', ...store])

      const id = await roundTrip(server, `single-${name}`)

      expect(name === 'scality' ? ring.ring.names : system.names).toEqual([expect.stringContaining(id)])
      await glance(server, 'image-delete', id)
    }
    expect([ring.ring.names, system.names]).toEqual([[], []])
  }, 180_000)
})
