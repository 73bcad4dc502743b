/**
 * What holds for any input: no answer of the server's own failing, nothing of the input unescaped in a page, every stored text back as it was sent, and nothing lost between patches at once.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Api, openApi } from '../support/api.ts'

const members = [
  'name',
  'tags',
  'visibility',
  'protected',
  'min_ram',
  'min_disk',
  'os_hidden',
  'disk_format',
  'owner',
  'id',
  'locations',
  'os_distro',
  '__proto__',
  'constructor',
  'status',
]
const segment = fc.oneof(
  fc.constantFrom(...members),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '~0', '~1', '~2', ' ', '-', '0'),
)
const pointer = fc.oneof(
  fc.array(segment, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`),
  fc.string(),
)
const value = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('public', 'private', 'raw', null, -1, 2 ** 40),
)
const operation21 = fc.oneof(
  fc.record(
    { op: fc.constantFrom('add', 'replace', 'remove', 'move', 'test', ''), path: pointer, value },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
)
const operation20 = fc.oneof(
  fc
    .tuple(fc.constantFrom('add', 'replace', 'remove'), pointer, value)
    .map(([op, path, given]) => ({ [op]: path, value: given })),
  fc.jsonValue(),
)

async function patch(
  api: Api,
  id: string,
  version: '2.0' | '2.1',
  body: unknown,
): Promise<{ status: number; body: string }> {
  const answer = await api.call('alice', 'PATCH', `/v2/images/${id}`, {
    headers: { 'content-type': `application/openstack-images-v${version}-json-patch`, accept: 'text/html' },
    payload: JSON.stringify(body),
  })
  return { status: answer.statusCode, body: answer.body }
}

describe('any JSON patch', () => {
  it.each([
    ['2.1', operation21],
    ['2.0', operation20],
  ] as const)(
    'of version %s is carried out or refused, wholly',
    async (version, operation) => {
      await using api = await openApi()
      const { id } = await api.create('alice')
      const shown = async (): Promise<string> => (await api.call('alice', 'GET', `/v2/images/${id}`)).body

      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 3 }), async (operations) => {
          const before = await shown()
          const { status, body } = await patch(api, id, version, operations)
          expect([200, 400, 403, 409, 413]).toContain(status)
          if (status === 200) expect(JSON.parse(body)).toEqual(JSON.parse(await shown()))
          else expect(await shown()).toBe(before)
        }),
        { numRuns: 150 },
      )
    },
    60_000,
  )

  it('leaves nothing of its input unescaped in a page', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')
    const markup = fc.constantFrom('<script>alert(1)</script>', '<img src=x onerror=y>', '"><b>', '</title><b>')

    await fc.assert(
      fc.asyncProperty(markup, fc.constantFrom(...members, 'x'), async (text, member) => {
        const bodies = [
          (await patch(api, id, '2.1', [{ op: 'replace', path: `/${text}`, value: 'x' }])).body,
          (await patch(api, id, '2.1', [{ op: text, path: `/${member}`, value: text }])).body,
          (await patch(api, id, '2.1', [{ op: 'replace', path: `/${member}`, value: text }])).body,
          (await api.call('alice', 'GET', `/v2/images/${encodeURIComponent(text)}`, { headers: { accept: '*/*' } }))
            .body,
          (
            await api.call('alice', 'GET', `/v2/images?${member}_min=${encodeURIComponent(text)}`, {
              headers: { accept: '*/*' },
            })
          ).body,
          (
            await api.call('alice', 'GET', `/v2/images?sort_key=${encodeURIComponent(text)}`, {
              headers: { accept: '*/*' },
            })
          ).body,
          (
            await api.call('alice', 'PUT', `/v2/images/${id}/file`, {
              headers: { accept: '*/*', 'content-type': text },
            })
          ).body,
        ]
        for (const body of bodies.filter((each) => each.startsWith('<html>')))
          expect(body).not.toMatch(/<(?:script|img|b)\b/)
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

