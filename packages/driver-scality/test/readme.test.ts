import { readFileSync } from 'node:fs'
import { parseOptions } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { SproxydEmulator } from '../src/emulator/index.ts'
import { scalityOptions } from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The options of the store in each snippet of a configuration. */
const snippets = [...readme.matchAll(/```ini\n(.*?)```/gs)].map(([, text = '']) =>
  Object.fromEntries([...text.matchAll(/^(scality_\w+) = (.*)$/gm)].map(([, name, value]) => [name, value])),
)

describe('the README', () => {
  it('configures stores that are right', () => {
    expect(snippets).toHaveLength(2)
    for (const raw of snippets) expect(parseOptions(scalityOptions, raw).issues).toEqual([])
  })

  it('shows an emulator that works', async () => {
    const [, code = ''] = /```ts\n.*?\n\n(.*?)```/s.exec(readme) ?? []
    const shown: unknown[] = []
    const run = new Function('SproxydEmulator', 'console', `return (async () => { ${code} })()`)

    await run(SproxydEmulator, { log: (...words: unknown[]) => shown.push(...words) })

    expect(shown).toEqual([[expect.stringContaining('/proxy/chord_path/'), expect.any(String)], []])
  })
})
