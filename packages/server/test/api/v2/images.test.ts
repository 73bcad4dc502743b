import { describe, expect, it } from 'vitest'
import { openApi, upload } from '../../support/api.ts'

describe('POST /v2/images', () => {
  it('makes a record with every member and Glance’s defaults', async () => {
    await using api = await openApi()

    const answer = await api.call('alice', 'POST', '/v2/images', {
      payload: { name: 'café 日本', os_distro: 'debian' },
    })

    const image = answer.json()
    expect(answer.statusCode).toBe(201)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.headers.location).toBe(`http://localhost/v2/images/${image.id}`)
    expect(image).toEqual({
      os_distro: 'debian',
      name: 'café 日本',
      disk_format: null,
      container_format: null,
      visibility: 'shared',
      size: null,
      virtual_size: null,
      status: 'queued',
      checksum: null,
      protected: false,
      min_ram: 0,
      min_disk: 0,
      owner: 'one',
      os_hidden: false,
      os_hash_algo: null,
      os_hash_value: null,
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      tags: [],
      self: `/v2/images/${image.id}`,
      file: `/v2/images/${image.id}/file`,
      schema: '/v2/schemas/image',
    })
    expect((await api.call('alice', 'GET', `/v2/images/${image.id}`)).json()).toEqual(image)
  })

  it.each([
    [{ status: 'active' }, 403],
    [{ checksum: 'x' }, 403],
    [{ os_hash_value: 'x' }, 403],
    [{ self: 'x' }, 403],
    [{ os_glance_x: 'x' }, 403],
    [{ deleted: 'x' }, 403],
    [{ owner: 'two' }, 403],
    [{ visibility: 'public' }, 403],
    [{ visibility: 'secret' }, 400],
    [{ disk_format: 'floppy' }, 400],
    [{ min_ram: -1 }, 400],
    [{ min_ram: '1' }, 400],
    [{ min_disk: 2 ** 31 }, 400],
    [{ protected: 'yes' }, 400],
    [{ name: 'x'.repeat(256) }, 400],
    [{ tags: 'x' }, 400],
    [{ tags: ['x'.repeat(256)] }, 400],
    [{ id: 'not-a-uuid' }, 400],
    [{ ['p'.repeat(256)]: 'x' }, 400],
    [{ custom: 7 }, 400],
    [{ custom: 'face 😀' }, 400],
  ])('refuses %j with %i and makes nothing', async (members, status) => {
    await using api = await openApi()

    const answer = await api.call('alice', 'POST', '/v2/images', { payload: members })

    expect(answer.statusCode).toBe(status)
    expect(answer.json().message).not.toBe('')
    expect((await api.call('admin', 'GET', '/v2/images?visibility=all')).json().images).toEqual([])
  })

  it.each([
    ['no body', '', 400],
    ['no JSON', '{"name":', 400],
    ['a scalar', '7', 400],
    ['a list', '[]', 400],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400],
    ['five megabytes', JSON.stringify({ name: 'x'.repeat(5_000_000) }), 413],
  ])('refuses %s', async (_what, payload, status) => {
    await using api = await openApi()

    expect((await api.call('alice', 'POST', '/v2/images', { payload })).statusCode).toBe(status)
  })

  it('refuses an id that is or was in use', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')

    expect((await api.call('bob', 'POST', '/v2/images', { payload: { id } })).statusCode).toBe(409)
    await api.call('alice', 'DELETE', `/v2/images/${id}`)
    expect((await api.call('alice', 'POST', '/v2/images', { payload: { id } })).statusCode).toBe(409)
  })

  it('is for members', async () => {
    await using api = await openApi()

    expect((await api.call('rita', 'POST', '/v2/images', { payload: {} })).statusCode).toBe(403)
  })

  it('names the stores when there are several, without the service’s own', async () => {
    await using api = await openApi({ stores: ['fast', 'slow'] })

    expect((await api.call('alice', 'POST', '/v2/images', { payload: {} })).headers['openstack-image-store-ids']).toBe(
      'fast,slow',
    )
  })
})

