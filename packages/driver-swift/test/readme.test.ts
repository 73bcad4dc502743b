import { readFileSync } from 'node:fs'
import { parseOptions } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { swiftOptions } from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The options of the section [objects] in each snippet. */
const snippets = [...readme.matchAll(/```ini\n(.*?)```/gs)].map(([, text = '']) => {
  const section = text.split('[objects]')[1] ?? ''
  return Object.fromEntries([...section.matchAll(/^(\w+) = (.*)$/gm)].map(([, name, value]) => [name, value]))
})

describe('the README', () => {
  it.each(snippets)('configures the store with %j', (raw) => {
    expect(parseOptions(swiftOptions, raw).issues).toEqual([])
  })

  it('has snippets that set options', () => {
    expect(snippets.map((raw) => Object.keys(raw).length)).toEqual([4, 4, 2, 6])
  })
})
