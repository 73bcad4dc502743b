/** OSSA-2016-006 (CVE-2016-0757): an image whose last location was removed became queued, and its owner could give it other data. */
import { describe, expect, it } from 'vitest'
import { openApi, upload } from '../support/api.ts'
import { openLocations } from '../support/location-attempts.ts'

describe('OSSA-2016-006', () => {
  it.each([
    ['removing it', [{ op: 'remove', path: '/locations/0' }]],
    ['removing the last one of all', [{ op: 'remove', path: '/locations/-' }]],
    ['an empty list', [{ op: 'replace', path: '/locations', value: [] }]],
    [
      'adding one and removing both',
      [
        { op: 'remove', path: '/locations/0' },
        { op: 'remove', path: '/locations/0' },
      ],
    ],
  ])('the last location stays: %s answers 403', async (_what, operations) => {
    await using api = await openApi({ options: openLocations })
    const id = await api.createActive('alice', 'data')

    for (const caller of ['alice', 'admin'] as const)
      expect((await api.patch(caller, id, operations)).statusCode).toBe(403)

    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).json()).toMatchObject({ status: 'active', size: 4 })
    expect((await upload(api, 'alice', id, 'other')).statusCode).toBe(409)
    expect((await api.call('alice', 'GET', `/v2/images/${id}/file`)).body).toBe('data')
  })

  it('deleting from the only store answers 403, too', async () => {
    await using api = await openApi({ stores: ['fast', 'cold'] })
    const id = await api.createActive('alice', 'data')

    expect((await api.call('admin', 'DELETE', `/v2/stores/fast/${id}`)).statusCode).toBe(403)
    expect((await api.call('alice', 'GET', `/v2/images/${id}/file`)).body).toBe('data')
  })
})