describe('GET /v2/images/{id}', () => {
  it.each([
    ['private', 404, 404],
    ['shared', 404, 404],
    ['community', 200, 200],
  ])('shows a %s image to its project, others get %i', async (visibility, others, _list) => {
    await using api = await openApi()
    const { id } = await api.create('alice', { visibility })

    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).statusCode).toBe(200)
    expect((await api.call('rita', 'GET', `/v2/images/${id}`)).statusCode).toBe(200)
    expect((await api.call('admin', 'GET', `/v2/images/${id}`)).statusCode).toBe(200)
    expect((await api.call('bob', 'GET', `/v2/images/${id}`)).statusCode).toBe(others)
  })

  it('says the same of what is not there as of what may not be seen', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')
    const unknown = '00000000-0000-4000-8000-000000000000'

    const hidden = await api.call('bob', 'GET', `/v2/images/${id}`)
    const absent = await api.call('bob', 'GET', `/v2/images/${unknown}`)

    expect(hidden.json().message.replace(id, 'X')).toBe(absent.json().message.replace(unknown, 'X'))
    expect(hidden.json().message).toContain(`No image found with ID ${id}`)
  })

  it('expects no body', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')

    expect((await api.call('alice', 'GET', `/v2/images/${id}`, { payload: 'x' })).statusCode).toBe(400)
  })

  it('shows the stores when there are several, and locations only when told to', async () => {
    await using open = await openApi({
      stores: ['fast', 'slow'],
      options: { show_image_direct_url: 'true', show_multiple_locations: 'true' },
    })
    await using closed = await openApi({ stores: ['fast', 'slow'] })

    const [shown, hidden] = [open, closed].map(async (api) => {
      const id = await api.createActive('alice', 'data')
      return (await api.call('alice', 'GET', `/v2/images/${id}`)).json()
    })

    expect(await shown).toMatchObject({
      stores: 'fast',
      direct_url: expect.stringMatching(/^memory:/),
      locations: [{ url: expect.any(String), metadata: { store: 'fast' } }],
    })
    expect(await hidden).toMatchObject({ stores: 'fast' })
    expect(Object.keys(await hidden)).not.toContain('direct_url')
    expect(Object.keys(await hidden)).not.toContain('locations')
  })
})

describe('PATCH /v2/images/{id}', () => {
  it('applies operations in order and gives the whole image', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice', { a: '1', b: '2' })

    const answer = await api.patch('alice', id, [
      { op: 'replace', path: '/name', value: 'new' },
      { op: 'add', path: '/c~1d', value: '3' },
      { op: 'remove', path: '/a' },
      { op: 'replace', path: '/tags', value: ['x', 'x', 'y'] },
      { op: 'add', path: '/b', value: '4' },
    ])

    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ name: 'new', 'c/d': '3', b: '4' })
    expect(answer.json().tags.toSorted()).toEqual(['x', 'y'])
    expect(Object.keys(answer.json())).not.toContain('a')
  })

  it.each([
    [[{ op: 'replace', path: '/status', value: 'active' }], 403],
    [[{ op: 'remove', path: '/name' }], 403],
    [[{ op: 'remove', path: '/absent' }], 409],
    [[{ op: 'replace', path: '/absent', value: 'x' }], 409],
    [[{ op: 'replace', path: '/owner', value: 'two' }], 403],
    [[{ op: 'add', path: '/owner', value: 'two' }], 403],
    [[{ op: 'replace', path: '/visibility', value: 'public' }], 403],
    [[{ op: 'add', path: '/os_glance_import_task', value: 'x' }], 403],
    [[{ op: 'add', path: '/locations/-', value: { url: 'memory://x/y', metadata: {} } }], 403],
    [[{ op: 'move', path: '/a', from: '/b' }], 400],
    [[{ op: 'add', path: 'a', value: 'x' }], 400],
    [[{ op: 'add', path: '/a/b', value: 'x' }], 400],
    [[{ op: 'add', path: '/a~2', value: 'x' }], 400],
    [[{ op: 'add', path: '/a' }], 400],
    [
      [
        { op: 'replace', path: '/name', value: 'kept?' },
        { op: 'add', path: '/min_ram', value: -1 },
      ],
      400,
    ],
    [[7], 400],
    [{ op: 'add' }, 400],
  ])('refuses %j with %i and changes nothing', async (operations, status) => {
    await using api = await openApi()
    const before = await api.create('alice')

    const answer = await api.patch('alice', before.id, operations)

    expect(answer.statusCode).toBe(status)
    expect((await api.call('alice', 'GET', `/v2/images/${before.id}`)).json()).toEqual(before)
  })

  it('looks at read-only members before it looks for the image', async () => {
    await using api = await openApi()

    const answer = await api.patch('alice', '00000000-0000-4000-8000-000000000000', [
      { op: 'replace', path: '/status', value: 'active' },
    ])

    expect(answer.statusCode).toBe(403)
  })

  it('takes the two media types of patches only', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')

    const old = await api.call('alice', 'PATCH', `/v2/images/${id}`, {
      headers: { 'content-type': 'application/openstack-images-v2.0-json-patch' },
      payload: JSON.stringify([{ replace: '/name', value: 'old way' }]),
    })
    const wrong = await api.call('alice', 'PATCH', `/v2/images/${id}`, {
      headers: { 'content-type': 'application/json-patch+json' },
      payload: '[]',
    })

    expect(old.json()).toMatchObject({ name: 'old way' })
    expect(wrong.statusCode).toBe(415)
    expect(wrong.headers['accept-patch']).toBe(
      'application/openstack-images-v2.0-json-patch, application/openstack-images-v2.1-json-patch',
    )
  })

  it('is for the owner and administrators', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice', { visibility: 'community' })
    const change = [{ op: 'replace', path: '/name', value: 'mine' }]

    expect((await api.patch('bob', id, change)).statusCode).toBe(403)
    expect((await api.patch('rita', id, change)).statusCode).toBe(403)
    expect((await api.patch('admin', id, change)).statusCode).toBe(200)
  })

  it('keeps names like __proto__ and constructor as they are', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')

    const answer = await api.patch('alice', id, [
      { op: 'add', path: '/__proto__', value: 'p' },
      { op: 'add', path: '/constructor', value: 'c' },
    ])

    expect(answer.statusCode).toBe(200)
    const shown = (await api.call('alice', 'GET', `/v2/images/${id}`)).body
    expect(shown).toContain('"__proto__":"p"')
    expect(shown).toContain('"constructor":"c"')
  })

  it('holds the quotas for properties and tags', async () => {
    await using api = await openApi({ options: { image_property_quota: '1', image_tag_quota: '1' } })
    const { id } = await api.create('alice', { a: '1' })

    expect((await api.patch('alice', id, [{ op: 'add', path: '/b', value: '2' }])).statusCode).toBe(413)
    expect((await api.patch('alice', id, [{ op: 'replace', path: '/tags', value: ['x', 'y'] }])).statusCode).toBe(413)
  })
})

