import { describe, expect, it } from 'vitest'
import { type Api, type Caller, openApi } from '../../support/api.ts'

type Answer = 'pending' | 'accepted' | 'rejected'

/** Shares an image of alice (project one) with bob (project two), who answers; and with a project of nobody's here. */
async function share(api: Api, answer: Answer = 'pending'): Promise<string> {
  const { id } = await api.create('alice')
  for (const member of ['two', 'far'])
    await api.call('alice', 'POST', `/v2/images/${id}/members`, { payload: { member } })
  await api.call('bob', 'PUT', `/v2/images/${id}/members/two`, { payload: { status: answer } })
  return id
}

describe('members of an image', () => {
  it('are added with 200, shown, listed, answered for and removed', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')

    const added = await api.call('alice', 'POST', `/v2/images/${id}/members`, { payload: { member: 'two' } })

    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const member = { member_id: 'two', image_id: id, created_at: time, updated_at: time, schema: '/v2/schemas/member' }
    expect(added.statusCode).toBe(200)
    expect(added.headers['content-type']).toBe('application/json')
    expect(added.json()).toEqual({ ...member, status: 'pending' })
    expect(Object.keys(added.json())).toEqual(
      Object.keys((await api.call('alice', 'GET', '/v2/schemas/member')).json().properties),
    )

    const path = `/v2/images/${id}/members/two`
    expect((await api.call('bob', 'GET', path)).json()).toEqual(added.json())
    const answered = await api.call('bob', 'PUT', path, { payload: { status: 'accepted' } })
    expect([answered.statusCode, answered.json()]).toEqual([200, { ...member, status: 'accepted' }])
    expect((await api.call('alice', 'GET', `/v2/images/${id}/members`)).json()).toEqual({
      members: [answered.json()],
      schema: '/v2/schemas/members',
    })

    const removed = await api.call('alice', 'DELETE', path)
    expect([removed.statusCode, removed.body]).toEqual([204, ''])
    expect((await api.call('alice', 'GET', path)).statusCode).toBe(404)
    expect((await api.call('bob', 'GET', `/v2/images/${id}`)).statusCode).toBe(404)
  })

  it.each([
    ['pending', false],
    ['accepted', true],
    ['rejected', false],
  ] as const)(
    'who answered %s have the image in their list: %j; all may show and download it',
    async (answer, listed) => {
      await using api = await openApi()
      const id = await api.createActive('alice', 'data')
      await api.call('alice', 'POST', `/v2/images/${id}/members`, { payload: { member: 'two' } })
      await api.call('bob', 'PUT', `/v2/images/${id}/members/two`, { payload: { status: answer } })

      const images = async (query: string) => (await api.call('bob', 'GET', `/v2/images${query}`)).json().images
      expect(await images('')).toHaveLength(listed ? 1 : 0)
      expect(await images(`?member_status=${answer}`)).toHaveLength(1)
      expect((await api.call('bob', 'GET', `/v2/images/${id}`)).statusCode).toBe(200)
      expect((await api.call('bob', 'GET', `/v2/images/${id}/file`)).body).toBe('data')
    },
  )
})

/** Who gets which status. Rita reads for the owner's project, eve is of no project that the image is shared with. */
const callers: readonly Caller[] = ['alice', 'rita', 'bob', 'ben', 'eve', 'admin']
const calls = {
  'GET all       ': ['GET', '', undefined],
  'POST new      ': ['POST', '', { member: 'new' }],
  'POST again    ': ['POST', '', { member: 'two' }],
  'GET two       ': ['GET', '/two', undefined],
  'GET far       ': ['GET', '/far', undefined],
  'GET unknown   ': ['GET', '/unknown', undefined],
  'PUT two       ': ['PUT', '/two', { status: 'accepted' }],
  'PUT far       ': ['PUT', '/far', { status: 'accepted' }],
  'PUT two badly ': ['PUT', '/two', { status: 'yes' }],
  'DELETE two    ': ['DELETE', '/two', undefined],
  'DELETE far    ': ['DELETE', '/far', undefined],
} as const

