import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeKeystone, goodPassword, startFakeKeystone, tlsFile } from '../../../../test/support/fake-keystone.ts'
import { type KeystoneAuthenticator, keystoneAuthenticator } from '../../src/auth/keystone.ts'
import { loadConfig } from '../../src/config/load.ts'
import { openApi } from '../support/api.ts'
import { credentials } from '../support/credentials.ts'

let fake: FakeKeystone
const open: KeystoneAuthenticator[] = []

beforeEach(async () => {
  fake = await startFakeKeystone()
})
afterEach(async () => {
  for (const authenticator of open.splice(0)) await authenticator.close()
  await fake.stop()
})

/** An authenticator at the fake, with options of `[keystone_authtoken]`. */
function authenticator(options: Readonly<Record<string, string>> = {}): KeystoneAuthenticator {
  const { values, keystoneLogin } = loadConfig({
    configFiles: [],
    configDirs: [],
    environment: {},
    overrides: {
      keystone_authtoken: {
        auth_url: fake.url,
        username: 'glance',
        password: goodPassword,
        user_domain_name: 'Default',
        http_request_max_retries: '0',
        ...options,
      },
    },
  })
  const made = keystoneAuthenticator(values.keystone_authtoken, keystoneLogin, { warn: () => {} })
  open.push(made)
  return made
}

describe('keystoneAuthenticator', () => {
  it('knows whom a token stands for, with the token for stores that take it, and asks Keystone once', async () => {
    fake.tokens.set('of-alice', { roles: ['Member', 'reader'] })
    const keystone = authenticator()

    for (const _ of [1, 2])
      expect(await keystone.identify('of-alice', credentials())).toEqual({
        user: 'alice',
        project: 'one',
        roles: ['member', 'reader'],
        token: 'of-alice',
      })
    expect(fake.count('checks')).toBe(1)
  })

  it('refuses tokens that are missing, wrong or expired', async () => {
    fake.tokens.set('old', { expiresIn: -1000 })
    const keystone = authenticator()

    for (const token of [null, '', 'wrong', 'old']) expect(await keystone.identify(token, credentials())).toBeNull()
  })

  it('gives no roles to tokens of the system or of a domain', async () => {
    fake.tokens.set('of-root', { project: null, roles: ['admin'], more: { system: { all: true } } })

    expect(await authenticator().identify('of-root', credentials())).toMatchObject({ project: null, roles: [] })
  })

  it('lets a good service token carry an expired token of a user to its end', async () => {
    fake.tokens.set('old', { expiresIn: -1000 })
    fake.tokens.set('nova', { user: 'nova', roles: ['service'] })
    const keystone = authenticator()

    expect(await keystone.identify('old', credentials())).toBeNull()
    expect(await keystone.identify('old', credentials({ serviceToken: 'nova' }))).toMatchObject({
      user: 'alice',
      serviceRoles: ['service'],
    })
  })

  it('refuses a good user beside a service token that is wrong, or lacks the role unless that is not required', async () => {
    fake.tokens.set('of-alice', {})
    fake.tokens.set('old', { expiresIn: -1000 })
    fake.tokens.set('plain', { user: 'bob', roles: ['member'] })
    const keystone = authenticator()
    const lax = authenticator({ service_token_roles_required: 'false' })

    expect(await keystone.identify('of-alice', credentials({ serviceToken: 'wrong' }))).toBeNull()
    expect(await keystone.identify('of-alice', credentials({ serviceToken: 'plain' }))).toBeNull()
    expect(await lax.identify('of-alice', credentials({ serviceToken: 'plain' }))).toMatchObject({ user: 'alice' })
    expect(await lax.identify('old', credentials({ serviceToken: 'plain' }))).toBeNull()
  })

  it('obeys the access rules of an application credential', async () => {
    const rules = [{ service: 'image', method: 'GET', path: '/v2/images' }]
    fake.tokens.set('narrow', { more: { application_credential: { id: 'x', access_rules: rules } } })
    const keystone = authenticator()

    expect(await keystone.identify('narrow', credentials())).toMatchObject({ user: 'alice' })
    expect(await keystone.identify('narrow', credentials({ method: 'POST' }))).toBeNull()
    expect(await keystone.identify('narrow', credentials({ path: '/v2/images/x' }))).toBeNull()
  })

  it('refuses bound tokens unless told otherwise', async () => {
    fake.tokens.set('bound', { more: { bind: { kerberos: 'alice' } } })

    expect(await authenticator().identify('bound', credentials())).toBeNull()
    expect(await authenticator({ enforce_token_bind: 'disabled' }).identify('bound', credentials())).not.toBeNull()
  })
})

