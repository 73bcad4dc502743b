import { readFileSync } from 'node:fs'
import { parseOptions } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { rbdOptions } from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The options of the section [ceph] in each snippet. */
const snippets = [...readme.matchAll(/```ini\n(.*?)```/gs)].map(([, text = '']) => {
  const section = text.split('[ceph]')[1] ?? ''
  return Object.fromEntries([...section.matchAll(/^(\w+) = (.*)$/gm)].map(([, name, value]) => [name, value]))
})

describe('the README', () => {
  it.each(snippets)('configures the store with %j', (raw) => {
    expect(parseOptions(rbdOptions, raw).issues).toEqual([])
  })

  it('has snippets that set options', () => {
    expect(snippets.map((raw) => Object.keys(raw).length)).toEqual([1, 5])
  })
})
