import { readFileSync } from 'node:fs'
import { parseOptions } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { credentialsOf } from '../src/credentials.ts'
import { endpointOf } from '../src/endpoint.ts'
import { s3Options } from '../src/index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The options of the section [cloud] in each snippet. */
const snippets = [...readme.matchAll(/```ini\n(.*?)```/gs)].map(([, text = '']) => {
  const section = text.split('[cloud]')[1] ?? ''
  return Object.fromEntries([...section.matchAll(/^(\w+) = (.*)$/gm)].map(([, name, value]) => [name, value]))
})

describe('the README', () => {
  it.each(snippets)('configures the store with %j', (raw) => {
    const { values, issues } = parseOptions(s3Options, raw)

    expect(issues).toEqual([])
    expect(values && endpointOf(values).secure).toBe(true)
    expect(() => values && credentialsOf(values)).not.toThrow()
  })

  it('has three snippets', () => {
    expect(snippets.map((raw) => Object.keys(raw).length)).toEqual([2, 5, 3])
  })
})
