/** OSSA-2015-019 (CVE-2015-5251): a user could set the status of an image, and with it open a deactivated one or make a used one empty. */
import { describe, expect, it } from 'vitest'
import { openApi, upload } from '../support/api.ts'

describe('OSSA-2015-019', () => {
  it('the status is for the service to set, at the creation and later, by no header either', async () => {
    await using api = await openApi()
    const id = await api.createActive('alice', 'data')
    await api.call('admin', 'POST', `/v2/images/${id}/actions/deactivate`)

    for (const caller of ['alice', 'admin'] as const) {
      for (const status of ['active', 'queued', 'deactivated', 'killed']) {
        const created = await api.call(caller, 'POST', '/v2/images', { payload: { status } })
        expect(created.statusCode).toBe(403)
        for (const op of ['add', 'replace'])
          expect((await api.patch(caller, id, [{ op, path: '/status', value: status }])).statusCode).toBe(403)
      }
      expect((await api.patch(caller, id, [{ op: 'remove', path: '/status' }])).statusCode).toBe(403)
      const headers = { 'x-image-meta-status': 'queued' }
      expect((await upload(api, caller, id, 'other', headers)).statusCode).toBe(409)
    }

    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).json()).toMatchObject({
      status: 'deactivated',
      size: 4,
    })
    expect((await api.call('admin', 'GET', `/v2/images/${id}/file`)).body).toBe('data')
  })
})
