import { createEnforcer } from '@glance/service'
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'

const id = '00000000-0000-4000-8000-00000000beef'

describe('anonymous access', () => {
  it('is off by default', async () => {
    await using api = await openApi()

    expect((await api.call(null, 'GET', '/v2/images')).statusCode).toBe(401)
  })

  it('shows what policy lets callers without any role see, also those with a wrong token', async () => {
    const { enforcer } = createEnforcer({ overrides: {}, enforceNewDefaults: false })
    await using api = await openApi({ options: { allow_anonymous_access: 'true' }, enforcer })
    const shared = await api.create('alice', { name: 'shared' })
    const open = await api.create('admin', { name: 'open', visibility: 'public' })

    const list = await api.call(null, 'GET', '/v2/images', { headers: { 'x-auth-token': 'wrong', 'x-roles': 'admin' } })

    expect([list.statusCode, list.json().images.map((image: { name: string }) => image.name)]).toEqual([200, ['open']])
    expect((await api.call(null, 'GET', `/v2/images/${open.id}`)).statusCode).toBe(200)
    expect((await api.call(null, 'GET', `/v2/images/${shared.id}`)).statusCode).toBe(404)
  })

  it('shows nothing under the default rules, which ask for the role reader', async () => {
    await using api = await openApi({ options: { allow_anonymous_access: 'true' } })
    const { id: open } = await api.create('admin', { visibility: 'public' })

    expect((await api.call(null, 'GET', '/v2/images')).statusCode).toBe(403)
    expect((await api.call(null, 'GET', `/v2/images/${open}`)).statusCode).toBe(404)
  })

  it.each([
    ['POST', '/v2/images', { name: 'x' }],
    ['PATCH', `/v2/images/${id}`, []],
    ['DELETE', `/v2/images/${id}`, undefined],
    ['PUT', `/v2/images/${id}/file`, 'data'],
    ['PUT', `/v2/images/${id}/tags/x`, undefined],
    ['DELETE', `/v2/images/${id}/tags/x`, undefined],
    ['POST', `/v2/images/${id}/members`, { member: 'x' }],
    ['PUT', `/v2/images/${id}/members/x`, { status: 'accepted' }],
    ['DELETE', `/v2/images/${id}/members/x`, undefined],
    ['POST', `/v2/images/${id}/actions/deactivate`, undefined],
    ['POST', `/v2/images/${id}/actions/reactivate`, undefined],
  ] as const)('may not touch anything: %s %s', async (method, path, payload) => {
    await using api = await openApi({ options: { allow_anonymous_access: 'true' } })
    const type = method === 'PATCH' ? 'application/openstack-images-v2.1-json-patch' : 'application/octet-stream'

    const answer = await api.call(null, method, path, {
      headers: { 'content-type': type },
      ...(payload === undefined ? {} : { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) }),
    })

    expect([answer.statusCode, answer.json().message]).toEqual([
      403,
      'Access was denied to this resource.<br /><br />\nRead-only access\n\n',
    ])
  })
})
