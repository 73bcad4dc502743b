import { describe, expect, it } from 'vitest'
import { allowsRequest, endpointOf, validateToken } from '../src/index.ts'
import { aKeystone, aSession, never } from './support/sessions.ts'

describe('validateToken', () => {
  it('tells whom a token stands for', async () => {
    const fake = await aKeystone()
    fake.tokens.set('of-alice', { roles: ['member'], more: { catalog: [] } })

    const identity = await validateToken(aSession(fake), 'of-alice', { signal: never })

    expect(identity).toMatchObject({
      user: { id: 'alice', name: 'name of alice', domain: { id: 'default', name: 'Default' } },
      project: { id: 'one', domain: { id: 'default' } },
      domain: null,
      system: false,
      roles: ['member'],
      accessRules: null,
      bound: false,
    })
    expect(identity?.expiresAt).toBeGreaterThan(Date.now())
    expect(fake.requests.at(-1)).toMatchObject({
      path: '/v3/auth/tokens?nocatalog',
      headers: { 'x-subject-token': 'of-alice', 'openstack-identity-access-rules': '1' },
    })
  })

  it('reads bodies of Identity API v2.0, in which a token without a tenant has no project', async () => {
    const fake = await aKeystone()
    const session = aSession(fake)
    await session.token(never)
    fake.tokens.set('x', {})
    const endpoint = { region: 'one', publicURL: 'https://images/', internalURL: 'http://images' }
    const access = {
      token: { id: 'x', expires: '2099-01-01T00:00:00Z', tenant: { id: 'one', name: 'One' } },
      user: { id: 'alice', name: 'Alice', roles: [{ name: 'Member' }] },
      serviceCatalog: [{ type: 'image', name: 'glance', endpoints: [endpoint] }],
    }

    fake.faults.body = JSON.stringify({ access })
    const scoped = await validateToken(session, 'x', { signal: never })
    fake.faults.body = JSON.stringify({ access: { ...access, token: { id: 'x', expires: access.token.expires } } })
    const unscoped = await validateToken(session, 'x', { signal: never })

    expect(scoped).toMatchObject({ user: { id: 'alice' }, project: { id: 'one' }, roles: ['Member'] })
    expect(endpointOf(scoped?.catalog ?? [], { serviceType: 'image', interface: 'publicURL' })).toBe('https://images')
    expect(endpointOf(scoped?.catalog ?? [], { serviceType: 'image', interface: 'internal' })).toBe('http://images')
    expect(unscoped?.project).toBeNull()
  })

  it('answers null for a token that Keystone does not know, and for text that is none', async () => {
    const fake = await aKeystone()
    const session = aSession(fake)

    expect(await validateToken(session, 'wrong', { signal: never })).toBeNull()
    expect(await validateToken(session, 'line\r\nx-auth-token: forged', { signal: never })).toBeNull()
    expect(fake.count('checks')).toBe(1)
  })

  it('takes an expired token only when told to', async () => {
    const fake = await aKeystone()
    fake.tokens.set('old', { expiresIn: -1000 })
    const session = aSession(fake)

    expect(await validateToken(session, 'old', { signal: never })).toBeNull()
    expect(await validateToken(session, 'old', { signal: never, allowExpired: true })).toMatchObject({
      user: { id: 'alice' },
    })
  })

  it.each([
    [403, 'UNAUTHORIZED'],
    [500, 'UNAVAILABLE'],
    [418, 'UNEXPECTED'],
  ])('rejects when Keystone answers %i', async (status, code) => {
    const fake = await aKeystone()
    const session = aSession(fake)
    await session.token(never)
    fake.tokens.set('x', {})
    fake.faults.statuses.push(status)

    await expect(validateToken(session, 'secret-token', { signal: never })).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining('secret-token'),
    })
  })
})

describe('allowsRequest', () => {
  const allows = (path: string, asked: string, method = 'GET', service = 'image'): boolean =>
    allowsRequest([{ service: 'image', method: 'GET', path }], { service, method, path: asked })

  it.each([
    ['/v2/images', '/v2/images', true],
    ['/v2/images', '/v2/images/x', false],
    ['/v2/images/{image_id}', '/v2/images/x', true],
    ['/v2/images/{image_id}', '/v2/images/x/file', false],
    ['/v2/images/*', '/v2/images/x/file', false],
    ['/v2/*/x', '/v2/images/x', true],
    ['/v2/**', '/v2/images/x/file', true],
    ['/v2/im.ges', '/v2/images', false],
  ])('takes %s for %s: %s', (path, asked, expected) => {
    expect(allows(path, asked)).toBe(expected)
  })

  it('looks at method and service, and allows nothing without a rule', () => {
    expect(allows('/v2/**', '/v2/images', 'POST')).toBe(false)
    expect(allows('/v2/**', '/v2/images', 'GET', 'compute')).toBe(false)
    expect(allowsRequest([], { service: 'image', method: 'GET', path: '/' })).toBe(false)
  })
})

describe('endpointOf', () => {
  const endpoint = (face: string, region: string, url: string) => ({ interface: face, region, url })
  const catalog = [
    { type: 'compute', name: null, endpoints: [endpoint('public', 'one', 'http://nova')] },
    {
      type: 'image',
      name: 'glance',
      endpoints: [endpoint('public', 'one', 'http://public.one/'), endpoint('internal', 'two', 'http://internal.two')],
    },
  ]

  it('finds by type, interface and region', () => {
    expect(endpointOf(catalog, { serviceType: 'image' })).toBe('http://public.one')
    expect(endpointOf(catalog, { serviceType: 'image', interface: 'internalURL' })).toBe('http://internal.two')
    expect(endpointOf(catalog, { serviceType: 'image', interface: ['admin', 'public'], region: 'one' })).toBe(
      'http://public.one',
    )
  })

  it('says what the catalog lacks', () => {
    expect(() => endpointOf(catalog, { serviceType: 'image', region: 'two' })).toThrow(
      'the catalog has no public endpoint of image in region two',
    )
  })
})
