import { describe, expect, it } from 'vitest'
import { IscsiSession } from '../src/index.ts'
import { parsePortal, resolveSessionOptions } from '../src/options.ts'
import { initiatorName } from './support/sessions.ts'

const good = { portals: ['127.0.0.1'], target: 'iqn.2020-01.test:a', initiatorName }
const secret = 'a-secret-of-twelve'

describe('parsePortal', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1', 3260],
    ['san.example:3261', 'san.example', 3261],
    ['[2001:db8::1]', '2001:db8::1', 3260],
    ['[fe80::1%eth0]:3261', 'fe80::1%eth0', 3261],
  ])('takes %s', (portal, host, port) => {
    expect(parsePortal(portal)).toEqual({ host, port })
  })

  it.each(['', ':3260', 'host:', 'host:0', 'host:65536', '2001:db8::1', 'a b', '[]:1'])('refuses %j', (portal) => {
    expect(() => parsePortal(portal)).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }))
  })
})

describe('options of a session', () => {
  it('have defaults', () => {
    expect(resolveSessionOptions(good)).toMatchObject({
      portals: ['127.0.0.1:3260'],
      queueDepth: 8,
      commandBytes: 1_048_576,
      dataDigest: 'never',
    })
  })

  it.each([
    [{ portals: [] }],
    [{ portals: ['a b'] }],
    [{ target: 'disk' }],
    [{ target: 'iqn.2020-01.test:a\0SessionType=Discovery' }],
    [{ initiatorName: '' }],
    [{ lun: -1 }],
    [{ lun: 16_384 }],
    [{ queueDepth: 0 }],
    [{ commandBytes: 1 }],
    [{ commandTimeoutMs: Number.NaN }],
    [{ chap: { user: '', secret } }],
    [{ chap: { user: 'me', secret: '' } }],
    [{ targetChap: { user: 'you', secret } }],
    [{ chap: { user: 'me', secret }, targetChap: { user: 'you', secret } }],
  ])('are refused before anything is sent: %o', async (bad) => {
    await expect(IscsiSession.open({ ...good, ...bad })).rejects.toMatchObject({ code: 'BAD_OPTIONS' })
  })

  it('are refused without telling the secret', async () => {
    const bad = { ...good, chap: { user: 'me', secret }, targetChap: { user: 'you', secret } }
    await expect(IscsiSession.open(bad)).rejects.toSatisfy((error: Error) => !String(error.stack).includes(secret))
  })
})
