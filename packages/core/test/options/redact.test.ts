import { describe, expect, it } from 'vitest'
import { list, optionTable, parseOptions, redactOptions, secret, text } from '../../src/index.ts'

const table = optionTable({
  host: text({ help: 'Host.' }),
  password: secret({ help: 'Password.' }),
  token: secret({ help: 'Token.' }),
  hosts: list({ default: [], help: 'Hosts.' }),
})

describe('redactOptions', () => {
  it('hides secrets, also empty ones, and leaves absent options out', () => {
    const { values } = parseOptions(table, { host: 'h', password: '' })

    expect(values && redactOptions(table, values)).toEqual({ host: 'h', password: '***', hosts: [] })
  })

  it('shows nothing that is no option', () => {
    const values = { host: 'h', password: 'hunter2', token: undefined, hosts: [], extra: 'hunter2' }

    expect(JSON.stringify(redactOptions(table, values))).not.toContain('hunter2')
  })
})
