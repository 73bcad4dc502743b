import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Api, type Caller, openApi } from '../../support/api.ts'

const root = '/v2/metadefs'
const text = { title: 't', type: 'string' }
const whole = {
  namespace: 'OS::Test::Whole',
  display_name: 'Whole',
  visibility: 'public',
  owner: 'one',
  resource_type_associations: [{ name: 'OS::Nova::Flavor', prefix: 'hw:' }],
  properties: { p: { ...text, default: 3 } },
  objects: [{ name: 'o', required: ['q'], properties: { q: text } }],
  tags: [{ name: 't' }],
}
const path = `${root}/namespaces/OS::Test::Whole`

async function withWhole(members: object = {}): Promise<Api> {
  const api = await openApi()
  const made = await api.call('admin', 'POST', `${root}/namespaces`, { payload: { ...whole, ...members } })
  if (made.statusCode !== 201) throw new Error(made.body)
  return api
}

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
const times = { created_at: time, updated_at: time }

describe('a namespace', () => {
  it('is changed by sending back what was shown of it, as clients do', async () => {
    await using api = await withWhole()
    const {
      created_at: _c,
      updated_at: _u,
      self: _s,
      schema: _d,
      ...shown
    } = (await api.call('bob', 'GET', path)).json()

    const changed = await api.call('admin', 'PUT', path, { payload: { ...shown, description: 'changed' } })

    expect([changed.statusCode, changed.json().description]).toEqual([200, 'changed'])
    const after = (await api.call('bob', 'GET', path)).json()
    expect({ ...after, updated_at: time }).toMatchObject({ ...shown, description: 'changed' })
  })

  it('is made with everything in it, and shown with it', async () => {
    await using api = await openApi()

    const made = await api.call('admin', 'POST', `${root}/namespaces`, { payload: whole, headers: { host: 'images' } })
    const shown = await api.call('bob', 'GET', path)

    const links = { self: path, schema: '/v2/schemas/metadefs/namespace' }
    const properties = { p: { ...text, default: '3' } }
    expect([made.statusCode, made.headers.location]).toEqual([201, `http://images${path}`])
    expect(made.json()).toEqual({ ...whole, properties, protected: false, ...times, ...links })
    expect(shown.json()).toEqual({
      ...made.json(),
      resource_type_associations: [{ ...whole.resource_type_associations[0], ...times }],
      objects: [{ ...whole.objects[0], ...times, self: `${path}/objects/o`, schema: '/v2/schemas/metadefs/object' }],
    })
    expect(Object.keys(shown.json())).toEqual([
      ...['namespace', 'display_name', 'visibility', 'protected', 'owner', 'created_at', 'updated_at'],
      ...['resource_type_associations', 'properties', 'objects', 'tags', 'self', 'schema'],
    ])
  })

  it('is shown with the prefix of a resource type', async () => {
    await using api = await withWhole()

    const { properties, objects } = (await api.call('bob', 'GET', `${path}?resource_type=OS::Nova::Flavor`)).json()

    expect([Object.keys(properties), Object.keys(objects[0].properties), objects[0].required]).toEqual([
      ['hw:p'],
      ['hw:q'],
      ['hw:q'],
    ])
  })

  it('changes in one piece and keeps what is in it', async () => {
    await using api = await withWhole()

    const changed = await api.call('admin', 'PUT', path, { payload: { namespace: 'a b', description: 'd', tags: [] } })

    expect(changed.json()).toEqual({
      namespace: 'a b',
      description: 'd',
      visibility: 'private',
      protected: false,
      owner: 'admin',
      ...times,
      self: `${root}/namespaces/a%20b`,
      schema: '/v2/schemas/metadefs/namespace',
    })
    expect((await api.call('admin', 'GET', changed.json().self)).json().tags).toEqual([{ name: 't' }])
    expect((await api.call('admin', 'GET', path)).statusCode).toBe(404)
  })

  it('is deleted with everything in it', async () => {
    await using api = await withWhole()

    const gone = await api.call('admin', 'DELETE', path)

    expect([gone.statusCode, gone.body, gone.headers['content-type']]).toEqual([204, '', undefined])
    expect((await api.call('admin', 'GET', `${path}/objects`)).statusCode).toBe(404)
  })

  it('is on a page, whose links lead through all of them', async () => {
    await using api = await openApi()
    for (const namespace of ['a', 'b', 'c'])
      await api.call('admin', 'POST', `${root}/namespaces`, { payload: { namespace, visibility: 'public' } })
    const names: string[] = []
    let next: string | undefined = `${root}/namespaces?limit=2&sort_key=namespace&sort_dir=asc`

    while (next !== undefined) {
      const page: { namespaces: { namespace: string }[]; next?: string; first: string } = (
        await api.call('bob', 'GET', next)
      ).json()
      names.push(...page.namespaces.map(({ namespace }) => namespace))
      expect(page.first).toBe(`${root}/namespaces?limit=2&sort_key=namespace&sort_dir=asc`)
      next = page.next
    }

    expect(names).toEqual(['a', 'b', 'c'])
  })
})