describe('the API behind Keystone', () => {
  it('trusts the authorities of cafile, and nobody else', async () => {
    await using secure = await startFakeKeystone({ tls: true })
    secure.tokens.set('of-alice', {})
    const trusting = authenticator({ auth_url: secure.url, cafile: tlsFile('authority.pem') })
    const usual = authenticator({ auth_url: secure.url })

    expect(await trusting.identify('of-alice', credentials())).toMatchObject({ user: 'alice' })
    await expect(usual.identify('of-alice', credentials())).rejects.toThrow(
      'The identity service cannot check tokens at the moment.',
    )
  })

  it('logs in with the names of old configurations', async () => {
    const old = {
      identity_uri: fake.url,
      admin_user: 'glance',
      admin_password: goodPassword,
      admin_tenant_name: 'service',
    }
    const { values, keystoneLogin } = loadConfig({
      configFiles: [],
      configDirs: [],
      environment: {},
      overrides: { keystone_authtoken: old },
    })
    fake.tokens.set('of-alice', {})
    const made = keystoneAuthenticator(values.keystone_authtoken, keystoneLogin, { warn: () => {} })
    open.push(made)

    expect(await made.identify('of-alice', credentials())).toMatchObject({ user: 'alice' })
    expect(fake.requests[0]?.body).toMatchObject({
      auth: {
        identity: { password: { user: { name: 'glance', domain: { id: 'default' } } } },
        scope: { project: { name: 'service', domain: { id: 'default' } } },
      },
    })
  })

  it('answers 401 with the address of Keystone', async () => {
    await using api = await openApi({ authenticator: authenticator({ www_authenticate_uri: 'https://keystone/v3' }) })

    const answer = await api.call(null, 'GET', '/v2/images', { headers: { 'x-auth-token': 'wrong' } })
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Keystone uri="https://keystone/v3"'])
  })

  it('believes no header that claims an identity (OSSA-2026-001)', async () => {
    fake.tokens.set('of-rita', { user: 'rita', roles: ['reader'] })
    await using api = await openApi({ authenticator: authenticator() })
    const forged = {
      'x-identity-status': 'Confirmed',
      'x-roles': 'admin,member',
      'x-role': 'admin',
      'x-user-id': 'root',
      'x-project-id': 'two',
      'x-tenant-id': 'two',
      'x-service-roles': 'service',
      'openstack-system-scope': 'all',
      'x-is-admin-project': 'True',
    }

    const stranger = await api.call(null, 'GET', '/v2/images', { headers: forged })
    const reader = await api.call(null, 'POST', '/v2/images', {
      headers: { ...forged, 'x-auth-token': 'of-rita' },
      payload: { name: 'mine' },
    })

    expect([stranger.statusCode, reader.statusCode]).toEqual([401, 403])
  })

  it('answers 503 while Keystone is away, and goes on for tokens it knows', async () => {
    fake.tokens.set('of-alice', {})
    await using api = await openApi({ authenticator: authenticator() })
    const list = async (token: string): Promise<number> =>
      (await api.call(null, 'GET', '/v2/images', { headers: { 'x-auth-token': token } })).statusCode

    expect(await list('of-alice')).toBe(200)
    await fake.stop()
    expect([await list('of-alice'), await list('new')]).toEqual([200, 503])
  })
})
