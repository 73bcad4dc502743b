import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './support/open.ts'

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
const snippets = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code ?? '')

describe('the README', () => {
  it.each(snippets.map((code, index) => [index + 1, code] as const))('has a snippet %i that runs', async (_, code) => {
    await using folder = await temporaryFolder()
    const here = code.replace("'lock-of-the-data-folder'", JSON.stringify(folder.file('lock')))

    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', here], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
    })

    expect(stdout).toBe(code.includes('schemaVersion') ? '2024_1_contract01\n' : '')
  })

  it('names every value that the package exports', async () => {
    for (const name of Object.keys(await import('../src/index.ts'))) {
      if (name === 'Database') continue
      expect(readme).toContain(`\`${name}\``.replace('`acquireLock`', 'acquireLock'))
    }
  })
})
