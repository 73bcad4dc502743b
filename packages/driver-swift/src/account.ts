/**
 * Access to one account of Swift: where it is, and a token for it.
 *
 * A token is got when it is first needed. All who find it missing, about to expire or refused wait for one log-in.
 */
import { StoreError } from '@glance/core'
import { type EndpointWish, endpointOf, type IssuedToken, type Session, SingleFlight } from '@glance/keystone'
import type { Connections } from './connections.ts'
import { failureOfStatus } from './errors.ts'

/** What a request to Swift needs. */
export interface Access {
  /** Without a slash at its end. */
  readonly storageUrl: string
  /** A secret. */
  readonly token: string
}

/** One account. */
export interface Account {
  /** A token that is good for a while. @throws KeystoneError | StoreError FORBIDDEN | UNAVAILABLE | TIMEOUT | ABORTED | BAD_CONFIGURATION */
  access(signal: AbortSignal): Promise<Access>
  /** Forgets a token that Swift refused. @returns whether `access` may give another one */
  refuse(access: Access): boolean
}

/** An account by way of Keystone. */
export class KeystoneAccount implements Account {
  readonly #session: Session
  readonly #wish: EndpointWish
  readonly #storageUrl: string | null
  readonly #given = new WeakMap<Access, IssuedToken>()

  /** @param storageUrl - in place of the catalog's */
  constructor(session: Session, wish: EndpointWish, storageUrl: string | null) {
    this.#session = session
    this.#wish = wish
    this.#storageUrl = storageUrl
  }

  async access(signal: AbortSignal): Promise<Access> {
    const issued = await this.#session.token(signal)
    const storageUrl = this.#storageUrl ?? endpointOf(issued.identity.catalog, this.#wish)
    const access = { storageUrl, token: issued.id }
    this.#given.set(access, issued)
    return access
  }

  refuse(access: Access): boolean {
    const issued = this.#given.get(access)
    if (issued) this.#session.forget(issued)
    return true
  }
}

/** How to log in by version 1. */
export interface Version1Login {
  readonly authAddress: string
  readonly user: string
  readonly key: string
  /** In place of the one that the log-in gives. */
  readonly storageUrl: string | null
  readonly headersTimeoutMs: number
  readonly renewBeforeMs: number
  readonly now?: () => number
}

/** An account by version 1 of the log-in: one GET with user and key (Swift, "Auth V1"). */
export class Version1Account implements Account {
  readonly #connections: Connections
  readonly #login: Version1Login
  readonly #renewal = new SingleFlight<Access>()
  #current: { readonly access: Access; readonly expiresAt: number } | null = null

  constructor(connections: Connections, login: Version1Login) {
    this.#connections = connections
    this.#login = login
  }

  async access(signal: AbortSignal): Promise<Access> {
    const current = this.#current
    if (current !== null && current.expiresAt - this.#login.renewBeforeMs > this.#now()) return current.access
    return this.#renewal.run('', signal, (shared) => this.#logIn(shared))
  }

  refuse(access: Access): boolean {
    if (this.#current?.access.token === access.token) this.#current = null
    return true
  }

  async #logIn(signal: AbortSignal): Promise<Access> {
    const { authAddress, user, key, headersTimeoutMs } = this.#login
    const { statusCode, headers, body } = await this.#connections.request({
      url: authAddress,
      method: 'GET',
      headers: { 'x-auth-user': user, 'x-auth-key': key },
      signal,
      headersTimeoutMs,
    })
    await body.dump()
    if (statusCode === 401 || statusCode === 403)
      throw new StoreError('FORBIDDEN', `Swift refused the log-in (${statusCode})`)
    if (statusCode >= 300) throw new StoreError('UNAVAILABLE', `logging in: ${failureOfStatus(statusCode).words}`)
    const token = headers['x-auth-token'] ?? headers['x-storage-token']
    const storageUrl = this.#login.storageUrl ?? headers['x-storage-url']
    if (typeof token !== 'string' || typeof storageUrl !== 'string' || !URL.canParse(storageUrl))
      throw new StoreError('UNAVAILABLE', `Swift answered the log-in with ${statusCode} and no token`)
    const seconds = Number(headers['x-auth-token-expires'] ?? Number.NaN)
    const expiresAt = Number.isNaN(seconds) ? Number.POSITIVE_INFINITY : this.#now() + seconds * 1000
    const access = { token, storageUrl: storageUrl.replace(/\/+$/, '') }
    this.#current = { access, expiresAt }
    return access
  }

  #now(): number {
    return (this.#login.now ?? Date.now)()
  }
}

/** An account that is reached with somebody's token, and when that is refused with those of another account, if there is one. */
export class TokenAccount implements Account {
  readonly #access: Access
  readonly #heir: Account | null
  #refused = false

  /** @param heir - gives tokens for the same storage URL */
  constructor(access: Access, heir: Account | null = null) {
    this.#access = access
    this.#heir = heir
  }

  async access(signal: AbortSignal): Promise<Access> {
    if (!this.#refused || this.#heir === null) return this.#access
    const { token } = await this.#heir.access(signal)
    return { token, storageUrl: this.#access.storageUrl }
  }

  refuse(access: Access): boolean {
    if (this.#heir === null) return false
    if (access === this.#access) this.#refused = true
    else this.#heir.refuse(access)
    return true
  }
}

/** An account at another storage URL, reached with the tokens of a first one. */
export class ElsewhereAccount implements Account {
  readonly #from: Account
  readonly #storageUrl: string
  readonly #given = new WeakMap<Access, Access>()

  constructor(from: Account, storageUrl: string) {
    this.#from = from
    this.#storageUrl = storageUrl
  }

  async access(signal: AbortSignal): Promise<Access> {
    const first = await this.#from.access(signal)
    const access = { token: first.token, storageUrl: this.#storageUrl }
    this.#given.set(access, first)
    return access
  }

  refuse(access: Access): boolean {
    return this.#from.refuse(this.#given.get(access) ?? access)
  }
}
