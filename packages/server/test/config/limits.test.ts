import { describe, expect, it } from 'vitest'
import { loadConfig, type ServerConfig } from '../../src/config/load.ts'
import { formatProblem } from '../../src/config/problem.ts'
import { parseStorageQuota } from '../../src/config/storage-quota.ts'

function load(overrides: Readonly<Record<string, Readonly<Record<string, string>>>>): ServerConfig {
  return loadConfig({ configFiles: [], configDirs: [], environment: {}, overrides })
}

describe('user_storage_quota', () => {
  it.each([
    ['0', 0],
    ['12', 12],
    ['12B', 12],
    ['1KB', 1024],
    ['3MB', 3 * 1024 ** 2],
    ['2GB', 2 * 1024 ** 3],
    ['1TB', 1024 ** 4],
  ])('reads %s', (text, bytes) => expect(parseStorageQuota(text)).toBe(bytes))

  it.each(['', '-1', '1 KB', '1kb', '1Kb', '1K', '1KiB', '1.5GB', 'KB', '1PB', ' 1', '1KB\n'])(
    'does not take %j',
    (text) => expect(parseStorageQuota(text)).toBeNull(),
  )

  it('is a problem with its place when it is none', () => {
    expect(load({ DEFAULT: { user_storage_quota: '10 gb' } }).problems.map(formatProblem)).toEqual([
      'command line: [DEFAULT] user_storage_quota must be a whole number with B, KB, MB, GB or TB right behind it, or without a unit, not 10 gb',
    ])
  })
})

describe('use_keystone_limits', () => {
  it('needs to know where Keystone is, and for which endpoint the limits are', () => {
    expect(load({ DEFAULT: { use_keystone_limits: 'true' } }).problems.map(formatProblem)).toEqual([
      'command line: [oslo_limit] auth_url is not set, and use_keystone_limits needs it',
      'command line: [oslo_limit] endpoint_id is not set, nor endpoint_service_type, and use_keystone_limits needs one',
    ])
    expect(load({}).problems).toEqual([])
  })

  it('takes the log-in from the group that auth_section names', () => {
    const config = load({
      DEFAULT: { use_keystone_limits: 'true' },
      oslo_limit: { auth_section: 'account', endpoint_service_type: 'image' },
      account: { auth_url: 'http://k:5000', system_scope: 'all' },
    })

    expect([config.problems, config.warnings, config.limitsLogin.authUrl]).toEqual([[], [], 'http://k:5000'])
  })

  it('warns of an account that Keystone does not show the limits of others', () => {
    const oslo_limit = { auth_url: 'http://k:5000', endpoint_id: 'e' }

    expect(load({ DEFAULT: { use_keystone_limits: 'true' }, oslo_limit }).warnings).toEqual([
      expect.stringContaining('[oslo_limit] system_scope is not set: Keystone hides the limits of other projects'),
    ])
    expect(load({ oslo_limit }).warnings).toEqual([])
  })
})
