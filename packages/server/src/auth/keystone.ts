/**
 * Tokens of Keystone.
 *
 * Service token first, then the user's: a request whose service token is wrong is refused however good the user's is. Answers are cached, so a Keystone that is away stops only tokens that were not seen lately.
 * Headers in which a client claims to be somebody are never looked at: whom a token stands for is what Keystone says.
 */

import type { Logger } from '@glance/core'
import {
  allowsRequest,
  isKeystoneError,
  KeystoneConnection,
  Session,
  TokenCache,
  type TokenIdentity,
  validateToken,
} from '@glance/keystone'
import type { KeystoneLogin } from '../config/load.ts'
import type { ConfigValues } from '../config/tables/groups.ts'
import { AuthenticationUnavailableError, type Authenticator, type Credentials, type Identity } from './identity.ts'

/** An authenticator that holds connections. */
export interface KeystoneAuthenticator extends Authenticator {
  close(): Promise<void>
}

/**
 * Lets in whoever has a token that Keystone vouches for. Nothing is asked of Keystone before the first request.
 *
 * @throws KeystoneError BAD_CONFIGURATION when the log-in lacks something or a file cannot be read
 */
export function keystoneAuthenticator(
  options: ConfigValues['keystone_authtoken'],
  account: KeystoneLogin,
  logger: Pick<Logger, 'warn'>,
): KeystoneAuthenticator {
  const timeoutMs = options.httpConnectTimeout === undefined ? undefined : options.httpConnectTimeout * 1000
  const connection = new KeystoneConnection({
    authUrl: account.authUrl ?? '',
    caFile: options.cafile,
    insecure: options.insecure,
    certFile: options.certfile,
    keyFile: options.keyfile,
    connectTimeoutMs: timeoutMs,
    requestTimeoutMs: timeoutMs,
    retries: options.httpRequestMaxRetries,
  })
  const session = new Session(connection, account)
  const cache = new TokenCache({ ttlMs: options.tokenCacheTime * 1000 })
  const serviceRoles = new Set(options.serviceTokenRoles.map((role) => role.toLowerCase()))

  const find = async (token: string, signal: AbortSignal, allowExpired: boolean): Promise<TokenIdentity | null> => {
    try {
      const variant = allowExpired ? 'allow expired' : ''
      return await cache.identity(token, variant, signal, (shared) =>
        validateToken(session, token, { signal: shared, allowExpired }),
      )
    } catch (error) {
      if (!isKeystoneError(error)) throw error
      if (error.code !== 'ABORTED') logger.warn({ err: error, code: error.code }, 'a token cannot be checked')
      throw new AuthenticationUnavailableError('The identity service cannot check tokens at the moment.', {
        cause: error,
      })
    }
  }
  const bindAccepted = (identity: TokenIdentity): boolean => !identity.bound || options.enforceTokenBind === 'disabled'
  const unexpired = (identity: TokenIdentity): boolean => identity.expiresAt > Date.now()

  return {
    challenge: `Keystone uri="${(options.wwwAuthenticateUri ?? account.authUrl ?? '').replace(/["\\]/g, '')}"`,
    close: () => connection.close(),
    async identify(token, credentials) {
      if (token === null || token === '') return null
      const { serviceToken, signal } = credentials
      let trusted = false
      let actingRoles: readonly string[] = []
      if (serviceToken !== null && serviceToken !== '') {
        const service = await find(serviceToken, signal, false)
        if (service === null || !unexpired(service) || !bindAccepted(service)) return null
        trusted = service.roles.some((role) => serviceRoles.has(role.toLowerCase()))
        if (!trusted && options.serviceTokenRolesRequired) return null
        actingRoles = identityOf(service).roles
      }
      const found = await find(token, signal, trusted)
      if (found === null || !bindAccepted(found) || (!trusted && !unexpired(found))) return null
      if (!trusted && !obeysRules(found, options.serviceType, credentials)) return null
      return { ...identityOf(found), token, ...(actingRoles.length > 0 ? { serviceRoles: actingRoles } : {}) }
    },
  }
}

/** A request that a service sends on a user's behalf is not the one that the user's rules speak of. */
function obeysRules({ accessRules }: TokenIdentity, service: string, { method, path }: Credentials): boolean {
  return accessRules === null || allowsRequest(accessRules, { service, method, path })
}

/** Roles count within a project. Those of a domain or of the whole system give no rights to images, as in Glance, whose rules have the scope of a project. */
function identityOf({ user, project, roles }: TokenIdentity): Identity {
  return {
    user: user.id,
    project: project?.id ?? null,
    roles: project === null ? [] : [...new Set(roles.map((role) => role.toLowerCase()))],
  }
}