describe('DELETE /v2/images/{id}', () => {
  it('removes record and data', async () => {
    await using api = await openApi()
    const id = await api.createActive('alice', 'data')
    const location = (await api.deps.images.find(id, null))?.image.locations[0]?.url ?? ''

    expect((await api.call('alice', 'DELETE', `/v2/images/${id}`)).statusCode).toBe(204)

    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).statusCode).toBe(404)
    await expect(api.deps.stores.default.getSize(location)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await api.call('alice', 'DELETE', `/v2/images/${id}`)).statusCode).toBe(404)
  })

  it('spares protected images, and those of others with their data (OSSA-2012-017)', async () => {
    await using api = await openApi()
    const kept = await api.createActive('alice', 'data', { protected: true })
    const foreign = await api.createActive('alice', 'data', { visibility: 'community' })

    expect((await api.call('alice', 'DELETE', `/v2/images/${kept}`)).statusCode).toBe(403)
    expect((await api.call('bob', 'DELETE', `/v2/images/${foreign}`)).statusCode).toBe(403)
    expect((await api.call('bob', 'DELETE', `/v2/images/${kept}`)).statusCode).toBe(404)

    for (const id of [kept, foreign])
      expect((await api.call('alice', 'GET', `/v2/images/${id}/file`)).body).toBe('data')
  })
})

