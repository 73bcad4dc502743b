import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noopLogger } from '@glance/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseConfigFile } from '../src/config-file.ts'
import { readReferences } from '../src/references.ts'
import { fakeKey } from './support/fake-swift.ts'
import { aSwift, failureOf, never, openDriver, optionsOf, someData, whole } from './support/open-driver.ts'

function aFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'swift-references-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'swift-store.conf')
  writeFileSync(file, content)
  return file
}

describe('parseConfigFile', () => {
  it('reads what configparser reads', () => {
    const sections = parseConfigFile(
      '# a comment\n[DEFAULT]\nauth_version = 1\n[ref1]\nUser: "a:b"\nkey = 100%%\n; another\nlong = one\n two\n[ref2]\n',
    )

    expect([...(sections.get('ref1') ?? [])]).toEqual([
      ['auth_version', '1'],
      ['user', 'a:b'],
      ['key', '100%'],
      ['long', 'one\ntwo'],
    ])
    expect(sections.get('ref2')?.get('auth_version')).toBe('1')
    expect(sections.has('DEFAULT')).toBe(false)
  })

  it.each(['key = before', '[ref1]\nnothing'])('says which line it cannot read', (content) => {
    expect(() => parseConfigFile(content)).toThrow(/^line [12] is neither/)
  })
})

describe('readReferences', () => {
  it('reads each section, and leaves out one that lacks something', () => {
    const warnings: unknown[] = []
    const logger = { ...noopLogger, warn: (fields: unknown) => void warnings.push(fields) }
    const file = aFile(`[ref1]
auth_address = keystone:5000/v3/
user = project:user
key = hidden
[app]
auth_address = http://keystone:5000
application_credential_id = an-id
application_credential_secret = hidden
[half]
auth_address = http://keystone:5000
user = project:user
`)

    const references = readReferences(optionsOf({ swift_store_config_file: file }), logger)

    expect([...references.keys()]).toEqual(['ref1', 'app'])
    expect(references.get('ref1')).toMatchObject({
      authAddress: 'https://keystone:5000/v3',
      authVersion: '3',
      userDomainId: 'default',
    })
    expect(warnings).toEqual([{ reference: 'half', problem: 'has no user or no key' }])
  })

  it.each([
    [{}, 'swift_store_auth_address and swift_store_user'],
    [{ swift_store_config_file: '/nowhere/swift.conf' }, 'cannot be read'],
    [{ swift_store_auth_address: 'http://k', swift_store_user: 'a:b' }, 'has no user or no key'],
    [{ swift_store_auth_address: 'http://k', swift_store_user: 'b', swift_store_key: 'hidden' }, 'not project:user'],
    [{ swift_store_auth_address: 'http://k', swift_store_application_credential_id: 'i' }, 'half an application'],
  ])('refuses %j', (raw, words) => {
    expect(() => readReferences(optionsOf(raw), noopLogger)).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIGURATION', message: expect.stringContaining(words) }),
    )
  })

  it('says which account for new images the file lacks', () => {
    const file = aFile('[ref2]\nauth_address = http://k\nuser = a:b\nkey = hidden\n')

    expect(() => readReferences(optionsOf({ swift_store_config_file: file }), noopLogger)).toThrow('[ref1]')
  })
})

describe('a store with several accounts', () => {
  it('reads the images of each, stores in one, and finds the account of an old location', async () => {
    const fake = await aSwift()
    const section = (name: string, account: string): string =>
      `[${name}]\nauth_version = 1\nauth_address = ${fake.authUrl}\nuser = ${account}:user\nkey = ${fakeKey}\n`
    const file = aFile(section('ref1', 'one') + section('ref2', 'two'))
    const raw = { swift_store_config_file: file, swift_store_user: undefined, swift_store_key: undefined }
    const first = await openDriver(fake, raw)
    const second = await openDriver(fake, { ...raw, default_swift_reference: 'ref2' })

    const { location } = await second.add('image', someData(10), { size: 10, signal: never })
    const old = `swift+http://two%3Aformer:former-key@${fake.authUrl.slice(7)}/glance/image`

    expect(location).toBe('swift+config://ref2/glance/image')
    expect(fake.names('AUTH_two')).toEqual(['glance/image'])
    expect(first.canonicalLocation(old)).toBe(location)
    for (const each of [location, old]) expect((await first.get(each, whole)).size).toBe(10)
    expect(first.canonicalLocation('swift+http://three%3Au:k@elsewhere/glance/image')).toContain('three')
  })

  it('sends no token to an address that it does not know', async () => {
    const fake = await aSwift()
    const other = await aSwift()
    const driver = await openDriver(fake)
    const elsewhere = [
      `swift+http://test%3Atester:key@${other.url.slice(7)}/auth/v1.0/glance/image`,
      `swift+http://${other.url.slice(7)}/v1/AUTH_test/glance/image`,
      'swift+config://ref9/glance/image',
      `swift+http://others%3Atester:key@${fake.authUrl.slice(7)}/glance/image`,
      'swift+config://ref1/others/image',
    ]

    for (const location of elsewhere)
      expect((await failureOf(driver.get(location, whole))).code).toBe('INVALID_LOCATION')
    expect(other.requests).toEqual([])
  })
})
