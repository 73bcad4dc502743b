import { PropertyProtections, type PropertyRule } from '@glance/service'
import { describe, expect, it } from 'vitest'
import { type Api, openApi } from '../../support/api.ts'

const only = (...roles: readonly string[]): PropertyRule['permissions'] => {
  const permission = { kind: 'roles', roles } as const
  return { create: permission, read: permission, update: permission, delete: permission }
}

/** Secrets are for administrators; everything else is for members and readers. */
function openProtected(): Promise<Api> {
  const protections = new PropertyProtections([
    { pattern: '^secret_', permissions: only('admin') },
    { pattern: '.*', permissions: only('member', 'reader') },
  ])
  return openApi({ protections })
}

describe('protected properties', () => {
  it('are left out of every answer that shows images to somebody who may not read them', async () => {
    await using api = await openProtected()
    const made = await api.create('admin', { visibility: 'public', secret_a: '1', open_b: '2' })

    const show = (await api.call('alice', 'GET', `/v2/images/${made.id}`)).json()
    const list = (await api.call('alice', 'GET', '/v2/images')).json()

    expect(made).toMatchObject({ secret_a: '1', open_b: '2' })
    for (const image of [show, list.images[0]]) {
      expect(image).toMatchObject({ id: made.id, open_b: '2' })
      expect(image).not.toHaveProperty('secret_a')
    }
  })

  it('answer 403 to whoever may not create or change them', async () => {
    await using api = await openProtected()
    const { id } = await api.create('alice', { open_b: '2' })
    const body = { secret_a: '1' }

    const answers = [
      await api.call('alice', 'POST', '/v2/images', { payload: body }),
      await api.patch('alice', id, [{ op: 'add', path: '/secret_a', value: '1' }]),
    ]

    for (const answer of answers)
      expect([answer.statusCode, answer.json().message]).toEqual([
        403,
        "Attribute 'secret_a' is reserved.<br /><br />\n\n\n",
      ])
  })

  it('make a filter on them find nothing, with or without the right value', async () => {
    await using api = await openProtected()
    const { id } = await api.create('admin', { visibility: 'public', secret_a: '1' })

    for (const value of ['1', '2'])
      expect((await api.call('alice', 'GET', `/v2/images?secret_a=${value}`)).json()).toEqual({
        images: [],
        first: `/v2/images?secret_a=${value}`,
        schema: '/v2/schemas/images',
      })
    const found = (await api.call('admin', 'GET', '/v2/images?secret_a=1')).json()
    expect(found.images.map((image: { id: string }) => image.id)).toEqual([id])
  })

  it('do not slow down for names made to be hard to match', async () => {
    const protections = new PropertyProtections([{ pattern: '^(a+)+$', permissions: only('admin') }])
    await using api = await openApi({ protections })
    const name = `${'a'.repeat(250)}!`

    const answer = await api.call('alice', 'POST', '/v2/images', { payload: { [name]: '1' } })

    expect(answer.statusCode).toBe(403)
  })
})
