import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startRing } from './support/ring.ts'

const bin = fileURLToPath(new URL('../bin/sproxyd-emulator.mjs', import.meta.url))

/** Runs the command until it has said something. */
async function run(...args: string[]): Promise<{ readonly output: string; readonly code: number | null }> {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill())
  let output = ''
  const said = Promise.withResolvers<null>()
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.includes('scality_sproxyd_endpoints')) said.resolve(null)
    })
  const code = await Promise.race([said.promise, once(child, 'close').then(([code]) => code as number)])
  return { output, code }
}

describe('the command sproxyd-emulator', () => {
  it('runs connectors and prints the configuration that uses them', async () => {
    const { output } = await run('--port', '0', '--connectors', '2', '--alias', 'ring_path')

    const [, endpoints = ''] = /scality_sproxyd_endpoints = (.*)/.exec(output) ?? []
    const answers = await Promise.all(endpoints.split(',').map((endpoint) => fetch(`${endpoint}.conf`)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(await answers[0]?.text()).toContain('"by_path_enabled": true')
  })

  it.each([['--port', 'x'], ['--nonsense'], ['--conf', 'xml']])(
    'refuses %s %s and shows its usage',
    async (...args) => {
      const { output, code } = await run(...args.filter((word) => word !== undefined))

      expect(code).toBe(2)
      expect(output).toContain('Usage: sproxyd-emulator')
    },
  )
})

describe('an emulated connector', () => {
  const put = (url: string, headers: Record<string, string>, body = 'x'): Promise<Response> =>
    fetch(url, { method: 'PUT', headers, body })

  it('keeps to preconditions and to metadata', async () => {
    const ring = await startRing({ connectors: 1 })
    const url = `${ring.endpoints()[0]}name`

    expect((await put(url, { 'if-match': '*' })).status).toBe(412)
    expect((await put(url, { 'if-none-match': '*', 'x-scal-usermd': 'YQ==' })).status).toBe(200)
    expect((await put(url, { 'if-none-match': '*' })).status).toBe(412)
    expect((await put(url, { 'x-scal-cmd': 'update-usermd', 'x-scal-usermd': 'Yg==' }, '')).status).toBe(200)
    const head = await fetch(url, { method: 'HEAD' })
    expect(head.headers.get('x-scal-usermd')).toBe('Yg==')
    expect(head.headers.get('content-length')).toBe('1')
    expect(head.headers.get('x-scal-ring-key')).toMatch(/^[0-9A-F]{40}$/)
  })

  it('is full beyond its capacity, and has room again after a deletion', async () => {
    const ring = await startRing({ connectors: 1, capacity: 10 })
    const base = ring.endpoints()[0]

    expect((await put(`${base}a`, {}, '123456789')).status).toBe(200)
    expect((await put(`${base}b`, {}, '123')).status).toBe(507)
    expect((await fetch(`${base}a`, { method: 'DELETE' })).status).toBe(200)
    expect((await put(`${base}b`, {}, '123')).status).toBe(200)
    expect(ring.ring.names).toEqual(['chord_path/b'])
  })

  it('serves the objects of one ring at every connector', async () => {
    const ring = await startRing({ connectors: 2 })
    await put(`${ring.endpoints()[0]}name`, {}, 'shared')

    expect(await (await fetch(`${ring.endpoints()[1]}name`)).text()).toBe('shared')
  })
})
