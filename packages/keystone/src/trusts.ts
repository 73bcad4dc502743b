/**
 * Trusts: what lets a service act for a user after the user's token has expired (Identity API v3, "OS-TRUST API").
 *
 * The user's token makes the trust, so it has to be made while that is still good. Its trustee logs in with `trustId` for as long as the trust is there.
 */
import type { KeystoneConnection } from './connection.ts'
import { KeystoneError } from './errors.ts'
import { member, parseToken, text } from './token-body.ts'

/** A trust that somebody made. */
export interface Trust {
  readonly id: string
}

/**
 * Makes a trust from the user of a token, with all roles of that token in its project, to another user.
 *
 * @param token - of the user who trusts; a secret
 * @param trusteeUserId - who is trusted
 * @throws KeystoneError UNAUTHORIZED when Keystone does not allow it (a token of an application credential or of another trust, say); as `KeystoneConnection.request`
 */
export async function makeTrust(
  connection: KeystoneConnection,
  { token, trusteeUserId }: { readonly token: string; readonly trusteeUserId: string },
  signal: AbortSignal,
): Promise<Trust> {
  const headers = { 'x-auth-token': token }
  const shown = await connection.request({
    method: 'GET',
    path: '/auth/tokens?nocatalog',
    headers: { ...headers, 'x-subject-token': token },
    signal,
  })
  if (shown.status !== 200) throw refused('did not show the token', shown.status)
  const { user, project, roles } = parseToken(shown.body)
  if (project === null) throw new KeystoneError('UNAUTHORIZED', 'a token without a project can make no trust')
  const made = await connection.request({
    method: 'POST',
    path: '/OS-TRUST/trusts',
    headers,
    body: {
      trust: {
        trustor_user_id: user.id,
        trustee_user_id: trusteeUserId,
        project_id: project.id,
        impersonation: true,
        roles: roles.map((name) => ({ name })),
      },
    },
    signal,
  })
  const id = text(member(member(made.body, 'trust'), 'id'))
  if (made.status !== 201 || id === null) throw refused('did not make the trust', made.status)
  return { id }
}

/**
 * Ends a trust. One that is gone is no error.
 *
 * @param token - of the user who trusts, which may have been issued for the trust itself (it impersonates)
 * @throws KeystoneError as `makeTrust`
 */
export async function endTrust(
  connection: KeystoneConnection,
  { id }: Trust,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const { status } = await connection.request({
    method: 'DELETE',
    path: `/OS-TRUST/trusts/${encodeURIComponent(id)}`,
    headers: { 'x-auth-token': token },
    signal,
  })
  if (status !== 204 && status !== 404) throw refused('did not end the trust', status)
}

function refused(what: string, status: number): KeystoneError {
  return new KeystoneError('UNAUTHORIZED', `Keystone ${what} (${status})`)
}
