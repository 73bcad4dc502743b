/** Who is behind a request. */
export interface Identity {
  readonly user: string | null
  readonly project: string | null
  /** Lower case. */
  readonly roles: readonly string[]
  /** The caller's own token where backends of the same cloud take it, so one of Keystone; absent for tokens that are this server's alone, which nobody else may get. */
  readonly token?: string
  /** Roles of the service whose token came along, lower case; absent without one. */
  readonly serviceRoles?: readonly string[]
  /** May look and not touch. */
  readonly readOnly?: boolean
}

/** Who comes without a good token where that is allowed (`allow_anonymous_access`). */
export const anonymous: Identity = { user: null, project: null, roles: [], readOnly: true }

/** What an authenticator may look at beside the token. Headers that claim an identity (`X-Roles` and the like) are not among it. */
export interface Credentials {
  /** `X-Service-Token`: another service's own token, sent along with its user's. */
  readonly serviceToken: string | null
  readonly method: string
  /** As the client wrote it, without the query. */
  readonly path: string
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** Finds out who is behind a request. Other ways in (Keystone) are other authenticators. */
export interface Authenticator {
  /** For `WWW-Authenticate` of a 401. */
  readonly challenge: string
  /**
   * The identity behind a token, or null when the token is missing or unknown.
   *
   * @throws AuthenticationUnavailableError when it cannot be found out now; that is 503, not 401
   */
  identify(token: string | null, credentials: Credentials): Promise<Identity | null>
}

/** Who asks cannot be found out now, through no fault of the caller's. */
export class AuthenticationUnavailableError extends Error {
  override readonly name = 'AuthenticationUnavailableError'
}

/** What a role brings along, as Keystone's role implication has it by default. */
const implied: Readonly<Record<string, readonly string[]>> = { admin: ['member', 'reader'], member: ['reader'] }

/** Roles in lower case, each once, with those they imply. */
export function withImpliedRoles(roles: readonly string[]): readonly string[] {
  const given = roles.map((role) => role.toLowerCase())
  return [...new Set(given.flatMap((role) => [role, ...(implied[role] ?? [])]))]
}
