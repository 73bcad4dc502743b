import { ServiceError } from '@glance/service'
import { describe, expect, it } from 'vitest'
import { openApi, upload } from '../../support/api.ts'

const limits = { image_size_total: 1, image_stage_total: 2, image_count_total: 1, image_count_uploading: 4 }

describe('GET /v2/info/usage', () => {
  it('tells limit and usage of each resource', async () => {
    await using api = await openApi({ limits: { of: async () => limits } })
    await api.createActive('alice', 'abc')

    const answer = await api.call('rita', 'GET', '/v2/info/usage')

    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/json'])
    expect(answer.json()).toEqual({
      usage: {
        image_size_total: { limit: 1, usage: 0 },
        image_stage_total: { limit: 2, usage: 0 },
        image_count_total: { limit: 1, usage: 1 },
        image_count_uploading: { limit: 4, usage: 0 },
      },
    })
  })

  it('tells nothing when Keystone has no say in limits', async () => {
    await using api = await openApi()

    expect((await api.call('alice', 'GET', '/v2/info/usage')).json()).toEqual({ usage: {} })
    expect((await api.call('alice', 'POST', '/v2/info/usage')).statusCode).toBe(404)
    expect((await api.call(null, 'GET', '/v2/info/usage')).statusCode).toBe(401)
  })

  it('answers 503 when the limits cannot be found out, as does whatever needs them', async () => {
    const of = async (): Promise<never> => {
      throw new ServiceError('UNAVAILABLE', 'Keystone is away')
    }
    await using api = await openApi({ limits: { of } })

    expect((await api.call('alice', 'GET', '/v2/info/usage')).statusCode).toBe(503)
    expect((await api.call('alice', 'POST', '/v2/images', { payload: {} })).statusCode).toBe(503)
    expect((await api.call('alice', 'GET', '/v2/images')).statusCode).toBe(200)
  })
})

describe('limits', () => {
  it('OSSN-0057: a flood of empty image records ends with 413', async () => {
    await using api = await openApi({ limits: { of: async () => limits } })
    await api.create('alice')

    const answer = await api.call('alice', 'POST', '/v2/images', { payload: {}, headers: { accept: 'text/plain' } })

    expect(answer.statusCode).toBe(413)
    expect(answer.body).toContain(
      'Project one is over a limit for [Resource image_count_total is over limit of 1 due to current usage 1 and delta 1]',
    )
  })

  it.each([{}, { 'x-openstack-image-size': '5' }])(
    'answers 413 for data over user_storage_quota and leaves the image queued, with headers %j',
    async (headers) => {
      await using api = await openApi({ options: { user_storage_quota: '4B' } })
      const { id } = await api.create('alice')

      const answer = await upload(api, 'alice', id, '12345', headers)

      expect([answer.statusCode, answer.json().message]).toEqual([
        413,
        'Image exceeds the storage quota: The size of the data 5 will exceed the limit. 4 bytes remaining.<br /><br />\n\n\n',
      ])
      expect((await api.call('alice', 'GET', `/v2/images/${id}`)).json()).toMatchObject({
        status: 'queued',
        size: null,
      })
      expect((await upload(api, 'alice', id, '1234')).statusCode).toBe(204)
    },
  )
})
