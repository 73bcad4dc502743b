/** docs/getting-started.md, typed in as it stands: only the commands that would reach for the published packages lead to this tree. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repositoryRoot } from '../../tools/workspace.ts'
import { freePort } from '../support/free-port.ts'
import { eventually } from '../support/images.ts'
import { serverCommand } from '../support/server-process.ts'

/** The shell commands of the page: those of the server's terminal, and those of the other one. */
function commandsOf(page: string): { server: string; client: string } {
  const blocks = [...page.matchAll(/```sh( server)?\n(.*?)```/gs)]
  const text = (server: boolean): string =>
    blocks
      .filter((block) => (block[1] !== undefined) === server)
      .map((block) => block[2] ?? '')
      .join('')
  return { server: text(true), client: text(false) }
}

describe('docs/getting-started.md', () => {
  it('works as it is written', async () => {
    const home = mkdtempSync(join(tmpdir(), 'glance-start-'))
    const port = await freePort()
    const bin = join(home, 'bin')
    mkdirSync(bin)
    const command = (name: string, lines: string): void => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${lines}\n`)
      chmodSync(join(bin, name), 0o755)
    }
    const node = `'${process.execPath}' --conditions=@glance/source`
    command(
      'npx',
      `[ "$1" = glance-server ] || exit 99; shift; exec ${serverCommand.map((word) => `'${word}'`).join(' ')} "$@"`,
    )
    command('npm', '[ "$*" = "install --global glance-cli" ]')
    command('glance', `exec ${node} '${join(repositoryRoot, 'packages', 'cli', 'src', 'main.ts')}' "$@"`)
    const page = readFileSync(join(repositoryRoot, 'docs', 'getting-started.md'), 'utf8').replaceAll(
      '9292',
      String(port),
    )
    const { server, client } = commandsOf(page)
    const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: home, OS_DEFAULT__BIND_PORT: String(port) }
    const serving = spawn('sh', ['-ec', `exec ${server.trim()}`], {
      cwd: home,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      let said = ''
      serving.stdout.on('data', (text: Buffer) => {
        said += text.toString()
      })
      await eventually('the server is ready', () => said.includes('is ready'))
      expect(said).toContain(`export OS_IMAGE_URL=http://127.0.0.1:${port}`)
      expect(said).toContain('export OS_AUTH_TOKEN=')

      const result = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', client], {
        cwd: home,
        env,
        encoding: 'utf8',
      })

      expect(result.stderr).toBe('')
      expect(result.status).toBe(0)
      expect(result.stdout).toMatch(/\| status\s+\| active/)
      expect(existsSync(join(home, 'copy.raw'))).toBe(true)
    } finally {
      serving.kill('SIGTERM')
      rmSync(home, { recursive: true, force: true })
    }
  }, 60_000)
})
