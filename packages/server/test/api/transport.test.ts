import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'

describe('the API', () => {
  it('lets nobody in without a token, and says how', async () => {
    await using api = await openApi()

    for (const headers of [{}, { 'x-auth-token': 'wrong' }, { 'x-auth-token': '' }]) {
      const answer = await api.call(null, 'GET', '/v2/images', { headers })
      expect(answer.statusCode).toBe(401)
      expect(answer.headers['www-authenticate']).toBe('Token realm="glance-server"')
    }
  })

  it('tells its versions to anybody', async () => {
    await using api = await openApi({ options: { public_endpoint: 'https://images.example.org/' } })

    const [root, versions, unknown] = [
      await api.call(null, 'GET', '/'),
      await api.call(null, 'GET', '/versions'),
      await api.call(null, 'DELETE', '/v1/images'),
    ]

    expect([root.statusCode, versions.statusCode, unknown.statusCode]).toEqual([300, 200, 300])
    expect(versions.json().versions.at(-1)).toEqual({
      id: 'v2.0',
      status: 'SUPPORTED',
      links: [{ rel: 'self', href: 'https://images.example.org/v2/' }],
    })
    expect(root.body).toBe(versions.body)
  })

  it('answers a method that a path does not have with 405 and Allow', async () => {
    await using api = await openApi()

    for (const [method, path, allow] of [
      ['HEAD', '/v2/images', 'GET, POST'],
      ['PUT', '/v2/images', 'GET, POST'],
      ['POST', '/v2/images/x', 'GET, PATCH, DELETE'],
      ['DELETE', '/v2/images/x/file', 'PUT, GET'],
      ['GET', '/v2/images/x/actions/deactivate', 'POST'],
      ['DELETE', '/healthcheck', 'GET, HEAD'],
    ] as const) {
      const answer = await api.call('alice', method, path)
      expect([method, path, answer.statusCode]).toEqual([method, path, 405])
      expect(answer.headers.allow?.toString().split(', ').toSorted()).toEqual(allow.split(', ').toSorted())
    }
  })

  it('answers unknown paths with 404', async () => {
    await using api = await openApi()

    for (const path of ['/v2/', '/v2/nonsense', '/v2/images/x/y/z'])
      expect((await api.call('alice', 'GET', path)).statusCode).toBe(404)
  })

  it('leads from the bare version to the API behind its slash, as the real one does', async () => {
    await using api = await openApi()

    const answer = await api.call(null, 'GET', '/v2')

    expect([answer.statusCode, answer.headers.location]).toEqual([302, 'http://localhost/v2/'])
  })

  it('gives every answer an id, the caller’s own if it has one and it is short (LP 1482301)', async () => {
    await using api = await openApi()
    const idOf = async (id: string): Promise<unknown> =>
      (await api.call('alice', 'GET', '/v2/images', { headers: { 'x-openstack-request-id': id } })).headers[
        'x-openstack-request-id'
      ]

    expect(await idOf('req-abc')).toBe('req-abc')
    expect(await idOf('abc')).toBe('req-abc')
    expect(
      (await api.call('alice', 'GET', '/v2/images', { headers: { 'x-openstack-request-id': 'x'.repeat(65) } }))
        .statusCode,
    ).toBe(431)
  })

  it('answers health checks without a token', async () => {
    await using api = await openApi()

    const answers = [
      await api.call(null, 'GET', '/healthcheck', { headers: { accept: 'text/plain' } }),
      await api.call(null, 'GET', '/healthcheck'),
      await api.call(null, 'HEAD', '/healthcheck'),
    ]

    expect(answers.map((answer) => [answer.statusCode, answer.body])).toEqual([
      [200, 'OK'],
      [200, '{\n    "detailed": false,\n    "reasons": [\n        "OK"\n    ]\n}'],
      [204, ''],
    ])
  })

  it('lists its stores when there are several', async () => {
    await using single = await openApi()
    await using several = await openApi({ stores: ['fast', 'slow'] })

    expect((await single.call('alice', 'GET', '/v2/info/stores')).statusCode).toBe(404)
    expect((await several.call('alice', 'GET', '/v2/info/stores')).json()).toEqual({
      stores: [
        { id: 'fast', description: 'store fast', default: 'true' },
        { id: 'slow', description: 'store slow' },
      ],
    })
    expect((await several.call('alice', 'GET', '/v2/info/stores/detail')).statusCode).toBe(403)
    expect((await several.call('admin', 'GET', '/v2/info/stores/detail')).json().stores[0]).toMatchObject({
      id: 'fast',
      type: 'memory',
      weight: 2,
    })
  })

  it('publishes schemas from the field table', async () => {
    await using api = await openApi()

    const image = (await api.call('alice', 'GET', '/v2/schemas/image')).json()
    const images = (await api.call('alice', 'GET', '/v2/schemas/images')).json()

    expect(image).toMatchObject({
      name: 'image',
      additionalProperties: { type: 'string' },
      properties: { status: { readOnly: true }, disk_format: { enum: expect.arrayContaining([null, 'qcow2']) } },
    })
    expect(images).toMatchObject({
      name: 'images',
      properties: { images: { type: 'array' }, first: { type: 'string' } },
    })
  })

  it('never fails on hostile paths, queries and bodies', async () => {
    await using api = await openApi()
    const method = fc.constantFrom('GET', 'PUT', 'POST', 'PATCH', 'DELETE' as const)
    const path = fc.array(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('images', 'file', 'tags', '..', '%00', '%zz', '%c0%af')),
      { maxLength: 4 },
    )
    const query = fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('limit', 'marker', 'sort', 'name', 'size_min', 'tag')),
      fc.string({ unit: 'binary' }),
      { maxKeys: 4 },
    )

    await fc.assert(
      fc.asyncProperty(method, path, query, fc.json(), async (how, segments, parameters, payload) => {
        const url = `/v2/${segments.map((each) => (/^%/.test(each) ? each : encodeURIComponent(toWellFormed(each)))).join('/')}`
        const search = new URLSearchParams(
          Object.entries(parameters).map(([name, value]): [string, string] => [
            toWellFormed(name),
            toWellFormed(value),
          ]),
        )
        const answer = await api.call(
          'alice',
          how,
          `${url}?${search}`,
          how === 'GET' ? {} : { payload, headers: { 'content-type': 'application/openstack-images-v2.1-json-patch' } },
        )
        expect(answer.statusCode).toBeLessThan(500)
      }),
      { numRuns: 300 },
    )
  })
})

function toWellFormed(text: string): string {
  return text.replaceAll(/[\ud800-\udfff]/g, '')
}
