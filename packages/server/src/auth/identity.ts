/** Who is behind a request. */
export interface Identity {
  readonly user: string | null
  readonly project: string | null
  /** Lower case. */
  readonly roles: readonly string[]
}

/** Finds out who is behind a request. Other ways in (Keystone) are other authenticators. */
export interface Authenticator {
  /** For `WWW-Authenticate` of a 401. */
  readonly challenge: string
  /** The identity behind a token, or null when the token is missing or unknown. */
  identify(token: string | null): Promise<Identity | null>
}

/** What a role brings along, as Keystone's role implication has it by default. */
const implied: Readonly<Record<string, readonly string[]>> = { admin: ['member', 'reader'], member: ['reader'] }

/** Roles in lower case, each once, with those they imply. */
export function withImpliedRoles(roles: readonly string[]): readonly string[] {
  const given = roles.map((role) => role.toLowerCase())
  return [...new Set(given.flatMap((role) => [role, ...(implied[role] ?? [])]))]
}
