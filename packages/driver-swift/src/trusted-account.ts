import { endTrust, type IssuedToken, type LoginOptions, makeTrust, Session } from '@glance/keystone'
import { type Access, type Account, TokenAccount } from './account.ts'

/** What a trust needs. */
export interface TrustSetup {
  /** Of the user. */
  readonly account: Account
  /** Of the user. A secret. */
  readonly token: string
  /** Of the service user who is trusted. */
  readonly session: Session
  /** How the service user logs in, without a project. */
  readonly login: LoginOptions
  readonly renewBeforeMs: number
}

/**
 * An account that goes on, when its user's token is refused, with tokens of a trust that the user's token made before.
 *
 * @throws KeystoneError when there can be no trust
 */
export async function trusting(
  { account, token, session, login, renewBeforeMs }: TrustSetup,
  signal: AbortSignal,
): Promise<{ readonly account: Account; readonly end: (signal: AbortSignal) => Promise<void> }> {
  const { connection } = session
  const { user } = (await session.token(signal)).identity
  const trust = await makeTrust(connection, { token, trusteeUserId: user.id }, signal)
  const trusted = new Session(connection, { ...login, trustId: trust.id }, { renewBeforeMs })
  const { storageUrl } = await account.access(signal)
  let given: IssuedToken | null = null
  const heir: Account = {
    async access(inner): Promise<Access> {
      given = await trusted.token(inner)
      return { storageUrl, token: given.id }
    },
    refuse(access) {
      if (given?.id === access.token) trusted.forget(given)
      return true
    },
  }
  return {
    account: new TokenAccount({ storageUrl, token }, heir),
    end: async (inner) => endTrust(connection, trust, (await trusted.token(inner)).id, inner),
  }
}
