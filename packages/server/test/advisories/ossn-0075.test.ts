/** OSSN-0075 and OSSN-0076: the id of a deleted image could be taken by somebody else, whose data others then used in good faith. */
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'

describe('OSSN-0075 and OSSN-0076', () => {
  it('the id of an image is nobody else’s, neither while it is there nor when it is deleted', async () => {
    await using api = await openApi()
    const id = await api.createActive('admin', 'data', { visibility: 'public' })
    const again = async (caller: 'bob' | 'admin') =>
      (await api.call(caller, 'POST', '/v2/images', { payload: { id, name: 'other' } })).statusCode

    expect([await again('bob'), await again('admin')]).toEqual([409, 409])
    expect((await api.call('admin', 'DELETE', `/v2/images/${id}`)).statusCode).toBe(204)
    expect([await again('bob'), await again('admin')]).toEqual([409, 409])
    expect((await api.call('bob', 'GET', `/v2/images/${id}`)).statusCode).toBe(404)
  })
})