describe('any text', () => {
  /** Texts that can be stored: no half surrogate pairs, no U+0000, nothing outside the plane that Glance's databases hold. */
  const storable = (shortest: number, longest: number): fc.Arbitrary<string> =>
    fc
      .string({ unit: 'binary', minLength: shortest, maxLength: longest })
      .map((text) => text.replaceAll(/[\0\u{10000}-\u{10ffff}\ud800-\udfff]/gu, 'x'))

  it('that is stored comes back as it was sent', async () => {
    await using api = await openApi()
    const property = fc.tuple(storable(1, 40), storable(0, 300))

    await fc.assert(
      fc.asyncProperty(
        storable(0, 255),
        fc.array(property, { maxLength: 4 }),
        fc.uniqueArray(storable(0, 60), { maxLength: 4 }),
        async (name, pairs, tags) => {
          const properties = Object.fromEntries(pairs.map(([key, given]) => [`x-${key}`, given]))
          const created = await api.call('alice', 'POST', '/v2/images', {
            payload: JSON.stringify({ name, tags, ...properties }),
          })
          expect(created.statusCode).toBe(201)
          const { id } = created.json()
          const shown = (await api.call('alice', 'GET', `/v2/images/${id}`)).json()
          const listed = (await api.call('alice', 'GET', `/v2/images?id=${id}`)).json().images[0]
          for (const image of [created.json(), shown, listed]) {
            expect(image).toMatchObject({ name, ...properties })
            expect(new Set(image.tags)).toEqual(new Set(tags))
          }
        },
      ),
      { numRuns: 60 },
    )
  }, 60_000)

  it('as a filter finds the image that has it', async () => {
    await using api = await openApi()

    await fc.assert(
      fc.asyncProperty(storable(1, 40), storable(0, 100), async (key, given) => {
        const { id } = await api.create('alice', { [`x-${key}`]: given, tags: [given] })
        const find = async (parameters: readonly [string, string][]): Promise<string[]> =>
          (await api.call('alice', 'GET', `/v2/images?${new URLSearchParams([...parameters])}`))
            .json()
            .images.map((image: { id: string }) => image.id)

        expect(
          await find([
            [`x-${key}`, given],
            ['id', id],
          ]),
        ).toEqual([id])
        expect(
          await find([
            ['tag', given],
            ['id', id],
          ]),
        ).toEqual([id])
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

describe('any list query and any header', () => {
  const parameter = fc.tuple(
    fc.oneof(
      fc.constantFrom(
        'limit',
        'marker',
        'sort',
        'sort_key',
        'sort_dir',
        'name',
        'id',
        'status',
        'visibility',
        'member_status',
        'os_hidden',
        'protected',
        'owner',
        'size_min',
        'size_max',
        'created_at',
        'tag',
        'changes-since',
        'disk_format',
      ),
      fc.string({ unit: 'binary' }),
    ),
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'in:a,b',
        'in:"a',
        'eq:',
        'gt:2020-01-01',
        'name:asc',
        'asc',
        '-1',
        '1e9',
        '0',
        'all',
        'true',
        'x'.repeat(300),
      ),
    ),
  )
  const wellFormed = (text: string): string => text.replaceAll(/[\ud800-\udfff]/g, '')

  it('is answered with a page or a refusal that says what is wrong', async () => {
    await using api = await openApi()
    await api.create('alice', { tags: ['a'], os_distro: 'x' })

    await fc.assert(
      fc.asyncProperty(fc.array(parameter, { maxLength: 5 }), async (pairs) => {
        const query = new URLSearchParams(
          pairs.map(([name, given]): [string, string] => [wellFormed(name), wellFormed(given)]),
        )
        const answer = await api.call('alice', 'GET', `/v2/images?${query}`)
        expect([200, 400, 403]).toContain(answer.statusCode)
        if (answer.statusCode !== 200)
          expect(
            answer
              .json()
              .message.replace(/<br \/>/g, '')
              .trim(),
          ).not.toBe('')
      }),
      { numRuns: 300 },
    )
  }, 60_000)

  it('is met without a fault of the server', async () => {
    await using api = await openApi({
      groups: {
        cors: { allowed_origin: 'https://a' },
        oslo_middleware: { enable_proxy_headers_parsing: 'true' },
        glance_server: { gzip: 'true' },
      },
    })
    const id = await api.createActive('alice', 'data')
    const names = [
      'accept',
      'accept-encoding',
      'origin',
      'range',
      'content-range',
      'content-type',
      'forwarded',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-forwarded-for',
      'x-forwarded-prefix',
      'x-openstack-request-id',
      'x-image-meta-store',
      'x-openstack-image-size',
      'x-service-token',
      'access-control-request-method',
      'access-control-request-headers',
    ]
    const headers = fc.dictionary(
      fc.constantFrom(...names),
      fc.oneof(
        fc.string({
          unit: fc
            .integer({ min: 0x20, max: 0xff })
            .filter((code) => code !== 0x7f)
            .map((code) => String.fromCharCode(code)),
        }),
        fc.constantFrom(
          'bytes=0-',
          'bytes=-1',
          'bytes=9-1',
          'gzip',
          'gzip;q=0',
          '*/*',
          'a/b;q=',
          'for=x;host="',
          '/x/',
          'https',
        ),
      ),
      { maxKeys: 5 },
    )

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'OPTIONS', 'HEAD', 'PUT'),
        fc.constantFrom('', `/${id}`, `/${id}/file`),
        headers,
        async (method, path, given) => {
          const answer = await api.call('alice', method as 'GET', `/v2/images${path}`, { headers: given })
          expect(answer.statusCode).toBeLessThan(500)
          for (const header of Object.values(answer.headers)) expect(String(header)).not.toMatch(/[\r\n]/)
        },
      ),
      { numRuns: 300 },
    )
  }, 60_000)
})

describe('patches of one image at once', () => {
  it('lose nothing of each other', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')

    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 2, maxLength: 8 }),
        async (names) => {
          const answers = await Promise.all(
            names.map((name) => api.patch('alice', id, [{ op: 'add', path: `/x-${name}`, value: name }])),
          )
          const shown = (await api.call('alice', 'GET', `/v2/images/${id}`)).json()

          expect(answers.map((answer) => answer.statusCode)).toEqual(names.map(() => 200))
          for (const name of names) expect(shown[`x-${name}`]).toBe(name)
          await api.patch(
            'alice',
            id,
            names.map((name) => ({ op: 'remove', path: `/x-${name}` })),
          )
        },
      ),
      { numRuns: 25 },
    )
  }, 60_000)

  it('of which only one may add a property have one winner in version 2.0', async () => {
    await using api = await openApi()
    const { id } = await api.create('alice')

    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((given) => patch(api, id, '2.0', [{ add: '/only', value: given }])),
    )

    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409])
  })
})
