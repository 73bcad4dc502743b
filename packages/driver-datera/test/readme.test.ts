import { readFileSync } from 'node:fs'
import { parseOptions } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { describeWithBackend, probeOf } from '../../../test/support/require-backend.ts'
import { DateraEmulator } from '../src/emulator/index.ts'
import { dateraOptions } from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The options of the store in each snippet of a configuration. */
const snippets = [...readme.matchAll(/```ini\n(.*?)```/gs)].map(([, text = '']) =>
  Object.fromEntries([...text.matchAll(/^(datera_\w+) = (.*)$/gm)].map(([, name, value]) => [name, value])),
)

describe('the README', () => {
  it('configures stores that are right', () => {
    expect(snippets).toHaveLength(2)
    for (const raw of snippets) expect(parseOptions(dateraOptions, raw).issues).toEqual([])
  })
})

describeWithBackend({ describe, it }, 'tgt', probeOf('tgt'), 'the emulator of the README', () => {
  it('works as shown', async () => {
    const [, code = ''] = /```ts\n.*?\n\n(.*?)```/s.exec(readme) ?? []
    const shown: unknown[] = []
    const run = new Function('DateraEmulator', 'console', `return (async () => { ${code} })()`)

    await run(DateraEmulator, { log: (...words: unknown[]) => shown.push(...words) })

    expect(shown).toEqual(['127.0.0.1', []])
  })
})