describe('what is in a namespace', () => {
  it('is added, shown, changed and deleted', async () => {
    await using api = await withWhole()
    const status = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', end: string, payload?: object) =>
      (await api.call('admin', method, path + end, payload === undefined ? {} : { payload })).statusCode

    for (const [kind, body] of [
      ['properties', { name: 'new', ...text }],
      ['objects', { name: 'new' }],
    ] as const) {
      expect(await status('POST', `/${kind}`, body)).toBe(201)
      expect(await status('POST', `/${kind}`, body)).toBe(409)
      expect(await status('PUT', `/${kind}/new`, { ...body, name: 'newer' })).toBe(200)
      expect(await status('GET', `/${kind}/new`)).toBe(404)
      expect(await status('GET', `/${kind}/newer`)).toBe(200)
      expect(await status('DELETE', `/${kind}/newer`)).toBe(204)
      expect(await status('DELETE', `/${kind}`)).toBe(204)
    }
    expect(await status('POST', '/tags/new')).toBe(201)
    expect(await status('PUT', '/tags/new', { name: 'newer' })).toBe(200)
    expect(await status('DELETE', '/tags/newer')).toBe(204)
    expect(await status('POST', '/resource_types', { name: 'OS::New' })).toBe(201)
    expect(await status('DELETE', '/resource_types/OS::New')).toBe(204)
    expect(await status('DELETE', '/tags')).toBe(204)
    expect((await api.call('bob', 'GET', path)).json()).not.toHaveProperty('objects')
  })

  it('is listed in the form of each kind', async () => {
    await using api = await withWhole()
    const list = async (end: string) => (await api.call('bob', 'GET', path + end)).json()

    expect(await list('/properties')).toEqual({ properties: { p: { ...text, default: '3' } } })
    expect(await list('/objects')).toMatchObject({ objects: [{ name: 'o' }], schema: 'v2/schemas/metadefs/objects' })
    expect(await list('/tags')).toEqual({ tags: [{ name: 't' }] })
    expect(await list('/resource_types')).toEqual({
      resource_type_associations: [{ ...whole.resource_type_associations[0], ...times }],
    })
    expect((await api.call('bob', 'GET', `${root}/resource_types`)).json()).toEqual({
      resource_types: [{ name: 'OS::Nova::Flavor', ...times }],
    })
    expect(await list('/properties/hw:p?resource_type=OS::Nova::Flavor')).toEqual({ name: 'p', ...text, default: '3' })
  })

  it.each([
    [undefined, ['a']],
    ['false', ['a']],
    ['True', ['a', 't']],
  ])('is, of tags with X-Openstack-Append %s, %j', async (append, expected) => {
    await using api = await withWhole()
    const headers = append === undefined ? {} : { 'x-openstack-append': append }

    const answer = await api.call('admin', 'POST', `${path}/tags`, { payload: { tags: [{ name: 'a' }] }, headers })

    expect([answer.statusCode, answer.json()]).toEqual([201, { tags: [{ name: 'a' }] }])
    const { tags } = (await api.call('bob', 'GET', `${path}/tags`)).json()
    expect(tags.map(({ name }: { name: string }) => name)).toEqual(expected)
  })
})

/** Who gets which status. The namespace is of project one, of alice and rita. */
const callers: readonly Caller[] = ['alice', 'rita', 'bob', 'admin']
const table = `
                    alice rita bob admin
  public  GET       200 200 200 200
  public  PUT       403 403 403 200
  public  POST tag  403 403 403 201
  public  DELETE    403 403 403 204
  private GET       200 200 404 200
  private PUT       403 403 404 200
  private POST tag  403 403 404 201
  private DELETE    403 403 404 204
`

