/** OSSN-0065: whoever may set locations can swap or take data behind the back of the service. */
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'
import { openLocations } from '../support/location-attempts.ts'
import { openOrigin, webStore } from '../support/origin.ts'

const add = (url: string) => [{ op: 'add', path: '/locations/-', value: { url, metadata: {} } }]

describe('OSSN-0065', () => {
  it('by default nobody is shown a location, and nobody sets one by a patch', async () => {
    await using api = await openApi({ stores: ['fast', 'cold'] })
    const id = await api.createActive('alice', 'data')

    for (const caller of ['alice', 'admin'] as const) {
      const members = Object.keys((await api.call(caller, 'GET', `/v2/images/${id}`)).json())
      expect(members).not.toContain('locations')
      expect(members).not.toContain('direct_url')
      for (const operations of [add('http://example.com/x'), [{ op: 'remove', path: '/locations/0' }]])
        expect((await api.patch(caller, id, operations)).statusCode).toBe(403)
    }
  })

  it('data of another length are not taken for those of an active image, and its hashes stay', async () => {
    await using origin = await openOrigin()
    origin.data.set('/other', 'other data')
    await using api = await openApi({ options: openLocations, more: [await webStore()] })
    const id = await api.createActive('alice', 'data')
    const before = (await api.call('alice', 'GET', `/v2/images/${id}`)).json()

    expect((await api.patch('alice', id, add(`${origin.url}/other`))).statusCode).toBe(400)

    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).json()).toEqual(before)
  })

  it('the data of one image are not to be had, or deleted, through another', async () => {
    await using api = await openApi({ options: openLocations })
    const theirs = await api.createActive('bob', 'secret of bob')
    const url = (await api.call('bob', 'GET', `/v2/images/${theirs}`)).json().direct_url
    const { id } = await api.create('alice')

    const answer = await api.patch('alice', id, add(url))

    expect(answer.statusCode).toBe(400)
    expect((await api.call('alice', 'GET', `/v2/images/${id}/file`)).statusCode).toBe(204)
    await api.call('alice', 'DELETE', `/v2/images/${id}`)
    expect((await api.call('bob', 'GET', `/v2/images/${theirs}/file`)).body).toBe('secret of bob')
  })
})
