import { KeystoneError } from './errors.ts'
import type { Session } from './session.ts'
import { parseToken, type TokenIdentity } from './token-body.ts'

/** How a token is to be checked. */
export interface ValidateOptions {
  readonly signal: AbortSignal
  /** Take a token that has expired not too long ago. Only for requests that come with a good service token. */
  readonly allowExpired?: boolean
  /** Ask for the catalog, too. Off by default. */
  readonly catalog?: boolean
}

/**
 * Asks Keystone whom a token stands for.
 *
 * Keystone is told that access rules are obeyed here, so whoever calls this has to do it (`allowsRequest`).
 *
 * @returns null when the token is wrong, revoked or expired
 * @throws KeystoneError UNAUTHORIZED when the session's own credentials are refused | UNAVAILABLE | TIMEOUT | ABORTED | UNEXPECTED
 */
export async function validateToken(
  session: Session,
  token: string,
  options: ValidateOptions,
): Promise<TokenIdentity | null> {
  // A header cannot hold it, so it is no token.
  if (!/^[\x21-\x7e]+$/.test(token)) return null
  const query = [...(options.catalog ? [] : ['nocatalog']), ...(options.allowExpired ? ['allow_expired=1'] : [])]
  const answer = await session.request({
    method: 'GET',
    path: `/auth/tokens${query.length > 0 ? `?${query.join('&')}` : ''}`,
    headers: { 'x-subject-token': token, 'openstack-identity-access-rules': '1' },
    signal: options.signal,
  })
  if (answer.status === 404) return null
  if (answer.status === 403)
    throw new KeystoneError('UNAUTHORIZED', 'the service user may not check tokens: it needs the role service or admin')
  if (answer.status !== 200)
    throw new KeystoneError('UNEXPECTED', `Keystone answered the check of a token with ${answer.status}`)
  return parseToken(answer.body)
}
