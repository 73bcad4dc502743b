/** Tokens of Identity API v2.0, which left Keystone in its release Queens and lives on in products that copied it. */
import type { KeystoneAnswer } from './connection.ts'
import type { IssuedToken } from './session.ts'
import { type CatalogService, listOf, member, named, text, texts } from './token-body.ts'

const faces = { publicURL: 'public', internalURL: 'internal', adminURL: 'admin' } as const

/** What an answer to `POST /v2.0/tokens` issues, null when it is no token. */
export function parseVersion2Token({ status, body }: KeystoneAnswer): IssuedToken | null {
  const access = member(body, 'access')
  const token = member(access, 'token')
  const id = text(member(token, 'id'))
  const user = named(member(access, 'user'))
  const expiresAt = Date.parse(String(member(token, 'expires')))
  if (status !== 200 || id === null || user === null || Number.isNaN(expiresAt)) return null
  const project = named(member(token, 'tenant'))
  return {
    id,
    identity: {
      user: { ...user, domain: null },
      project: project === null ? null : { ...project, domain: null },
      domain: null,
      system: false,
      roles: listOf(member(member(access, 'user'), 'roles')).flatMap((role) => texts(member(role, 'name'))),
      expiresAt,
      catalog: listOf(member(access, 'serviceCatalog')).map(service),
      accessRules: null,
      bound: false,
    },
  }
}

/** One endpoint of v2.0 has an address for each interface. */
function service(value: unknown): CatalogService {
  return {
    type: text(member(value, 'type')) ?? '',
    name: text(member(value, 'name')),
    endpoints: listOf(member(value, 'endpoints')).flatMap((endpoint) =>
      Object.entries(faces).flatMap(([name, face]) => {
        const url = text(member(endpoint, name))
        return url === null ? [] : [{ interface: face, region: text(member(endpoint, 'region')), url }]
      }),
    ),
  }
}
