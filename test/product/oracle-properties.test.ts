/**
 * The same requests to a real glance-api and to ours, both with the same property protections, the same site schema and the same storage quota: statuses and bodies have to be the same, but for
 * the differences that are intended and listed here.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type GlanceApi, startGlanceApi } from '../support/glance-api-process.ts'
import { describeWithBackend, probeOf } from '../support/require-backend.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const files = {
  'protections.conf': `
[^secret_.*]
create = admin
read = admin
update = admin
delete = admin
[^kept_.*]
create = member
read = @
update = !
delete = !
[^write_only_.*]
create = Member,other
read = admin
update = member
delete = member
[^x_[a-z]+$]
create = member
read = member
update = admin
delete = admin
[^nobody$]
create =
read = member
update = member
delete = member
[^(open|site)_.*|cores|kernel_id|policy]
create = @
read = @
update = @
delete = @
`,
  'schema-image.json': JSON.stringify({
    site_text: { type: 'string', description: 'A text' },
    cores: { type: 'integer', minimum: 1 },
    kernel_id: { type: ['null', 'string'], pattern: '^[0-9a-f]+$' },
    policy: { type: 'string', enum: ['keep', 'drop'] },
  }),
}
const options = ['property_protection_file = protections.conf', 'user_storage_quota = 1KB'] as const

/** Who asks: roles in project one. */
const callers = { admin: 'admin,member,reader', member: 'member,reader', reader: 'reader' } as const
type Caller = keyof typeof callers

const token = (caller: Caller): string => `token-of-the-${caller}-of-one`

interface Exchange {
  readonly by: Caller
  readonly method: string
  /** `{a}` stands for the image that an earlier exchange made as `a`. */
  readonly path: string
  readonly body?: unknown
  readonly as?: string
  /** Why the answers may differ; they have to. */
  readonly differs?: string
}

const formats = { container_format: 'bare', disk_format: 'raw' }
const make = (by: Caller, body: unknown, more: Partial<Exchange> = {}): Exchange => ({
  ...{ by, method: 'POST', path: '/v2/images', body },
  ...more,
})
const show = (by: Caller, more: Partial<Exchange> = {}): Exchange => ({
  by,
  method: 'GET',
  path: '/v2/images/{a}',
  ...more,
})
const patch = (by: Caller, op: string, name: string, value?: unknown): Exchange => ({
  ...{ by, method: 'PATCH', path: '/v2/images/{a}' },
  body: [{ op, path: `/${name}`, ...(value === undefined ? {} : { value }) }],
})
const list = (by: Caller, query: string, more: Partial<Exchange> = {}): Exchange => ({
  ...{ by, method: 'GET', path: `/v2/images?${query}` },
  ...more,
})
const upload = (image: string, bytes: number): Exchange => ({
  ...{ by: 'member', method: 'PUT', path: `/v2/images/{${image}}/file` },
  body: new Uint8Array(bytes),
})

const inOneSentence =
  'a value that breaks the schema is told in one sentence; Glance prints the schema and the value in Python'
const asStored = 'a number is shown as it is stored, at once; Glance shows what was sent in the answer to the creation'

const exchanges: readonly Exchange[] = [
  make('admin', { name: 'n', ...formats, kept_a: '1', write_only_b: '2', open_c: '3', x_d: '4' }, { as: 'a' }),
  ...(['secret_a', 'nobody', 'unnamed', 'x_1', 'x_ab1'] as const).map((name) => make('member', { [name]: '1' })),
  make('admin', { secret_a: '1', name: 'secret' }, { as: 's' }),
  make('admin', { unnamed: '1' }),
  show('member'),
  show('admin'),
  show('reader'),
  ...(['kept_a', 'write_only_b', 'x_d', 'secret_a', 'unnamed', 'nobody'] as const).flatMap((name) => [
    patch('member', 'replace', name, '9'),
    patch('member', 'remove', name),
  ]),
  ...(['kept_a', 'x_d', 'secret_a', 'unnamed', 'nobody'] as const).map((name) => patch('member', 'add', name, '9')),
  // On an image of its own: Glance saves this before it fails, and drops the property.
  make('admin', { name: 'w', write_only_b: '2' }, { as: 'w' }),
  {
    ...patch('member', 'add', 'write_only_b', '9'),
    path: '/v2/images/{w}',
    differs: 'a property that may be written but not read is written; Glance answers 500',
  },
  patch('admin', 'add', 'secret_z', '1'),
  patch('admin', 'replace', 'secret_z', '2'),
  patch('admin', 'replace', 'x_d', '5'),
  list('member', 'open_c=3'),
  list('member', 'name=secret'),
  {
    ...list('member', 'secret_a=1'),
    differs: 'a filter on a property that may not be read finds nothing; in Glance it finds the image',
  },
  list('admin', 'secret_a=1'),
  patch('member', 'replace', 'open_c', '4'),
  show('member'),
  show('admin', { differs: 'changes by somebody who may not read a property keep it; Glance drops it' }),
  make('member', { name: 'v', write_only_b: '2' }, { as: 'v' }),
  {
    ...{ by: 'admin', method: 'GET', path: '/v2/images/{v}' },
    differs: 'a property that may be created but not read is created; Glance drops it',
  },
  { by: 'member', method: 'GET', path: '/v2/schemas/image' },
  make('member', { kernel_id: null, policy: 'keep' }),
  make('member', { cores: 4 }, { as: 'c', differs: asStored }),
  { by: 'member', method: 'GET', path: '/v2/images/{c}' },
  ...[{ cores: '4' }, { cores: 0 }, { kernel_id: 'XY' }, { policy: 'burn' }, { open_a: 1 }].map((body) =>
    make('member', body, { differs: inOneSentence }),
  ),
  { ...patch('member', 'add', 'cores', 'many'), differs: inOneSentence },
  patch('member', 'add', 'kernel_id', null),
  upload('a', 1025),
  make('member', { name: 'big', ...formats }, { as: 'b' }),
  upload('b', 1000),
  upload('c', 1),
  make('member', { name: 'more', ...formats }, { as: 'd' }),
  upload('d', 25),
  { by: 'member', method: 'DELETE', path: '/v2/images/{b}' },
  upload('d', 25),
]

