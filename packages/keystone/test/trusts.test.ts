import { describe, expect, it } from 'vitest'
import { catalogOf, endTrust, loginRequest, makeTrust, Session } from '../src/index.ts'
import { anIdentityService } from './support/identity-service.ts'
import { aConnection, never } from './support/sessions.ts'

describe('a log-in by Identity API v2.0', () => {
  const login = { authType: 'v2password', username: 'glance', password: 'hidden', projectName: 'service' }

  it('asks for a token of a tenant and reads its catalog', async () => {
    const service = await anIdentityService({
      'POST /v2.0/tokens': [
        200,
        {
          access: {
            token: { id: 'secret', expires: '2999-01-01T00:00:00Z', tenant: { id: 't', name: 'service' } },
            user: { id: 'u', name: 'glance', roles: [{ name: 'admin' }] },
            serviceCatalog: [
              {
                type: 'object-store',
                name: 'swift',
                endpoints: [{ publicURL: 'http://p', adminURL: 'http://a', region: 'R' }],
              },
            ],
          },
        },
      ],
    })

    const { id, identity } = await new Session(aConnection(service.url), login).token(never)

    expect(loginRequest(login)).toEqual({
      auth: { passwordCredentials: { username: 'glance', password: 'hidden' }, tenantName: 'service' },
    })
    expect(id).toBe('secret')
    expect(identity).toMatchObject({ project: { id: 't' }, roles: ['admin'] })
    expect(identity.catalog[0]?.endpoints).toEqual([
      { interface: 'public', region: 'R', url: 'http://p' },
      { interface: 'admin', region: 'R', url: 'http://a' },
    ])
  })

  it('is UNEXPECTED when there is no token in the answer', async () => {
    const service = await anIdentityService({ 'POST /v2.0/tokens': [200, {}] })

    const asking = new Session(aConnection(service.url), login).token(never)

    await expect(asking).rejects.toMatchObject({ code: 'UNEXPECTED' })
  })
})

const shown = {
  token: {
    user: { id: 'alice', name: 'Alice' },
    project: { id: 'one', name: 'One' },
    roles: [{ name: 'member' }],
    expires_at: '2999-01-01T00:00:00Z',
  },
}

describe('a trust', () => {
  it('is made with the roles of the token and ended again', async () => {
    const service = await anIdentityService({
      'GET /v3/auth/tokens?nocatalog': [200, shown],
      'POST /v3/OS-TRUST/trusts': [201, { trust: { id: 'a trust' } }],
      'DELETE /v3/OS-TRUST/trusts/a%20trust': [204, null],
    })
    const connection = aConnection(service.url)

    const trust = await makeTrust(connection, { token: 'of alice', trusteeUserId: 'glance' }, never)
    await endTrust(connection, trust, 'of alice', never)

    expect(service.bodies).toContainEqual({
      trust: {
        trustor_user_id: 'alice',
        trustee_user_id: 'glance',
        project_id: 'one',
        impersonation: true,
        roles: [{ name: 'member' }],
      },
    })
  })

  it.each([
    ['the token is refused', {}],
    ['trusts are forbidden', { 'GET /v3/auth/tokens?nocatalog': [200, shown] }],
    [
      'the token has no project',
      { 'GET /v3/auth/tokens?nocatalog': [200, { token: { ...shown.token, project: null } }] },
    ],
  ] as const)('is UNAUTHORIZED when %s', async (_name, answers) => {
    const service = await anIdentityService({ 'POST /v3/OS-TRUST/trusts': [403, {}], ...answers })

    const making = makeTrust(aConnection(service.url), { token: 'hidden', trusteeUserId: 'glance' }, never)

    await expect(making).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    await expect(making).rejects.not.toThrow('hidden')
  })
})

describe('catalogOf', () => {
  it('asks with the token itself', async () => {
    const endpoints = [{ interface: 'public', region_id: 'R', url: 'http://p' }]
    const service = await anIdentityService({
      'GET /v3/auth/catalog': [200, { catalog: [{ type: 'object-store', name: 'swift', endpoints }] }],
    })

    expect(await catalogOf(aConnection(service.url), 'hidden', never)).toEqual([
      { type: 'object-store', name: 'swift', endpoints: [{ interface: 'public', region: 'R', url: 'http://p' }] },
    ])
  })

  it('is UNAUTHORIZED for a token that is refused', async () => {
    const service = await anIdentityService({ 'GET /v3/auth/catalog': [401, {}] })

    const asking = catalogOf(aConnection(service.url), 'hidden', never)

    await expect(asking).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  })
})
