import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { iscsiErrorCodes } from '../src/index.ts'
import { resolveSessionOptions } from '../src/options.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

describe('the README', () => {
  it('lists every code as it is', () => {
    const rows = Object.entries(iscsiErrorCodes).map(
      ([code, { meaning, retryable }]) => `| ${code} | ${meaning} | ${retryable ? 'yes' : 'no'} |`,
    )
    expect(readme).toContain(`| code | meaning | retryable |\n|---|---|---|\n${rows.join('\n')}\n`)
  })

  it('names every option', () => {
    const options = resolveSessionOptions({
      portals: ['10.0.0.5'],
      target: 'iqn.2013-05.com.example:volume-1',
      initiatorName: 'iqn.2010-10.org.openstack:glance:host-1',
    })
    for (const name of Object.keys(options)) expect(readme, name).toContain(`\`${name}\``)
  })
})
