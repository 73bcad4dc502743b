/**
 * Ways to log in, out of the words that Keystone's own clients use (`auth_type`, `username`, `user_domain_name` …), and the request that each makes.
 */
import { KeystoneError } from './errors.ts'

/** The settings of a log-in. Empty texts count as absent. */
export interface LoginOptions {
  /** `password` (the default), `v3password`, `token`, `v3token`, `v3applicationcredential`, or `v2password` for an Identity API v2.0 that has no other. */
  readonly authType?: string | undefined
  readonly userId?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly userDomainId?: string | undefined
  readonly userDomainName?: string | undefined
  readonly token?: string | undefined
  readonly applicationCredentialId?: string | undefined
  readonly applicationCredentialName?: string | undefined
  readonly applicationCredentialSecret?: string | undefined
  readonly projectId?: string | undefined
  readonly projectName?: string | undefined
  readonly projectDomainId?: string | undefined
  readonly projectDomainName?: string | undefined
  /** Scope of a whole domain. */
  readonly domainId?: string | undefined
  readonly domainName?: string | undefined
  /** `all` for the scope of the whole system. */
  readonly systemScope?: string | undefined
  readonly trustId?: string | undefined
  /** Stands in for the domains of user and project when those are not set. */
  readonly defaultDomainId?: string | undefined
  readonly defaultDomainName?: string | undefined
}

type Json = Readonly<Record<string, unknown>>

/** Whether a log-in is one of Identity API v2.0. */
export function isVersion2(options: LoginOptions): boolean {
  return options.authType === 'v2password'
}

/**
 * The body of `POST /v3/auth/tokens`, or of `POST /v2.0/tokens` for `v2password`.
 *
 * @throws KeystoneError BAD_CONFIGURATION naming what is missing, without showing a value
 */
export function loginRequest(given: LoginOptions): Json {
  const options: LoginOptions = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== ''),
  )
  const type = options.authType ?? 'password'
  switch (type) {
    case 'password':
    case 'v3password':
      return withScope({ methods: ['password'], password: { user: passwordUser(options) } }, options)
    case 'token':
    case 'v3token':
      return withScope({ methods: ['token'], token: { id: needed(options.token, 'token') } }, options)
    case 'v3applicationcredential':
      // Its scope is its own; asking for one is refused by Keystone.
      return {
        auth: {
          identity: { methods: ['application_credential'], application_credential: applicationCredential(options) },
        },
      }
    case 'v2password':
      return version2Request(options)
    default:
      throw problem(
        `auth_type ${type} is not known; there are password, v3password, token, v3applicationcredential, v2password`,
      )
  }
}

function passwordUser(options: LoginOptions): Json {
  const password = needed(options.password, 'password')
  return { ...userOf(options), password }
}

function userOf(options: LoginOptions): Json {
  if (options.userId !== undefined) return { id: options.userId }
  const name = needed(options.username, 'username (or user_id)')
  return { name, domain: domainOf(options.userDomainId, options.userDomainName, options, 'user_domain_name') }
}

function applicationCredential(options: LoginOptions): Json {
  const secret = needed(options.applicationCredentialSecret, 'application_credential_secret')
  if (options.applicationCredentialId !== undefined) return { id: options.applicationCredentialId, secret }
  const name = needed(options.applicationCredentialName, 'application_credential_id (or application_credential_name)')
  return { name, secret, user: userOf(options) }
}

/** Version 2.0 has no domains, and no scope but a project, which it calls a tenant. */
function version2Request(options: LoginOptions): Json {
  const username = needed(options.username, 'username')
  const tenant = options.projectId === undefined ? { tenantName: options.projectName } : { tenantId: options.projectId }
  return { auth: { passwordCredentials: { username, password: needed(options.password, 'password') }, ...tenant } }
}

function withScope(identity: Json, options: LoginOptions): Json {
  const scope = scopeOf(options)
  return { auth: { identity, ...(scope === null ? {} : { scope }) } }
}

function scopeOf(options: LoginOptions): Json | null {
  const project = options.projectId !== undefined || options.projectName !== undefined
  const domain = options.domainId !== undefined || options.domainName !== undefined
  const asked = [project, domain, options.systemScope !== undefined, options.trustId !== undefined]
  if (asked.filter(Boolean).length > 1)
    throw problem('only one scope can be asked for: a project, a domain, system_scope or trust_id')
  if (options.trustId !== undefined) return { 'OS-TRUST:trust': { id: options.trustId } }
  if (options.systemScope !== undefined) {
    if (options.systemScope !== 'all') throw problem('system_scope can only be all')
    return { system: { all: true } }
  }
  if (options.projectId !== undefined) return { project: { id: options.projectId } }
  if (options.projectName !== undefined) {
    const { projectName: name, projectDomainId, projectDomainName } = options
    return { project: { name, domain: domainOf(projectDomainId, projectDomainName, options, 'project_domain_name') } }
  }
  if (options.domainId !== undefined) return { domain: { id: options.domainId } }
  return options.domainName === undefined ? null : { domain: { name: options.domainName } }
}

function domainOf(id: string | undefined, name: string | undefined, options: LoginOptions, option: string): Json {
  if (id !== undefined) return { id }
  if (name !== undefined) return { name }
  if (options.defaultDomainId !== undefined) return { id: options.defaultDomainId }
  return { name: needed(options.defaultDomainName, `${option} (or ${option.replace('_name', '_id')})`) }
}

function needed(value: string | undefined, option: string): string {
  if (value === undefined) throw problem(`${option} is not set`)
  return value
}

function problem(message: string): KeystoneError {
  return new KeystoneError('BAD_CONFIGURATION', message)
}
