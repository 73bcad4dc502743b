import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { KeystoneError, TokenCache, type TokenCacheOptions, type TokenIdentity } from '../src/index.ts'
import { never } from './support/sessions.ts'

function anIdentity(expiresAt = 1_000_000): TokenIdentity {
  return {
    user: { id: 'alice', name: 'alice', domain: null },
    project: null,
    domain: null,
    system: false,
    roles: [],
    expiresAt,
    catalog: [],
    accessRules: null,
    bound: false,
  }
}

function aCache(options: TokenCacheOptions = {}): {
  readonly clock: { now: number }
  readonly cache: TokenCache
  readonly asked: string[]
  ask(token: string, answer?: TokenIdentity | null, variant?: string): Promise<TokenIdentity | null>
} {
  const clock = { now: 0 }
  const cache = new TokenCache({ ttlMs: 100, negativeTtlMs: 10, now: () => clock.now, ...options })
  const asked: string[] = []
  return {
    clock,
    cache,
    asked,
    ask: (token, answer = anIdentity(), variant = '') =>
      cache.identity(token, variant, never, async () => {
        asked.push(token)
        return answer
      }),
  }
}

describe('TokenCache', () => {
  it('keeps an answer for its time and no longer', async () => {
    const { ask, asked, clock } = aCache()

    await ask('a')
    clock.now = 99
    await ask('a')
    expect(asked).toEqual(['a'])
    clock.now = 100
    await ask('a')
    expect(asked).toEqual(['a', 'a'])
  })

  it('keeps nothing past the expiry of its token', async () => {
    const { ask, asked, clock } = aCache()

    await ask('a', anIdentity(50))
    clock.now = 50
    await ask('a', null)
    expect(asked).toEqual(['a', 'a'])
  })

  it('keeps refusals for a shorter time', async () => {
    const { ask, asked, clock } = aCache()

    await ask('a', null)
    expect(await ask('a')).toBeNull()
    clock.now = 10
    expect(await ask('a')).not.toBeNull()
    expect(asked).toEqual(['a', 'a'])
  })

  it('drops what was asked for longest ago, and no good answer for a refusal', async () => {
    const { ask, asked, cache } = aCache({ capacity: 2, negativeCapacity: 2 })

    for (const token of ['a', 'b', 'a', 'c']) await ask(token)
    for (const token of ['x', 'y', 'z']) await ask(token, null)
    expect(cache.size).toEqual({ good: 2, refused: 2 })
    asked.length = 0
    for (const token of ['a', 'c', 'b']) await ask(token)
    expect(asked).toEqual(['b'])
  })

  it('asks once for all who ask at the same time', async () => {
    const { ask, asked } = aCache()

    await Promise.all([ask('a'), ask('a'), ask('b')])
    expect(asked).toEqual(['a', 'b'])
  })

  it('keeps no failure', async () => {
    const { ask, cache, asked } = aCache()

    const failing = cache.identity('a', '', never, async () => {
      throw new KeystoneError('UNAVAILABLE', 'away')
    })
    await expect(failing).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await ask('a')
    expect(asked).toEqual(['a'])
  })

  it('ends the question when the last who waits has left', async () => {
    const { cache } = aCache()
    const leaving = new AbortController()
    const ended = Promise.withResolvers<boolean>()

    const waiting = cache.identity('a', '', leaving.signal, (signal) => {
      signal.addEventListener('abort', () => ended.resolve(true))
      return new Promise(() => {})
    })
    leaving.abort()

    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await ended.promise).toBe(true)
  })

  it('tells variants apart, and holds no token', async () => {
    const { ask, asked, cache } = aCache()

    await ask('secret-token', null, 'plain')
    await ask('secret-token', anIdentity(), 'allow expired')
    expect(asked).toHaveLength(2)
    expect(inspect(cache, { depth: 9, showHidden: true })).not.toContain('secret-token')
  })

  it('keeps nothing when its time is zero or less', async () => {
    const { ask, asked } = aCache({ ttlMs: -1000 })

    await ask('a')
    await ask('a')
    expect(asked).toHaveLength(2)
  })
})