describe('GET /v2/images', () => {
  it('lists pages with links that keep every parameter', async () => {
    await using api = await openApi()
    for (const name of ['a', 'b', 'c']) await api.create('alice', { name, tags: ['t', 'u'] })

    const first = (await api.call('alice', 'GET', '/v2/images?limit=2&sort_key=name&sort_dir=asc&tag=t&tag=u')).json()
    const second = (await api.call('alice', 'GET', first.next)).json()

    expect(first.images.map((image: { name: string }) => image.name)).toEqual(['a', 'b'])
    expect(first).toMatchObject({
      first: '/v2/images?limit=2&sort_key=name&sort_dir=asc&tag=t&tag=u',
      schema: '/v2/schemas/images',
    })
    expect(first.next).toBe(`/v2/images?limit=2&sort_key=name&sort_dir=asc&tag=t&tag=u&marker=${first.images[1].id}`)
    expect(second.images.map((image: { name: string }) => image.name)).toEqual(['c'])
    expect(Object.keys(second)).not.toContain('next')
  })

  it.each([
    ['', ['community-one', 'private-one', 'shared-one']],
    ['visibility=all', ['community-one', 'community-two', 'private-one', 'shared-one']],
    ['visibility=community', ['community-one', 'community-two']],
    ['visibility=private', ['private-one']],
    ['name=in:private-one,"shared-one"', ['private-one', 'shared-one']],
    ['os_distro=debian', ['private-one']],
    ['os_hidden=true', ['hidden-one']],
    ['size_min=1', []],
    ['status=in:queued,active&owner=two', []],
    ['limit=0', []],
  ])('with ?%s shows a project %j', async (query, names) => {
    await using api = await openApi()
    for (const [caller, project] of [
      ['alice', 'one'],
      ['bob', 'two'],
    ] as const) {
      for (const visibility of ['private', 'shared', 'community']) {
        await api.create(caller, {
          name: `${visibility}-${project}`,
          visibility,
          ...(visibility === 'private' ? { os_distro: 'debian' } : {}),
        })
      }
      await api.create(caller, { name: `hidden-${project}`, os_hidden: true })
    }

    const { images } = (await api.call('alice', 'GET', `/v2/images?${query}`)).json()

    expect(images.map((image: { name: string }) => image.name).toSorted()).toEqual(names)
  })

  it.each([
    'limit=x',
    'limit=-1',
    'marker=00000000-0000-4000-8000-000000000000',
    'sort_key=nonsense',
    'sort_dir=up',
    'sort=name&sort_key=name',
    'visibility=secret',
    'member_status=maybe',
    'os_hidden=2',
    'protected=yes',
    'created_at=yesterday',
    'created_at=near:2026-01-01T00:00:00Z',
    'name=a:b',
    'name=in:"open',
    'size_min=big',
    'nonsense_min=1',
    'changes-since=2026-01-01T00:00:00Z',
    'name=%ff',
  ])('refuses ?%s with 400', async (query) => {
    await using api = await openApi()

    const answer = await api.call('alice', 'GET', `/v2/images?${query}`)

    expect(answer.statusCode).toBe(400)
    expect(answer.json().title).toBe('Bad Request')
  })
})

describe('POST /v2/images/{id}/actions', () => {
  it('takes an active image out of service and back', async () => {
    await using api = await openApi()
    const id = await api.createActive('alice', 'data', { visibility: 'community' })
    const act = (caller: 'alice' | 'bob', action: string): Promise<{ statusCode: number }> =>
      api.call(caller, 'POST', `/v2/images/${id}/actions/${action}`)

    expect((await act('bob', 'deactivate')).statusCode).toBe(403)
    expect((await act('alice', 'deactivate')).statusCode).toBe(204)
    expect((await act('alice', 'deactivate')).statusCode).toBe(204)
    expect((await api.call('alice', 'GET', `/v2/images/${id}/file`)).statusCode).toBe(403)
    expect((await api.call('admin', 'GET', `/v2/images/${id}/file`)).statusCode).toBe(200)
    expect((await act('alice', 'reactivate')).statusCode).toBe(204)
    expect((await api.call('bob', 'GET', `/v2/images/${id}/file`)).statusCode).toBe(200)
  })

  it('refuses images without data', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')

    const answer = await api.call('alice', 'POST', `/v2/images/${id}/actions/deactivate`)

    expect(answer.statusCode).toBe(403)
    expect(answer.json().message).toContain("Not allowed to deactivate image in status 'queued'")
  })
})

describe('tags of an image', () => {
  it('come and go one at a time', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')
    const tag = `/v2/images/${id}/tags/${encodeURIComponent('a/b é')}`

    expect((await api.call('alice', 'PUT', tag)).statusCode).toBe(204)
    expect((await api.call('alice', 'PUT', tag)).statusCode).toBe(204)
    expect((await api.call('alice', 'GET', `/v2/images/${id}`)).json().tags).toEqual(['a/b é'])
    expect((await api.call('alice', 'DELETE', tag)).statusCode).toBe(204)
    expect((await api.call('alice', 'DELETE', tag)).statusCode).toBe(404)
    expect((await api.call('alice', 'PUT', `/v2/images/${id}/tags/${'x'.repeat(256)}`)).statusCode).toBe(400)
  })
})

describe('many changes of one image at once', () => {
  it('lose nothing', async () => {
    await using api = await openApi({ options: { image_tag_quota: '-1' } })
    const { id } = await api.create('alice')

    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 2 === 0
          ? api.patch('alice', id, [{ op: 'add', path: `/p${index}`, value: String(index) }])
          : api.call('alice', 'PUT', `/v2/images/${id}/tags/t${index}`),
      ),
    )

    expect(new Set(answers.map((answer) => answer.statusCode))).toEqual(new Set([200, 204]))
    const image = (await api.call('alice', 'GET', `/v2/images/${id}`)).json()
    expect(image.tags).toHaveLength(20)
    expect(Object.keys(image).filter((name) => /^p\d+$/.test(name))).toHaveLength(20)
    expect((await upload(api, 'alice', id, 'data')).statusCode).toBe(204)
  })
})
