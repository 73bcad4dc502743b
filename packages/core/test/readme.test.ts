import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as core from '../src/index.ts'
import { hexOf, payload } from './support/sources.ts'

const read = (file: string): Promise<string> => readFile(new URL(file, import.meta.url), 'utf8')
const readme = await read('../README.md')

describe('the README', () => {
  it.each(['readme-driver.ts', 'readme-use.ts'])('shows %s as the tests run it', async (file) => {
    expect(readme).toContain(`\`\`\`ts\n${await read(`support/${file}`)}\`\`\``)
  })

  it('shows a program that works', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'core-readme-'))
    await writeFile(join(directory, 'cirros.img'), payload(10))
    const program = fileURLToPath(new URL('support/readme-use.ts', import.meta.url))
    const child = spawn(process.execPath, [program], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 10_000,
    })

    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])

    await rm(directory, { recursive: true })
    const [first, second, ...rest] = output.split('\n')
    const digests = `${hexOf('md5', payload(10))} sha512 ${hexOf('sha512', payload(10))}`
    expect(first).toBe(`shelf://cellar/cirros 10 ${digests}`)
    expect(second).toBe('8')
    expect(rest.join(' ')).toBe("not there { store: 'slow', operation: 'delete' } ")
    expect(code).toBe(0)
  })

  it('lists every error code, what it means and whether it is retryable', () => {
    const table = [...readme.matchAll(/^\| ([A-Z_]+) \| (.+) \| (yes|no) \|$/gm)].map(([, ...cells]) => cells)

    expect(table).toEqual(
      Object.entries(core.storeErrorCodes).map(([code, { summary, retryable }]) => [
        code,
        summary,
        retryable ? 'yes' : 'no',
      ]),
    )
  })

  it('states the memory bound and the times that the source has', async () => {
    const source = await read('../src/store.ts')
    const [, slots, slotKiB, most] = source.match(/slots: (\d+), slotBytes: (\d+) \* 1024, mostPerStream: (\d+)/) ?? []

    expect(readme).toContain(`${slots} slots of ${slotKiB} KiB`)
    expect(readme).toContain(`(${slots} + running uploads) × ${slotKiB} KiB`)
    expect(readme).toContain(`at most ${most} of the shared slots`)
    expect(source).toContain('idleMs ?? 900_000')
    expect(source).toContain('reopenAfterMs ?? 2_000')
  })

  it('names only what the package exports', () => {
    const called = [...readme.matchAll(/`(\w+(?:Options|Schema|Of|Environment|Location|Error|Channel))[`(]/g)]

    expect(called.length).toBeGreaterThan(5)
    for (const [, name = ''] of called) expect(['StoreError', 'TypeError', ...Object.keys(core)]).toContain(name)
  })
})
