import { describe, expect, it } from 'vitest'
import type { FakeKeystone } from '../../../test/support/fake-keystone.ts'
import { isKeystoneError, type LimitsOptions, ProjectLimits } from '../src/index.ts'
import { aKeystone, aSession, never } from './support/sessions.ts'

const filters = 'service_id=svc&region_id=R1'

/** A Keystone in which two resources are registered, and project one has a limit of its own. */
async function aKeystoneWithLimits(): Promise<FakeKeystone> {
  const fake = await aKeystone()
  const put = (path: string, body: unknown) => fake.documents.set(path, body)
  put('/limits/model', { model: { name: 'flat' } })
  put('/endpoints/ep', { endpoint: { id: 'ep', service_id: 'svc', region_id: 'R1' } })
  put('/services?type=image', { services: [{ id: 'svc' }] })
  put('/endpoints?service_id=svc&interface=internal&region_id=R1', {
    endpoints: [{ service_id: 'svc', region_id: 'R1' }],
  })
  put(`/registered_limits?${filters}`, {
    registered_limits: [
      { resource_name: 'image_count_total', default_limit: 10 },
      { resource_name: 'image_size_total', default_limit: 1000 },
    ],
  })
  put(`/limits?project_id=one&${filters}`, { limits: [{ resource_name: 'image_count_total', resource_limit: 3 }] })
  for (const project of ['two', 'three']) put(`/limits?project_id=${project}&${filters}`, { limits: [] })
  return fake
}

function limitsOf(fake: FakeKeystone, options: Partial<LimitsOptions> = {}): ProjectLimits {
  return new ProjectLimits(aSession(fake), { endpoint: { id: 'ep' }, ...options })
}

const asked = (fake: FakeKeystone, part: string) => fake.requests.filter(({ path }) => path.includes(part)).length

/** The code that a call fails with. */
async function codeOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return isKeystoneError(error) ? error.code : error
}

describe('ProjectLimits', () => {
  it('gives a project its own limits before the registered ones, and nobody else', async () => {
    const limits = limitsOf(await aKeystoneWithLimits())

    expect(Object.fromEntries(await limits.of('one', never))).toEqual({ image_count_total: 3, image_size_total: 1000 })
    expect(Object.fromEntries(await limits.of('two', never))).toEqual({ image_count_total: 10, image_size_total: 1000 })
    expect((await limits.of(null, never)).get('image_count_total')).toBe(10)
  })

  it('finds the endpoint by type of service, interface and region, too', async () => {
    const endpoint = { serviceType: 'image', interface: 'internalURL', region: 'R1' }
    const limits = limitsOf(await aKeystoneWithLimits(), { endpoint })

    expect((await limits.of('one', never)).get('image_count_total')).toBe(3)
  })

  it('asks about an endpoint without a region for limits without one', async () => {
    const fake = await aKeystoneWithLimits()
    fake.documents.set('/endpoints/ep', { endpoint: { service_id: 'svc', region_id: null } })
    fake.documents.set('/registered_limits?service_id=svc', { registered_limits: [] })

    expect((await limitsOf(fake).of(null, never)).size).toBe(0)
  })

  it('keeps answers for a while and asks once for all who wait', async () => {
    const fake = await aKeystoneWithLimits()
    let now = 0
    const limits = limitsOf(fake, { ttlMs: 10, now: () => now })

    await Promise.all([1, 2, 3].map(() => limits.of('one', never)))
    now = 9
    await limits.of('one', never)
    expect([asked(fake, 'registered_limits'), asked(fake, 'project_id=one')]).toEqual([1, 1])

    now = 10
    fake.documents.set(`/limits?project_id=one&${filters}`, { limits: [] })
    expect((await limits.of('one', never)).get('image_count_total')).toBe(10)
    expect([asked(fake, 'registered_limits'), asked(fake, 'project_id=one'), asked(fake, 'endpoints')]).toEqual([
      2, 2, 1,
    ])
  })

  it('keeps so many projects at most, and forgets the one that was asked for longest ago', async () => {
    const fake = await aKeystoneWithLimits()
    const limits = limitsOf(fake, { capacity: 2 })

    for (const project of ['one', 'two', 'one', 'three', 'one', 'two']) await limits.of(project, never)

    expect(limits.size).toBe(3)
    expect(['one', 'two', 'three'].map((project) => asked(fake, `project_id=${project}`))).toEqual([1, 2, 1])
  })

  it('refuses an enforcement model in which a tree of projects has one limit', async () => {
    const fake = await aKeystoneWithLimits()
    fake.documents.set('/limits/model', { model: { name: 'strict_two_level' } })

    expect(await codeOf(limitsOf(fake).of('one', never))).toBe('BAD_CONFIGURATION')
  })

  it.each([
    ['an endpoint that is not there', { id: 'gone' }],
    ['no service that fits', { serviceType: 'other', interface: 'public' }],
    ['several services that fit', { serviceType: 'volume', interface: 'public' }],
    ['no endpoint that fits', { serviceType: 'image', interface: 'public' }],
  ] as const)('says NO_ENDPOINT for %s', async (_what, endpoint) => {
    const fake = await aKeystoneWithLimits()
    fake.documents.set('/services?type=other', { services: [] })
    fake.documents.set('/services?type=volume', { services: [{ id: 'a' }, { id: 'b' }] })
    fake.documents.set('/endpoints?service_id=svc&interface=public', { endpoints: [] })

    expect(await codeOf(limitsOf(fake, { endpoint }).of('one', never))).toBe('NO_ENDPOINT')
  })

  it('says which right is missing, keeps no failure, and works again when Keystone does', async () => {
    const fake = await aKeystoneWithLimits()
    const limits = limitsOf(fake)

    await limits.of('two', never)
    fake.faults.statuses.push(403)
    expect(await codeOf(limits.of('one', never))).toBe('UNAUTHORIZED')
    fake.faults.statuses.push(503, 503, 503, 503)
    expect(await codeOf(limits.of('one', never))).toBe('UNAVAILABLE')

    expect((await limits.of('one', never)).get('image_count_total')).toBe(3)
  })

  it('does not take an answer for limits that has none', async () => {
    const fake = await aKeystoneWithLimits()

    for (const wrong of [{}, { limits: {} }, { limits: [{ resource_name: 'x' }] }]) {
      fake.documents.set(`/limits?project_id=one&${filters}`, wrong)
      expect(await codeOf(limitsOf(fake).of('one', never))).toBe('UNEXPECTED')
    }
  })
})