const sharedTable = `
                 alice rita bob ben eve admin
  GET all        200 200 200 200 404 200
  POST new       200 403 403 403 404 200
  POST again     409 403 403 403 404 409
  GET two        200 200 200 200 404 200
  GET far        200 200 404 404 404 200
  GET unknown    404 404 404 404 404 404
  PUT two        403 403 200 403 404 200
  PUT far        403 403 404 404 404 200
  PUT two badly  400 400 400 400 400 400
  DELETE two     204 403 403 403 404 204
  DELETE far     204 403 404 404 404 204
`
const publicTable = `
                 alice rita bob ben eve admin
  GET all        403 403 403 403 403 403
  POST new       403 403 403 403 403 403
  POST again     403 403 403 403 403 403
  GET two        404 404 404 404 404 404
  GET far        404 404 404 404 404 404
  GET unknown    404 404 404 404 404 404
  PUT two        403 403 403 403 403 403
  PUT far        403 403 403 403 403 403
  PUT two badly  400 400 400 400 400 400
  DELETE two     403 403 403 403 403 403
  DELETE far     403 403 403 403 403 403
`
const privateTable = `
                 alice rita bob ben eve admin
  GET all        403 403 404 404 404 403
  POST new       403 403 404 404 404 403
  POST again     403 403 404 404 404 403
  GET two        404 404 404 404 404 404
  GET far        404 404 404 404 404 404
  GET unknown    404 404 404 404 404 404
  PUT two        403 403 404 404 404 403
  PUT far        403 403 404 404 404 403
  PUT two badly  400 400 400 400 400 400
  DELETE two     403 403 404 404 404 403
  DELETE far     403 403 404 404 404 403
`

describe('who may do what with the members of an image', () => {
  it.each([
    ['shared', 'pending', sharedTable],
    ['shared', 'accepted', sharedTable],
    ['shared', 'rejected', sharedTable],
    ['public', 'accepted', publicTable],
    ['private', 'accepted', privateTable],
  ] as const)('that is %s, with bob’s answer %s', async (visibility, answer, table) => {
    await using api = await openApi()
    const lines = [`\n                 ${callers.join(' ')}`]
    for (const [name, [method, path, payload]] of Object.entries(calls)) {
      const statuses: number[] = []
      for (const caller of callers) {
        const id = await share(api, answer)
        if (visibility !== 'shared')
          await api.patch('admin', id, [{ op: 'replace', path: '/visibility', value: visibility }])
        const more = payload === undefined ? {} : { payload }
        statuses.push((await api.call(caller, method, `/v2/images/${id}/members${path}`, more)).statusCode)
      }
      lines.push(`  ${name} ${statuses.join(' ')}`)
    }
    expect(`${lines.join('\n')}\n`).toBe(table)
  })

  it('is nothing for callers without a token', async () => {
    await using api = await openApi()
    const id = await share(api)

    expect((await api.call(null, 'GET', `/v2/images/${id}/members`)).statusCode).toBe(401)
  })
})

describe('requests about members', () => {
  it.each([
    ['POST', '', '', 'Body expected in request.'],
    ['POST', '', '{"member":', 'Malformed JSON in request body.'],
    ['POST', '', '{}', 'Member to be added not specified'],
    ['POST', '', '{"member": ""}', "Member can't be empty"],
    ['PUT', '/two', '{}', 'Status not specified'],
    ['PUT', '/two', '["accepted"]', 'Expected a status in the form'],
    ['GET', '', '{}', 'A body is not expected with this request.'],
    ['DELETE', '/two', '{}', 'A body is not expected with this request.'],
  ] as const)('%s %s with the body %j get 400', async (method, path, payload, message) => {
    await using api = await openApi()
    const id = await share(api)

    const answer = await api.call('admin', method, `/v2/images/${id}/members${path}`, { payload })

    expect(answer.statusCode).toBe(400)
    expect(answer.json().message).toContain(message)
  })

  it.each([
    ['', 'GET, POST'],
    ['/two', 'GET, PUT, DELETE'],
  ])('by other methods get 405 and learn those of %j', async (path, allow) => {
    await using api = await openApi()

    for (const method of ['HEAD', 'PATCH'] as const) {
      const answer = await api.call('alice', method, `/v2/images/x/members${path}`)
      expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow])
    }
  })

  it('over the quota get 413', async () => {
    await using api = await openApi({ options: { image_member_quota: '1' } })
    const { id } = await api.create('alice')
    const add = async (member: string) =>
      (await api.call('alice', 'POST', `/v2/images/${id}/members`, { payload: { member } })).statusCode

    expect([await add('a'), await add('b'), await add('a')]).toEqual([200, 413, 409])
  })

  it('name projects of any text', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')
    await api.call('alice', 'POST', `/v2/images/${id}/members`, { payload: { member: 'a/b ü' } })

    const answer = await api.call('alice', 'GET', `/v2/images/${id}/members/${encodeURIComponent('a/b ü')}`)

    expect(answer.json().member_id).toBe('a/b ü')
  })

  it('find the schema of a list', async () => {
    await using api = await openApi()

    const { properties, links } = (await api.call('bob', 'GET', '/v2/schemas/members')).json()

    expect(Object.keys(properties)).toEqual(['members', 'schema'])
    expect(links).toEqual([{ rel: 'describedby', href: '{schema}' }])
  })
})
