/**
 * A logged-in program: one token, got when it is first needed and renewed shortly before it expires or when Keystone no longer takes it.
 */

import { isVersion2, type LoginOptions, loginRequest } from './auth-methods.ts'
import type { KeystoneAnswer, KeystoneConnection, KeystoneRequest } from './connection.ts'
import { KeystoneError } from './errors.ts'
import { SingleFlight } from './single-flight.ts'
import { parseToken, type TokenIdentity } from './token-body.ts'
import { parseVersion2Token } from './version2.ts'

/** A token and what it stands for. */
export interface IssuedToken {
  /** The secret itself: for headers alone. */
  readonly id: string
  readonly identity: TokenIdentity
}

/** How a session keeps its token. */
export interface SessionOptions {
  /** Milliseconds before its expiry from which a token is renewed, so that whoever gets it can still use it. 30,000 by default. */
  readonly renewBeforeMs?: number | undefined
  readonly now?: (() => number) | undefined
}

export class Session {
  readonly connection: KeystoneConnection
  readonly #login: Readonly<Record<string, unknown>>
  readonly #version2: boolean
  readonly #renewBeforeMs: number
  readonly #now: () => number
  readonly #renewal = new SingleFlight<IssuedToken>()
  #current: IssuedToken | null = null

  /** @throws KeystoneError BAD_CONFIGURATION when the log-in lacks something; nothing is sent yet */
  constructor(connection: KeystoneConnection, login: LoginOptions, options: SessionOptions = {}) {
    this.connection = connection
    this.#login = loginRequest(login)
    this.#version2 = isVersion2(login)
    this.#renewBeforeMs = options.renewBeforeMs ?? 30_000
    this.#now = options.now ?? Date.now
  }

  /**
   * A token that is good for a while. All who ask while there is none wait for one log-in.
   *
   * @throws KeystoneError UNAUTHORIZED | UNAVAILABLE | TIMEOUT | ABORTED | UNEXPECTED
   */
  async token(signal: AbortSignal): Promise<IssuedToken> {
    const current = this.#current
    if (current !== null && current.identity.expiresAt - this.#renewBeforeMs > this.#now()) return current
    return this.#renewal.run('', signal, (shared) => this.#renew(shared))
  }

  /** Forgets a token that was refused. Does nothing when there is a newer one already. */
  forget(refused: IssuedToken): void {
    if (this.#current === refused) this.#current = null
  }

  /**
   * Sends a request in the session's name. On 401 it logs in again, once, and repeats the request.
   *
   * @throws KeystoneError UNAUTHORIZED when a new token is refused, too; else as `token` and `KeystoneConnection.request`
   */
  async request(request: KeystoneRequest): Promise<KeystoneAnswer> {
    for (const again of [true, false]) {
      const token = await this.token(request.signal)
      const headers = { ...request.headers, 'x-auth-token': token.id }
      const answer = await this.connection.request({ ...request, headers })
      if (answer.status !== 401) return answer
      this.forget(token)
      if (!again) break
    }
    throw new KeystoneError('UNAUTHORIZED', 'Keystone refuses the token that it has just issued')
  }

  async #renew(signal: AbortSignal): Promise<IssuedToken> {
    const answer = await this.connection.request({
      method: 'POST',
      path: this.#version2 ? '/tokens' : '/auth/tokens',
      body: this.#login,
      signal,
      ...(this.#version2 ? { version: 'v2.0' as const } : {}),
    })
    if (answer.status === 401 || answer.status === 403)
      throw new KeystoneError('UNAUTHORIZED', `Keystone refused the log-in (${answer.status})`)
    const issued = this.#version2 ? parseVersion2Token(answer) : issuedBy(answer)
    if (issued === null)
      throw new KeystoneError('UNEXPECTED', `Keystone answered the log-in with ${answer.status} and no token`)
    this.#current = issued
    return issued
  }
}

function issuedBy({ status, headers, body }: KeystoneAnswer): IssuedToken | null {
  const id = headers['x-subject-token']
  return status === 201 && typeof id === 'string' ? { id, identity: parseToken(body) } : null
}
