/**
 * Reading what Keystone says about a token (Identity API v3, "Validate and show information for token").
 *
 * Bodies of Identity API v2.0 (`access`) are read, too, as keystonemiddleware still does: clouds of that time have them in places.
 */
import { KeystoneError } from './errors.ts'

/** A domain, a project or a user by id and name. */
export interface Named {
  readonly id: string
  readonly name: string
}

/** One way to reach a service. */
export interface CatalogEndpoint {
  readonly interface: string
  readonly region: string | null
  readonly url: string
}

/** A service of the cloud. */
export interface CatalogService {
  readonly type: string
  readonly name: string | null
  readonly endpoints: readonly CatalogEndpoint[]
}

/** A request that an application credential may make. */
export interface AccessRule {
  readonly service: string
  readonly method: string
  readonly path: string
}

/** Whom a token stands for. */
export interface TokenIdentity {
  readonly user: Named & { readonly domain: Named | null }
  /** Null for a token of a domain, of the system or of nothing. */
  readonly project: (Named & { readonly domain: Named | null }) | null
  /** The domain that the token is for as a whole. */
  readonly domain: Named | null
  /** Whether the token is for the whole system. */
  readonly system: boolean
  /** Names as Keystone has them, implied ones included. */
  readonly roles: readonly string[]
  /** Milliseconds since 1970. */
  readonly expiresAt: number
  readonly catalog: readonly CatalogService[]
  /** The only requests that are allowed, or null without such a limit. */
  readonly accessRules: readonly AccessRule[] | null
  /** Whether the token counts only together with another proof, such as Kerberos. */
  readonly bound: boolean
}

/** The identity in a body of Keystone. @throws KeystoneError UNEXPECTED when something needed is missing */
export function parseToken(body: unknown): TokenIdentity {
  const access = member(body, 'access')
  return access === undefined ? parseV3(body) : parseV3(fromV2(access))
}

function parseV3(body: unknown): TokenIdentity {
  const token = member(body, 'token')
  const user = named(member(token, 'user'))
  const expiresAt = Date.parse(String(member(token, 'expires_at')))
  if (user === null || Number.isNaN(expiresAt))
    throw new KeystoneError('UNEXPECTED', 'Keystone described a token without a user or an expiry')
  const project = member(token, 'project')
  const scope = named(project)
  const rules = member(member(token, 'application_credential'), 'access_rules')
  return {
    user: { ...user, domain: named(member(member(token, 'user'), 'domain')) },
    project: scope === null ? null : { ...scope, domain: named(member(project, 'domain')) },
    domain: named(member(token, 'domain')),
    system: member(member(token, 'system'), 'all') === true,
    roles: listOf(member(token, 'roles')).flatMap((role) => texts(member(role, 'name'))),
    expiresAt,
    catalog: listOf(member(token, 'catalog')).map(service),
    accessRules: Array.isArray(rules) ? rules.map(accessRule) : null,
    bound: Object.keys(Object(member(token, 'bind') ?? {})).length > 0,
  }
}

/** The same in the words of version 3. Without a tenant there is no project, and so no right. */
function fromV2(access: unknown): unknown {
  const token = member(access, 'token')
  const user = member(access, 'user')
  const catalog = listOf(member(access, 'serviceCatalog')).map((each) => ({
    type: member(each, 'type'),
    name: member(each, 'name'),
    endpoints: listOf(member(each, 'endpoints')).flatMap((endpoint) =>
      ['public', 'internal', 'admin'].map((face) => ({
        interface: face,
        region: member(endpoint, 'region'),
        url: member(endpoint, `${face}URL`),
      })),
    ),
  }))
  return {
    token: {
      user: { id: member(user, 'id'), name: member(user, 'name') },
      expires_at: member(token, 'expires'),
      project: member(token, 'tenant'),
      roles: member(user, 'roles'),
      catalog,
      bind: member(token, 'bind'),
    },
  }
}

/** A service as bodies of v3 write it. */
export function service(value: unknown): CatalogService {
  return {
    type: text(member(value, 'type')) ?? '',
    name: text(member(value, 'name')),
    endpoints: listOf(member(value, 'endpoints')).flatMap((endpoint) => {
      const url = text(member(endpoint, 'url'))
      const face = text(member(endpoint, 'interface'))
      const region = text(member(endpoint, 'region_id')) ?? text(member(endpoint, 'region'))
      return url === null || face === null ? [] : [{ interface: face, region, url }]
    }),
  }
}

/** A rule that cannot be read allows nothing. */
function accessRule(value: unknown): AccessRule {
  return {
    service: text(member(value, 'service')) ?? '',
    method: text(member(value, 'method')) ?? '',
    path: text(member(value, 'path')) ?? '',
  }
}

/** What has an id and perhaps a name, else null. */
export function named(value: unknown): Named | null {
  const id = text(member(value, 'id'))
  return id === null ? null : { id, name: text(member(value, 'name')) ?? '' }
}

/** A member of something out of JSON; undefined of what has no members. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as Readonly<Record<string, unknown>>)[name]
}

/** A list out of JSON; what is none is empty. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Text out of JSON, else null. */
export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** Text out of JSON as a list of one, else an empty list. */
export function texts(value: unknown): string[] {
  return typeof value === 'string' ? [value] : []
}
