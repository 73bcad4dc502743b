/**
 * What Keystone said about tokens a short while ago.
 *
 * Good answers and refusals are kept apart, each up to its own bound, so that nobody can push good tokens out by sending wrong ones. Tokens themselves are not kept, only their hashes. What is thrown
 * away first is what was asked for longest ago.
 */
import { createHash } from 'node:crypto'
import { SingleFlight } from './single-flight.ts'
import type { TokenIdentity } from './token-body.ts'

/** Bounds and times; times are in milliseconds. */
export interface TokenCacheOptions {
  /** How long a good answer counts; never past the token's expiry. 0 or less keeps nothing. 300,000 by default. */
  readonly ttlMs?: number
  /** How long a refusal counts. 10,000 by default; 0 or less keeps none. */
  readonly negativeTtlMs?: number
  /** Good answers that are kept at most: 10,000 by default. */
  readonly capacity?: number
  /** Refusals that are kept at most: 1,000 by default. */
  readonly negativeCapacity?: number
  readonly now?: () => number
}

interface Entry {
  readonly identity: TokenIdentity | null
  readonly until: number
}

/** Asks for a token's identity; null for a refusal. */
export type Lookup = (signal: AbortSignal) => Promise<TokenIdentity | null>

export class TokenCache {
  readonly #good = new Map<string, Entry>()
  readonly #refused = new Map<string, Entry>()
  readonly #flights = new SingleFlight<TokenIdentity | null>()
  readonly #options: Required<TokenCacheOptions>

  constructor(options: TokenCacheOptions = {}) {
    this.#options = {
      ttlMs: 300_000,
      negativeTtlMs: 10_000,
      capacity: 10_000,
      negativeCapacity: 1_000,
      now: Date.now,
      ...options,
    }
  }

  /** Entries that are kept: good ones and refusals. */
  get size(): { readonly good: number; readonly refused: number } {
    return { good: this.#good.size, refused: this.#refused.size }
  }

  /**
   * The identity behind a token: what is kept, or the answer of one `lookup` for all who ask at the same time. A failed lookup is not kept.
   *
   * @param variant - tells apart lookups of one token that may end differently
   */
  async identity(token: string, variant: string, signal: AbortSignal, lookup: Lookup): Promise<TokenIdentity | null> {
    const key = createHash('sha256').update(variant).update('\0').update(token).digest('base64')
    const kept = this.#kept(this.#good, key) ?? this.#kept(this.#refused, key)
    if (kept) return kept.identity
    return this.#flights.run(key, signal, async (shared) => {
      const identity = await lookup(shared)
      this.#keep(key, identity)
      return identity
    })
  }

  #kept(entries: Map<string, Entry>, key: string): Entry | null {
    const entry = entries.get(key)
    if (!entry) return null
    entries.delete(key)
    if (entry.until <= this.#options.now()) return null
    entries.set(key, entry)
    return entry
  }

  #keep(key: string, identity: TokenIdentity | null): void {
    const { now, ttlMs, negativeTtlMs, capacity, negativeCapacity } = this.#options
    const until = identity === null ? now() + negativeTtlMs : Math.min(now() + ttlMs, identity.expiresAt)
    if (until <= now()) return
    const [entries, bound] = identity === null ? [this.#refused, negativeCapacity] : [this.#good, capacity]
    entries.set(key, { identity, until })
    for (const oldest of entries.keys()) {
      if (entries.size <= bound) break
      entries.delete(oldest)
    }
  }
}
