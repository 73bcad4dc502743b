/** OSSA-2014-004 (CVE-2014-1948): passwords that stand in locations were written to the log. */
import { StoreError } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/observe/log.ts'

/** What the log tells of a failure. */
function logged(failure: Error): string {
  let text = ''
  const sink = {
    write: (line: string): void => {
      text += line
    },
  }
  createLogger({ debug: true, file: null }, sink).error({ err: failure }, 'failed')
  return text
}

describe('OSSA-2014-004', () => {
  it.each([
    'swift+https://account%3Auser:pa55w0rd@keystone.example.com/v3/container/object',
    'swift+https://user:pa55w0rd/with/slashes@keystone.example.com/v3',
    's3://key:pa55+w0rd==@s3.example.com/bucket/object',
    'http://user:pa55w0rd@[::1]:8080/',
    'https://pa55w0rd@example.com',
    'HTTPS://User:pa55@w0rd@example.com/x',
  ])('the log tells of %s without user and password, in causes and stacks too', (url) => {
    const cause = new Error(`connect to "${url}" failed, then again to ${url}`)

    const line = logged(new StoreError('UNAVAILABLE', `cannot reach ${url}`, { cause }))

    expect(line).not.toMatch(/pa55|w0rd|[Uu]ser:/)
  })

  it('addresses without them stay readable', () => {
    expect(logged(new Error('cannot reach https://images.example.com'))).toContain('https://images.example.com')
    expect(logged(new Error('mail to root@example.com'))).toContain('root@example.com')
  })
})
