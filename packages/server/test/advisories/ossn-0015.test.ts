/** OSSN-0015: every user could make images public, and so offer them to all others. */
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'

describe('OSSN-0015', () => {
  it('public images are for administrators to make', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')
    const publish = [{ op: 'replace', path: '/visibility', value: 'public' }]

    const created = await api.call('alice', 'POST', '/v2/images', { payload: { visibility: 'public' } })
    expect([created.statusCode, (await api.patch('alice', id, publish)).statusCode]).toEqual([403, 403])
    expect((await api.call('bob', 'GET', '/v2/images?visibility=public')).json().images).toEqual([])

    expect((await api.patch('admin', id, publish)).statusCode).toBe(200)
    expect((await api.call('bob', 'GET', '/v2/images?visibility=public')).json().images).toHaveLength(1)
  })
})
