/** What a user gets: the tarballs, installed by plain npm into an empty folder. */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packAll } from '../support/packed-packages.ts'

const run = promisify(execFile)

describe('the packed packages in an empty folder', () => {
  let folder: string
  // pnpm sets NODE_PATH for its scripts, and with it everything of this workspace would be found.
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    NODE_PATH: '',
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'glance-install-'))
    const tarballs = await packAll()
    // Until they are published, npm has to be told where our own packages are; npm takes the rest from its registry.
    const own = (...names: string[]): Record<string, string> =>
      Object.fromEntries(names.map((name) => [name, `file:${tarballs.get(name)}`]))
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({
        private: true,
        dependencies: own('glance-server', 'glance-cli'),
        // Every one of ours, lest npm look for one in its registry.
        overrides: own(...[...tarballs.keys()].filter((name) => name.startsWith('@'))),
      }),
    )
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder, env })
  }, 240_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Starts the installed server and resolves with what it said, once it is ready or has ended. */
  function serve(...args: string[]): Promise<{ text: string; code: number | null; end(): void }> {
    const child = spawn('npx', ['--no-install', 'glance-server', ...args], { cwd: folder, env, detached: true })
    // npx is a chain of processes; its group is ended as a whole.
    const end = (): void => void process.kill(-(child.pid ?? 0), 'SIGTERM')
    return new Promise((resolve) => {
      let text = ''
      const read = (more: Buffer): void => {
        text += more.toString()
        if (/glance image-list\n/.test(text)) resolve({ text, code: null, end })
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.on('exit', (code) => resolve({ text, code, end: () => {} }))
    })
  }

  it('serve at once, and the installed glance stores and fetches an image', async () => {
    const data = join(folder, 'data')
    const server = await serve('--data-dir', data, '--bind-host', '127.0.0.1', '--bind-port', '0')
    try {
      const url = /OS_IMAGE_URL=(\S+)/.exec(server.text)?.[1] ?? ''
      const token = /OS_AUTH_TOKEN=(\S+)/.exec(server.text)?.[1] ?? ''
      const glance = (...args: string[]): Promise<{ stdout: string }> => {
        const child = run('npx', ['--no-install', 'glance', ...args], {
          cwd: folder,
          env: { ...env, OS_IMAGE_URL: url, OS_AUTH_TOKEN: token },
        })
        child.child.stdin?.end()
        return child
      }
      writeFileSync(join(folder, 'disk.raw'), Buffer.alloc(300_000, 'data'))

      const created = await glance(
        'image-create',
        '--name',
        'first',
        '--disk-format',
        'raw',
        '--container-format',
        'bare',
        '--file',
        'disk.raw',
        '-f',
        'json',
      )
      const image = JSON.parse(created.stdout) as { id: string; status: string }
      expect(image.status).toBe('active')
      await glance('image-download', '--file', 'back.raw', image.id)

      expect(readFileSync(join(folder, 'back.raw')).equals(readFileSync(join(folder, 'disk.raw')))).toBe(true)
    } finally {
      server.end()
    }
  }, 60_000)

  it('answer an enabled but missing backend with the command that installs it', async () => {
    const conf = join(folder, 'glance-api.conf')
    writeFileSync(
      conf,
      '[DEFAULT]\nenabled_backends = local:file, vault:s3, tape:@acme/glance-driver-tape\n[glance_store]\ndefault_backend = local\n[local]\nfilesystem_store_datadir = images\n',
    )

    const { text, code } = await serve('--config-file', conf, '--data-dir', join(folder, 'other'))

    expect(code).toBe(1)
    expect(text).toContain('npm install @glance/driver-s3')
    expect(text).toContain('npm install @acme/glance-driver-tape')
    expect(text).toContain(`${conf}:2: [DEFAULT] enabled_backends`)
  }, 60_000)

  it('find a driver that the operator installed beside the configuration', async () => {
    const module = join(folder, 'node_modules', 'glance-driver-tiny')
    mkdirSync(module, { recursive: true })
    writeFileSync(
      join(module, 'package.json'),
      JSON.stringify({ name: 'glance-driver-tiny', version: '1.0.0', type: 'module', exports: './index.js' }),
    )
    writeFileSync(
      join(module, 'index.js'),
      `import { defineDriver, StoreError } from '@glance/core'
export default defineDriver({ name: 'tiny', schemes: ['tiny'], options: {}, async open() { throw new StoreError('BAD_CONFIGURATION', 'the tiny driver was asked') } })`,
    )
    const conf = join(folder, 'tiny.conf')
    writeFileSync(conf, '[DEFAULT]\nenabled_backends = one:tiny\n[glance_store]\ndefault_backend = one\n')

    const { text, code } = await serve('--config-file', conf, '--data-dir', join(folder, 'third'))

    expect(code).toBe(1)
    expect(text).toContain('the tiny driver was asked')
    expect(existsSync(join(folder, 'third', 'admin-token'))).toBe(true)
  }, 60_000)
})