interface Answer {
  readonly status: number
  readonly body: unknown
}

async function answerOf(
  base: string,
  headers: Record<string, string>,
  exchange: Exchange,
  ids: Map<string, string>,
): Promise<Answer> {
  const { method, path, body, as } = exchange
  const bytes = body instanceof Uint8Array ? new Uint8Array(body) : null
  const answer = await fetch(base + path.replace(/\{(\w)\}/g, (whole, name: string) => ids.get(name) ?? whole), {
    method,
    headers: { accept: 'application/json', ...headers, 'content-type': typeOf(method) },
    ...(body === undefined ? {} : { body: bytes ?? JSON.stringify(body) }),
  })
  const text = await answer.text()
  const made = as === undefined ? undefined : /"id": ?"([^"]+)"/.exec(text)?.[1]
  if (as !== undefined && made !== undefined) ids.set(as, made)
  const neutral = text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/"(created|updated)_at": ?"[^"]+"/g, '"$1_at":"<time>"')
  const json: unknown = neutral.startsWith('{') ? JSON.parse(neutral) : neutral
  return { status: answer.status, body: path === '/v2/schemas/image' ? siteMembers(json) : json }
}

function typeOf(method: string): string {
  if (method === 'PUT') return 'application/octet-stream'
  return method === 'PATCH' ? 'application/openstack-images-v2.1-json-patch' : 'application/json'
}

/** Of a schema what the site says; descriptions of an image's own members are in our own words. */
function siteMembers(schema: unknown): unknown {
  const { properties } = schema as { readonly properties: Readonly<Record<string, unknown>> }
  return Object.entries(properties).filter(([, value]) => JSON.stringify(value).includes('"is_base":false'))
}

describeWithBackend(
  { describe, it },
  'glance-api',
  probeOf('glance-api'),
  'a real glance-api and ours, of one site',
  () => {
    let folder: string
    let real: GlanceApi
    let ours: ServerProcess

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'glance-site-'))
      for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
      const people = Object.entries(callers).map(([name, roles]) => ({
        ...{ user: name, project: 'one', roles: roles.split(',') },
        token: token(name as Caller),
      }))
      writeFileSync(join(folder, 'tokens.json'), JSON.stringify(people))
      const config = join(folder, 'glance-api.conf')
      writeFileSync(
        config,
        ['[DEFAULT]', ...options, '[glance_server]', `tokens_file = ${folder}/tokens.json`, ''].join('\n'),
      )
      real = await startGlanceApi({ options, files, believesHeaders: true })
      ours = await startServer({ args: ['--config-file', config] })
    }, 240_000)
    afterAll(async () => {
      await real?.[Symbol.asyncDispose]()
      await ours?.[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    })

    it(`answer ${exchanges.length} requests alike, but for what is intended`, async () => {
      const ids = [new Map<string, string>(), new Map<string, string>()] as const
      const differences: unknown[] = []
      const gone: unknown[] = []
      for (const exchange of exchanges) {
        const { by, differs, body, path, method } = exchange
        const named = {
          'x-user-id': by,
          'x-project-id': 'one',
          'x-roles': callers[by],
          'x-identity-status': 'Confirmed',
        }
        const theirs = await answerOf(real.url, named, exchange, ids[0])
        const own = await answerOf(ours.url, { 'x-auth-token': token(by) }, exchange, ids[1])
        const same = JSON.stringify(sorted(theirs)) === JSON.stringify(sorted(own))
        if (!same && differs === undefined) differences.push({ request: `${by}: ${method} ${path}`, body, theirs, own })
        if (same && differs !== undefined) gone.push({ request: `${by}: ${method} ${path}`, body, differs })
      }

      expect(differences).toEqual([])
      expect(gone).toEqual([])
    }, 120_000)
  },
)

/** With the members of objects in the order of their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, each]) => [name, sorted(each)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}
