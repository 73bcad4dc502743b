import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Session, validateToken } from '../src/index.ts'
import { aConnection, aKeystone, aSession, login, never } from './support/sessions.ts'

describe('Session', () => {
  it('logs in once for all who ask at the same time, and keeps the token', async () => {
    const fake = await aKeystone()
    const session = aSession(fake)

    const tokens = await Promise.all([1, 2, 3].map(() => session.token(never)))
    const later = await session.token(never)

    expect(new Set([...tokens, later]).size).toBe(1)
    expect(fake.count('logins')).toBe(1)
  })

  it('renews a token shortly before it expires', async () => {
    const fake = await aKeystone()
    fake.faults.loginExpiresIn = 60_000
    let now = Date.now()
    const session = new Session(aConnection(fake.url), login, { now: () => now })

    const first = await session.token(never)
    now += 31_000
    const second = await session.token(never)

    expect(second.id).not.toBe(first.id)
    expect(fake.count('logins')).toBe(2)
  })

  it('logs in again once when its token is refused, also for several requests at a time', async () => {
    const fake = await aKeystone()
    fake.tokens.set('of-alice', {})
    const session = aSession(fake)
    await session.token(never)
    fake.issued.clear()

    const found = await Promise.all([1, 2, 3].map(() => validateToken(session, 'of-alice', { signal: never })))

    expect(found.map((identity) => identity?.user.id)).toEqual(['alice', 'alice', 'alice'])
    expect(fake.count('logins')).toBe(2)
  })

  it('gives up with UNAUTHORIZED when the new token is refused, too', async () => {
    const fake = await aKeystone()
    const session = aSession(fake)
    await session.token(never)
    fake.faults.statuses.push(401)
    const check = validateToken(session, 'any', { signal: never })
    // The second 401 meets the check that follows the new log-in.
    fake.issued.add = (): Set<string> => fake.issued

    await expect(check).rejects.toMatchObject({ code: 'UNAUTHORIZED', retryable: false })
  })

  it('says that credentials are refused without showing them', async () => {
    const fake = await aKeystone()
    const error: unknown = await aSession(fake, { password: 'hidden words' })
      .token(never)
      .catch((reason: unknown) => reason)

    expect(error).toMatchObject({ code: 'UNAUTHORIZED', message: 'Keystone refused the log-in (401)' })
    expect(inspect(error)).not.toContain('hidden words')
  })

  it('lets one waiter leave without taking the log-in from the others', async () => {
    const fake = await aKeystone()
    const gate = Promise.withResolvers<void>()
    fake.faults.hold = gate.promise
    const session = aSession(fake)
    const leaving = new AbortController()

    const left = session.token(leaving.signal)
    const stays = session.token(never)
    leaving.abort(new Error('no longer wanted'))

    await expect(left).rejects.toMatchObject({ code: 'ABORTED' })
    gate.resolve()
    await expect(stays).resolves.toMatchObject({ identity: { user: { id: 'glance' } } })
    expect(fake.count('logins')).toBe(1)
  })
})