describe('who may do what with a namespace', () => {
  it('is decided by the default policy', async () => {
    const calls = [
      ['GET      ', 'GET', '', undefined],
      ['PUT      ', 'PUT', '', { namespace: 'OS::Test::Whole' }],
      ['POST tag ', 'POST', '/tags/new', undefined],
      ['DELETE   ', 'DELETE', '', undefined],
    ] as const
    const lines = [`\n                    ${callers.join(' ')}`]
    for (const visibility of ['public ', 'private'])
      for (const [name, method, end, payload] of calls) {
        const statuses: number[] = []
        for (const caller of callers) {
          await using api = await withWhole({ visibility: visibility.trim() })
          const more = payload === undefined ? {} : { payload }
          statuses.push((await api.call(caller, method, path + end, more)).statusCode)
        }
        lines.push(`  ${visibility} ${name} ${statuses.join(' ')}`)
      }

    expect(`${lines.join('\n')}\n`).toBe(table)
  })

  it('is nothing for callers without a token', async () => {
    await using api = await withWhole()

    expect((await api.call(null, 'GET', path)).statusCode).toBe(401)
  })
})

describe('requests about metadata definitions', () => {
  it.each([
    ['/resource_types', 'GET'],
    ['/namespaces', 'GET, POST'],
    ['/namespaces/n', 'GET, PUT, DELETE'],
    ['/namespaces/n/properties', 'GET, POST, DELETE'],
    ['/namespaces/n/properties/p', 'GET, PUT, DELETE'],
    ['/namespaces/n/objects', 'GET, POST, DELETE'],
    ['/namespaces/n/objects/o', 'GET, PUT, DELETE'],
    ['/namespaces/n/tags', 'GET, POST, DELETE'],
    ['/namespaces/n/tags/t', 'GET, POST, PUT, DELETE'],
    ['/namespaces/n/resource_types', 'GET, POST'],
    ['/namespaces/n/resource_types/r', 'DELETE'],
  ])('to %s by other methods get 405 and learn %s', async (end, allow) => {
    await using api = await openApi()

    for (const method of ['HEAD', 'PATCH'] as const) {
      const answer = await api.call('admin', method, root + end)
      expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow])
    }
  })

  it.each([
    ['GET', '/namespaces', 'x', 'A body is not expected'],
    ['DELETE', '/namespaces/n', 'x', 'A body is not expected'],
    ['POST', '/namespaces/n/tags/t', 'x', 'A body is not expected'],
    ['POST', '/namespaces', '', 'Body expected in request.'],
    ['POST', '/namespaces', '[', 'Malformed JSON'],
    ['POST', '/namespaces', '{}', '"namespace" is a required property'],
    ['GET', '/namespaces?limit=x', undefined, 'limit param must be an integer'],
    ['GET', '/namespaces?limit=-1', undefined, 'limit param must be positive'],
    ['GET', '/namespaces?sort_key=nothing', undefined, 'Invalid sort key: nothing'],
    ['GET', '/namespaces?sort_dir=up', undefined, 'Invalid sort direction: up'],
    ['GET', '/namespaces?visibility=', undefined, 'Invalid visibility value: '],
  ] as const)('%s %s with the body %j get 400', async (method, end, payload, message) => {
    await using api = await openApi()

    const answer = await api.call('admin', method, root + end, payload === undefined ? {} : { payload })

    expect(answer.statusCode).toBe(400)
    expect(answer.json().message).toContain(message)
  })

  it('find every schema', async () => {
    await using api = await openApi()
    const names = ['namespace', 'resource_type', 'property', 'object', 'tag']
    const lists = ['namespaces', 'resource_types', 'properties', 'objects', 'tags']

    const found = await Promise.all(
      [...names, ...lists].map(
        async (name) => (await api.call('rita', 'GET', `/v2/schemas/metadefs/${name}`)).json().name,
      ),
    )

    expect(found.join(' ')).toBe(
      'namespace resource_type_association property object tag namespaces resource_type_associations properties objects tags',
    )
  })
})

