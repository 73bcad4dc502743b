import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { adminToken, localTokens, readTokenFile } from '../../src/auth/local-tokens.ts'
import { credentials } from '../support/credentials.ts'
import { temporaryFolder } from '../support/folder.ts'

const entry = { token: 'sixteen-letters-or-more', user: 'alice', project: 'demo', roles: ['Member'] }

describe('the administrator’s token', () => {
  it('is made once and readable by its owner alone', () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'admin-token')

    const first = adminToken(path)
    const second = adminToken(path)

    expect(first.fresh).toBe(true)
    expect(second).toEqual({ token: first.token, fresh: false })
    expect(first.token).toHaveLength(43)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).toBe(`${first.token}\n`)
  })

  it('is not made up for an empty file', () => {
    using folder = temporaryFolder()

    expect(() => adminToken(folder.write('admin-token', '\n'))).toThrow('holds no token')
  })
})

describe('local tokens', () => {
  it('let in who has one, with the roles that theirs imply', async () => {
    using folder = temporaryFolder()
    const tokens = localTokens(readTokenFile(folder.write('tokens.json', JSON.stringify([entry]))))

    expect(await tokens.identify(entry.token, credentials())).toEqual({
      user: 'alice',
      project: 'demo',
      roles: ['member', 'reader'],
    })
    expect(await tokens.identify('another-token-entirely', credentials())).toBeNull()
    expect(await tokens.identify('', credentials())).toBeNull()
    expect(await tokens.identify(null, credentials())).toBeNull()
  })

  it.each([
    ['not JSON', 'cannot be read as JSON'],
    ['{}', 'must hold a list'],
    [JSON.stringify([{ ...entry, token: 'short' }]), 'entry 1: token must be a text of at least 16'],
    [JSON.stringify([entry, { ...entry, user: 7 }]), 'entry 2: user must be a text'],
    [JSON.stringify([{ ...entry, roles: 'admin' }]), 'entry 1: roles must be a list'],
    [JSON.stringify([{ ...entry, role: 'admin' }]), 'entry 1: role is not known'],
    ['[null]', 'entry 1: token must be a text'],
  ])('are refused from the file %s', (text, words) => {
    using folder = temporaryFolder()

    expect(() => readTokenFile(folder.write('tokens.json', text))).toThrow(words)
  })

  it('do not stand in the message that refuses them', () => {
    using folder = temporaryFolder()
    const path = folder.write('tokens.json', JSON.stringify([{ ...entry, user: 7 }]))

    expect(() => readTokenFile(path)).not.toThrow(entry.token)
  })
})
