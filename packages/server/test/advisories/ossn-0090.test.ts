/** OSSN-0090: locations, which services need for copies on write, are not for the users of the same API. */
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'
import { openLocations } from '../support/location-attempts.ts'

describe('OSSN-0090', () => {
  it('services read locations by a call of their own, without having them shown to users', async () => {
    await using api = await openApi()
    const id = await api.createActive('alice', 'data')

    const answer = await api.call('admin', 'GET', `/v2/images/${id}/locations`)

    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      [{ url: expect.stringMatching(/^memory:/), metadata: {} }],
    ])
    expect((await api.call('alice', 'GET', `/v2/images/${id}/locations`)).statusCode).toBe(403)
    expect(Object.keys((await api.call('alice', 'GET', `/v2/images/${id}`)).json())).not.toContain('locations')
  })

  it('where they are shown, they are shown to the project that owns the image, and not of a deactivated image', async () => {
    await using api = await openApi({ options: openLocations })
    const id = await api.createActive('admin', 'data', { visibility: 'public', owner: 'one' })
    const shown = async (caller: 'alice' | 'bob') => (await api.call(caller, 'GET', `/v2/images/${id}`)).json()

    expect((await shown('alice')).locations).toHaveLength(1)
    const others = await shown('bob')
    expect([others.locations, Object.keys(others).includes('direct_url')]).toEqual([[], false])
    await api.call('alice', 'POST', `/v2/images/${id}/actions/deactivate`)
    expect((await shown('alice')).locations).toEqual([])
  })
})