/** Text that can be stored: the Basic Multilingual Plane without NUL. */
const storable = fc
  .string({
    unit: fc
      .integer({ min: 1, max: 0xffff })
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCharCode(code)),
  })
  .filter((each) => each.length > 0)
const name = storable.filter((each) => each.length <= 80 && !['.', '..'].includes(each))

describe('whatever they are called and say', () => {
  it('definitions come back byte for byte', async () => {
    await using api = await openApi()
    await fc.assert(
      fc.asyncProperty(name, name, name, storable, async (namespace, property, tag, words) => {
        const properties = Object.fromEntries([[property, { type: 'string', title: words, default: words }]])
        const payload = JSON.stringify({ namespace, description: words, properties, tags: [{ name: tag }] })

        const made = await api.call('admin', 'POST', `${root}/namespaces`, { payload })
        expect([made.statusCode, made.headers.location]).toEqual([201, `http://localhost${made.json().self}`])
        expect(made.headers.location).toMatch(/^[\x21-\x7e]+$/)
        const shown = await api.call('admin', 'GET', made.json().self)
        const one = `${made.json().self}/properties/${encodeURIComponent(property)}`

        expect(shown.json()).toMatchObject({ namespace, description: words, tags: [{ name: tag }] })
        expect(Object.entries(shown.json().properties)).toEqual(Object.entries(properties))
        expect((await api.call('admin', 'GET', one)).json()).toMatchObject({ name: property, title: words })
        expect((await api.call('admin', 'DELETE', made.json().self)).statusCode).toBe(204)
      }),
      { numRuns: 60 },
    )
  })

  it('bodies of any JSON are answered by something else than 500, with every character of theirs escaped', async () => {
    await using api = await withWhole()
    const loose = fc.dictionary(
      fc.constantFrom(
        'namespace',
        'name',
        'tags',
        'objects',
        'properties',
        'required',
        'default',
        'title',
        'type',
        '<b>',
      ),
      fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue(),
        fc.constantFrom('<script>', 'string', [{ name: '<i>' }], { p: { '<b>': 1 } }),
      ),
    )
    const routes = fc.constantFrom(
      ['POST', '/namespaces'],
      ['PUT', '/namespaces/OS::Test::Whole'],
      ['POST', '/namespaces/OS::Test::Whole/properties'],
      ['POST', '/namespaces/OS::Test::Whole/objects'],
      ['POST', '/namespaces/OS::Test::Whole/tags'],
      ['PUT', '/namespaces/OS::Test::Whole/tags/t'],
      ['POST', '/namespaces/OS::Test::Whole/resource_types'],
    ) as fc.Arbitrary<readonly ['POST' | 'PUT', string]>

    await fc.assert(
      fc.asyncProperty(routes, fc.oneof(loose, fc.jsonValue()), async ([method, end], body) => {
        const answer = await api.call('admin', method, root + end, {
          payload: JSON.stringify(body),
          headers: { accept: 'text/html' },
        })

        expect([200, 201, 400, 403, 404, 409]).toContain(answer.statusCode)
        if (answer.statusCode >= 400) expect(answer.body).not.toMatch(/<(b|i|script)>/)
      }),
      { numRuns: 300 },
    )
  })

  it('paths and parameters of any bytes are answered by something else than 500', async () => {
    await using api = await withWhole()
    const bytes = fc.string({ unit: 'binary', maxLength: 40 }).map(encodeURIComponent_)

    await fc.assert(
      fc.asyncProperty(bytes, bytes, fc.constantFrom('properties', 'objects', 'tags'), async (a, b, kind) => {
        for (const url of [
          `${root}/namespaces/${a}`,
          `${root}/namespaces/${a}/${kind}/${b}`,
          `${path}/${kind}/${b}?resource_type=${a}`,
          `${path}/${kind}?limit=${a}&marker=${b}`,
          `${root}/namespaces?marker=${a}&resource_types=${b}&sort_key=${a}`,
        ])
          expect((await api.call('admin', 'GET', url)).statusCode).toBeLessThan(500)
      }),
      { numRuns: 100 },
    )
  })
})

/** Percent encoding that has no half of a surrogate pair to stumble over. */
function encodeURIComponent_(value: string): string {
  return encodeURIComponent(value.toWellFormed())
}
