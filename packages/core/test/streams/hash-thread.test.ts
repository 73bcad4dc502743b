import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const script = new URL('../support/one-add.ts', import.meta.url)

async function runNode(...args: readonly string[]): Promise<{ code: unknown; output: string }> {
  const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 10_000 })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { code, output }
}

describe('HashThread', () => {
  it('lets a process end that stored an image and closed nothing', async () => {
    const { code, output } = await runNode(fileURLToPath(script))

    expect({ code, output }).toEqual({ code: 0, output: 'stored 3 bytes\n' })
  })

  it('lets a process end whose only upload failed', async () => {
    const { code, output } = await runNode(fileURLToPath(script), 'broken')

    expect({ code, output }).toEqual({ code: 0, output: 'Error: gone\n' })
  })

  // The thread inherited --input-type, which Node refuses for a file: every add failed.
  it('works in a program that was given as text', async () => {
    const { code, output } = await runNode('--input-type=module', '-e', `await import(${JSON.stringify(script.href)})`)

    expect({ code, output }).toEqual({ code: 0, output: 'stored 3 bytes\n' })
  })
})
