/** OSSN-0005: whoever shared an image with a project put it into the lists of that project, under a name of choice. */
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'

describe('OSSN-0005', () => {
  it('a shared image is in nobody’s list who has not agreed to it', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice', { name: 'trusted image of the provider' })
    await api.call('alice', 'POST', `/v2/images/${id}/members`, { payload: { member: 'two' } })
    const listed = async (query = '') => (await api.call('bob', 'GET', `/v2/images${query}`)).json().images.length
    const answer = (caller: 'alice' | 'bob', status: string) =>
      api.call(caller, 'PUT', `/v2/images/${id}/members/two`, { payload: { status } })

    for (const query of ['', '?visibility=shared', '?name=trusted image of the provider', `?owner=one`])
      expect(await listed(encodeURI(query))).toBe(0)
    expect((await answer('alice', 'accepted')).statusCode).toBe(403)
    expect(await listed()).toBe(0)

    expect((await answer('bob', 'accepted')).statusCode).toBe(200)
    expect(await listed()).toBe(1)
    await answer('bob', 'rejected')
    expect(await listed()).toBe(0)
  })
})
