/**
 * Requests about metadata definitions whose answers a real glance-api and ours have to agree on, in one order on both: later ones work on what earlier ones made.
 */
import type { Exchange } from './exchanges.ts'

/** Who asks: an administrator, members of two projects, and somebody whose role counts for nothing. */
export const metadefCallers = {
  admin: { project: 'ops', roles: ['admin', 'member', 'reader'] },
  alice: { project: 'one', roles: ['member', 'reader'] },
  bob: { project: 'two', roles: ['member', 'reader'] },
  nora: { project: 'one', roles: ['nothing'] },
} as const

/** One of `metadefCallers`. */
export type MetadefCaller = keyof typeof metadefCallers

/** A request of somebody's. */
export interface MetadefExchange extends Exchange {
  readonly by: MetadefCaller
}

const root = '/v2/metadefs'
const json = { 'content-type': 'application/json' }

function send(method: string, path: string, body?: unknown, more: Partial<MetadefExchange> = {}): MetadefExchange {
  const content = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
  return { by: 'admin', method, path: path.startsWith('/v2') ? path : root + path, headers: json, ...content, ...more }
}
const get = (path: string, by: MetadefCaller = 'admin'): MetadefExchange => send('GET', path, undefined, { by })
const drop = (path: string, by: MetadefCaller = 'admin'): MetadefExchange => send('DELETE', path, undefined, { by })
const make = (namespace: unknown): MetadefExchange => send('POST', '/namespaces', namespace)

const text = { title: 't', type: 'string' }
const long = (length: number): string => 'x'.repeat(length)

/** A namespace with something of everything. */
const full = {
  namespace: 'OS::Test::Full',
  display_name: 'Full',
  description: 'has é everything',
  visibility: 'public',
  protected: false,
  owner: 'one',
  resource_type_associations: [
    { name: 'OS::Nova::Flavor', prefix: 'hw:' },
    { name: 'OS::Glance::Image', prefix: 'hw_', properties_target: 'image' },
    { name: 'OS::Cinder::Volume' },
  ],
  properties: {
    zeta: { title: 'Z', type: 'integer', minimum: 1, maximum: 9, default: 3, readonly: true },
    alpha: { title: 'A', type: 'string', enum: ['x', 'y'], default: 'x', operators: ['<in>'], minLength: 0 },
    list: {
      title: 'L',
      type: 'array',
      items: { type: 'string', enum: ['a'] },
      uniqueItems: true,
      minItems: 1,
      maxItems: 2,
      additionalItems: false,
    },
    secret: { title: 'S', description: '<b>"&\'', type: 'string', confidential: true, pattern: '^a$', maxLength: 3 },
    named: { name: 'other', ...text, default: true },
  },
  objects: [
    { name: 'second', properties: { p: text, q: { ...text, default: 1.5 } }, required: ['p', 'q'] },
    { name: 'first', description: 'without properties' },
    { name: 'third', required: [], properties: {} },
  ],
  tags: [{ name: 'T2' }, { name: 't1' }, { name: 'tag 3' }],
}

const schemas: readonly MetadefExchange[] = [
  ...['namespace', 'resource_type', 'property', 'object', 'tag'],
  ...['namespaces', 'resource_types', 'properties', 'objects', 'tags'],
].flatMap((name) => [get(`/v2/schemas/metadefs/${name}`), send('POST', `/v2/schemas/metadefs/${name}`)])

/** Bodies that make no namespace, or a plain one. */
const namespaceBodies: readonly unknown[] = [
  '',
  '[',
  '7',
  'null',
  '[]',
  {},
  { namespace: 7 },
  { namespace: long(81) },
  { namespace: 'x', x: 1 },
  ...['self', 'schema', 'created_at', 'updated_at'].map((name) => ({ namespace: 'x', [name]: 'x' })),
  ...['private ', 'shared', null].map((visibility) => ({ namespace: 'x', visibility })),
  ...['yes', 1, null].map((value) => ({ namespace: 'x', protected: value })),
  ...[7, null, long(256)].map((owner) => ({ namespace: 'x', owner })),
  ...[7, null, long(501), '😀'].map((description) => ({ namespace: 'x', description })),
  ...[7, null, long(81)].map((value) => ({ namespace: 'x', display_name: value })),
  { namespace: '😀' },
  ...[7, {}, [7], [{}], [{ name: 7 }], [{ name: 'a', x: 1 }]].map((tags) => ({ namespace: 'x', tags })),
  ...[7, {}, [7], [{}], [{ name: 'a', strange: '/' }], [{ name: 'a', required: 'p' }]].map((objects) => ({
    namespace: 'x',
    objects,
  })),
  ...[
    7,
    [],
    { a: 7 },
    { a: {} },
    { a: { title: 't' } },
    { a: { ...text, type: 'text' } },
    { a: { ...text, x: 1 } },
  ].map((properties) => ({ namespace: 'x', properties })),
  ...[7, {}, [7], [{ prefix: 'a' }], [{ name: 'a', prefix: 7 }], [{ name: 'a', x: 1 }]].map((associations) => ({
    namespace: 'x',
    resource_type_associations: associations,
  })),
  { namespace: 'twice', tags: [{ name: 'a' }, { name: 'a' }] },
  { namespace: 'twice', objects: [{ name: 'a' }, { name: 'a' }] },
  { namespace: 'twice', resource_type_associations: [{ name: 'OS::Nova::Flavor' }, { name: 'OS::Nova::Flavor' }] },
  { namespace: 'OS::Test::Full' },
]

const namespaces: readonly MetadefExchange[] = [
  get('/namespaces'),
  get('/resource_types'),
  make(full),
  make({ namespace: 'plain' }),
  make({ namespace: 'of two', owner: 'two', description: '', display_name: '' }),
  make({ namespace: 'public of two', owner: 'two', visibility: 'public', display_name: 'P' }),
  make({
    namespace: 'kept',
    protected: true,
    owner: 'one',
    tags: [{ name: 't' }],
    objects: [{ name: 'o' }],
    properties: { p: text },
    resource_type_associations: [{ name: 'OS::Nova::Flavor', prefix: 'k:' }],
  }),
  make({ namespace: 'nothing in it', tags: [], objects: [], properties: {}, resource_type_associations: [] }),
  ...namespaceBodies.map(make),
  get('/namespaces/twice'),
  get('/namespaces/x'),
  drop('/namespaces/x'),
  ...['OS::Test::Full', 'plain', 'of%20two', 'kept', 'nothing%20in%20it', 'unknown'].map((name) =>
    get(`/namespaces/${name}`),
  ),
  ...['OS::Nova::Flavor', 'OS::Glance::Image', 'OS::Cinder::Volume', 'OS::Unknown', ''].map((type) =>
    get(`/namespaces/OS::Test::Full?resource_type=${type}`),
  ),
  get('/namespaces/OS::Test::Full?visibility=x'),
  get('/namespaces/OS::Test::Full?x=1'),
  get('/resource_types'),
]

const lists: readonly MetadefExchange[] = [
  ...[
    '',
    '?limit=2',
    '?limit=0',
    '?limit=1000',
    '?limit=6',
    '?limit=2&marker=kept',
    '?limit=1&sort_key=namespace',
    '?marker=plain',
    '?marker=unknown',
    '?marker=',
    '?sort_key=namespace&sort_dir=asc',
    '?sort_key=namespace&sort_dir=asc&marker=kept&limit=2',
    '?sort_key=owner&sort_dir=asc',
    '?sort_key=owner&sort_dir=desc&marker=of%20two',
    '?sort_key=visibility',
    '?sort_key=updated_at',
    '?sort_key=created_at&sort_dir=asc',
    '?sort_key=id&sort_dir=asc',
    '?sort_key=protected&sort_dir=asc',
    '?sort_key=nothing',
    '?sort_dir=up',
    '?visibility=public',
    '?visibility=private',
    '?visibility=shared',
    '?visibility=',
    '?resource_types=OS::Nova::Flavor',
    '?resource_types=OS::Glance::Image,OS::Cinder::Volume',
    '?resource_types=OS::Nova::Flavor&limit=1',
    '?resource_types=OS::Nova::Flavor&visibility=private',
    '?resource_types=none',
    '?resource_types=',
    '?unknown=1',
    '?limit=x',
    '?limit=-1',
  ].map((query) => get(`/namespaces${query}`)),
]

/** Bodies of properties, by their name. */
const propertyBodies: readonly (readonly [string, unknown])[] = [
  ...[
    {},
    { default: 7 },
    { default: -1.5 },
    { default: false },
    { default: null },
    { default: ['a'] },
    { default: { a: 1 } },
    { default: 'é' },
    { minimum: -2, maximum: 2.5 },
    { minimum: '1' },
    { minLength: -1 },
    { minLength: 1.5 },
    { maxLength: 'x' },
    { pattern: '(' },
    { pattern: 7 },
    { enum: ['a', 'b'] },
    { enum: [1] },
    { enum: 'a' },
    { enum: [] },
    { operators: ['<or>', '<or>'] },
    { operators: [7] },
    { readonly: 'yes' },
    { items: {} },
    { items: { type: 'integer' } },
    { items: { type: 'string', enum: ['a'], x: 1 } },
    { items: { type: null } },
    { items: [] },
    { required: ['a'] },
    { required: [] },
    { confidential: true },
    { x: 1 },
    { type: null },
    { type: 'float' },
    { title: null },
    { description: '' },
    { description: '<script>alert(1)</script>' },
    { uniqueItems: 1 },
    { additionalItems: true },
    { created_at: 'x' },
    { updated_at: 'x' },
  ].map((members, at) => [`p${at}`, { name: `p${at}`, ...text, ...members }] as const),
  ['nameless', text],
  ['long', { ...text, name: long(81) }],
  ['number', { ...text, name: 7 }],
  ['untyped', { name: 'untyped', title: 't' }],
  ['untitled', { name: 'untitled', type: 'string' }],
  ['no object', []],
  ['nothing', ''],
]

const properties: readonly MetadefExchange[] = [
  ...propertyBodies.map(([, body]) => send('POST', '/namespaces/plain/properties', body)),
  get('/namespaces/plain/properties'),
  ...['p0', 'p1', 'unknown'].map((name) => get(`/namespaces/plain/properties/${name}`)),
  send('POST', '/namespaces/plain/properties', { name: 'p0', ...text }),
  send('POST', '/namespaces/unknown/properties', { name: 'p0', ...text }),
  send('POST', '/namespaces/unknown/properties', { name: 'p0' }),
  send('PUT', '/namespaces/plain/properties/p0', { name: 'renamed', ...text, default: 'd' }),
  send('PUT', '/namespaces/plain/properties/renamed', { name: 'renamed', ...text }),
  send('PUT', '/namespaces/plain/properties/renamed', { name: 'p1', ...text }),
  send('PUT', '/namespaces/plain/properties/renamed', text),
  send('PUT', '/namespaces/plain/properties/unknown', { name: 'p1', ...text }),
  send('PUT', '/namespaces/unknown/properties/unknown', { name: 'p1', ...text }),
  get('/namespaces/plain/properties/renamed'),
  get('/namespaces/OS::Test::Full/properties'),
  get('/namespaces/OS::Test::Full/properties/named'),
  ...['hw:alpha', 'alpha', 'hw:unknown'].map((name) =>
    get(`/namespaces/OS::Test::Full/properties/${name}?resource_type=OS::Nova::Flavor`),
  ),
  get('/namespaces/OS::Test::Full/properties/alpha?resource_type=OS::Cinder::Volume'),
  get('/namespaces/OS::Test::Full/properties/alpha?resource_type=OS::Unknown'),
  get('/namespaces/OS::Test::Full/properties/alpha?resource_type='),
  get('/namespaces/OS::Test::Full/properties/alpha?x=1'),
  drop('/namespaces/plain/properties/renamed'),
  drop('/namespaces/plain/properties/renamed'),
  drop('/namespaces/kept/properties/p'),
  drop('/namespaces/kept/properties'),
  drop('/namespaces/plain/properties'),
  drop('/namespaces/unknown/properties'),
  get('/namespaces/plain/properties'),
]

const objects: readonly MetadefExchange[] = [
  ...[
    { name: 'o0' },
    { name: 'o0' },
    { name: 'o1', description: '', required: [], properties: {} },
    { name: 'o2', required: ['a', 'b'], properties: { a: text, b: { ...text, name: 'zz', default: 1 } } },
    { name: 'o3', required: ['a,b', 'c'] },
    { name: 'o4', required: [''] },
    { name: 'o5', required: ['a', 'a'] },
    { name: 'o6', required: 'a' },
    { name: 'o7', required: [7] },
    { name: 'o8', properties: { a: {} } },
    { name: 'o9', properties: { a: { ...text, x: 1 } } },
    { name: 'o10', properties: { a: { ...text, confidential: true } } },
    { name: 'o11', properties: { a: { ...text, enum: [1] } } },
    { name: 'o12', properties: [] },
    { name: 'o13', description: 7 },
    { name: 'o14', x: 1 },
    { name: long(81) },
    { name: 7 },
    {},
    ...['self', 'schema', 'created_at', 'updated_at'].map((name) => ({ name: 'o15', [name]: 'x' })),
    [],
    '',
  ].map((body) => send('POST', '/namespaces/plain/objects', body)),
  ...['', '?limit=1', '?limit=0', '?limit=x', '?sort_dir=up', '?visibility=x', '?marker=o0', '?sort_key=x'].map(
    (query) => get(`/namespaces/OS::Test::Full/objects${query}`),
  ),
  ...['o0', 'o1', 'o2', 'unknown'].map((name) => get(`/namespaces/plain/objects/${name}`)),
  send('PUT', '/namespaces/plain/objects/o2', { name: 'o2' }),
  get('/namespaces/plain/objects/o2'),
  send('PUT', '/namespaces/plain/objects/o2', { name: 'renamed', properties: { a: text }, required: ['a'] }),
  send('PUT', '/namespaces/plain/objects/renamed', { name: 'o0' }),
  send('PUT', '/namespaces/plain/objects/renamed', { description: 'x' }),
  send('PUT', '/namespaces/plain/objects/unknown', { name: 'o0' }),
  send('PUT', '/namespaces/unknown/objects/unknown', { name: 'o0' }),
  get('/namespaces/unknown/objects'),
  get('/namespaces/unknown/objects/o0'),
  drop('/namespaces/plain/objects/renamed'),
  drop('/namespaces/plain/objects/renamed'),
  drop('/namespaces/kept/objects/o'),
  drop('/namespaces/kept/objects'),
  drop('/namespaces/plain/objects'),
  get('/namespaces/plain/objects'),
]

const tagList = (names: readonly string[]): unknown => ({ tags: names.map((name) => ({ name })) })

const tags: readonly MetadefExchange[] = [
  ...['one', 'one', 'two%20words', long(81), 't%C3%A9'].map((name) => send('POST', `/namespaces/plain/tags/${name}`)),
  send('POST', '/namespaces/plain/tags/body', 'x'),
  send('POST', '/namespaces/unknown/tags/one'),
  ...['one', 'two%20words', 'unknown'].map((name) => get(`/namespaces/plain/tags/${name}`)),
  ...[{ name: 'one' }, { name: 'uno' }, { name: 'two words' }, { name: 7 }, { x: 1 }, { name: 'a', x: 1 }, {}].map(
    (body) => send('PUT', '/namespaces/plain/tags/one', body),
  ),
  ...['created_at', 'updated_at', 'self'].map((name) =>
    send('PUT', '/namespaces/plain/tags/uno', { name: 'a', [name]: 'x' }),
  ),
  send('PUT', '/namespaces/plain/tags/uno', ''),
  send('PUT', '/namespaces/plain/tags/uno', { name: 'two words' }),
  get('/namespaces/plain/tags'),
  send('POST', '/namespaces/plain/tags', tagList([])),
  get('/namespaces/plain/tags'),
  send('POST', '/namespaces/plain/tags', tagList(['a', 'b', 'a'])),
  send('POST', '/namespaces/plain/tags', tagList(['c', 'a', 'b'])),
  get('/namespaces/plain/tags'),
  ...['true', 'Yes', ' 1 '].map((append, at) =>
    send('POST', '/namespaces/plain/tags', tagList([`more${at}`]), {
      headers: { ...json, 'x-openstack-append': append },
    }),
  ),
  send('POST', '/namespaces/plain/tags', tagList(['a']), { headers: { ...json, 'x-openstack-append': 'true' } }),
  ...[
    {},
    { tags: 'a' },
    { tags: [{}] },
    { tags: [{ name: 7 }] },
    { tags: [{ name: 'a', x: 1 }] },
    { x: 1 },
    [],
    '',
  ].map((body) => send('POST', '/namespaces/plain/tags', body)),
  send('POST', '/namespaces/plain/tags', tagList([long(81)]), { headers: { ...json, 'x-openstack-append': 'true' } }),
  drop(`/namespaces/plain/tags/${long(81)}`),
  ...[
    '',
    '?limit=2',
    '?limit=0',
    '?limit=x',
    '?limit=-1',
    '?limit=2&marker=a',
    '?marker=unknown',
    '?marker=',
    '?sort_key=name',
    '?sort_key=name&sort_dir=asc',
    '?sort_key=name&sort_dir=asc&marker=b&limit=2',
    '?sort_dir=asc',
    '?sort_dir=up',
    '?sort_key=unknown',
    '?visibility=shared',
    '?visibility=x',
  ].map((query) => get(`/namespaces/plain/tags${query}`)),
  drop('/namespaces/plain/tags/a'),
  drop('/namespaces/plain/tags/a'),
  drop('/namespaces/kept/tags/t'),
  drop('/namespaces/kept/tags/unknown'),
  drop('/namespaces/kept/tags'),
  drop('/namespaces/plain/tags'),
  get('/namespaces/plain/tags'),
]

const resourceTypes: readonly MetadefExchange[] = [
  ...[
    { name: 'OS::New::Type', prefix: 'n:', properties_target: 'image' },
    { name: 'OS::New::Type' },
    { name: 'OS::Nova::Flavor' },
    { prefix: 'a' },
    { name: 7 },
    { name: 'x', prefix: null },
    { name: 'x', prefix: long(81) },
    { name: long(81) },
    { name: 'x', x: 1 },
    { name: 'x', created_at: 'x' },
    { name: 'x', updated_at: 'x' },
    [],
    '',
  ].map((body) => send('POST', '/namespaces/plain/resource_types', body)),
  send('POST', '/namespaces/unknown/resource_types', { name: 'x' }),
  get('/namespaces/plain/resource_types'),
  get('/namespaces/unknown/resource_types'),
  get('/resource_types'),
  drop('/namespaces/plain/resource_types/OS::New::Type'),
  drop('/namespaces/plain/resource_types/OS::New::Type'),
  drop('/namespaces/plain/resource_types/OS::Unknown'),
  drop('/namespaces/kept/resource_types/OS::Nova::Flavor'),
  get('/namespaces/plain/resource_types'),
  get('/resource_types'),
]

/** Everything that may be read, and then what may be changed, by everybody. */
const rights: readonly MetadefExchange[] = (['alice', 'bob', 'nora'] as const).flatMap((by) => [
  ...['/namespaces', '/namespaces?limit=1', '/namespaces?visibility=private', '/resource_types'].map((path) =>
    get(path, by),
  ),
  ...['OS::Test::Full', 'kept', 'public%20of%20two', 'unknown'].flatMap((name) => {
    const path = `/namespaces/${name}`
    const sent = (method: string, end: string, body: unknown) => send(method, path + end, body, { by })
    return [
      ...['', '/objects', '/properties', '/tags', '/resource_types'].map((end) => get(path + end, by)),
      ...['/objects/first', '/properties/alpha', '/tags/t1'].map((end) => get(path + end, by)),
      get(`${path}/properties/hw:alpha?resource_type=OS::Nova::Flavor`, by),
      sent('PUT', '', { namespace: 'taken over' }),
      sent('POST', '/objects', { name: 'x' }),
      sent('POST', '/properties', { name: 'x', ...text }),
      sent('POST', '/tags', tagList(['x'])),
      sent('POST', '/tags/x', undefined),
      sent('POST', '/resource_types', { name: 'x' }),
      sent('PUT', '/objects/x', { name: 'x' }),
      sent('PUT', '/properties/x', { name: 'x', ...text }),
      ...['', '/properties', '/tags', '/objects/x', '/properties/x', '/tags/x', '/resource_types/x'].map((end) =>
        drop(path + end, by),
      ),
    ]
  }),
  send('POST', '/namespaces', { namespace: 'mine' }, { by }),
  send('POST', '/namespaces', { namespace: 'kept' }, { by }),
  send('POST', '/namespaces', {}, { by }),
  send('PUT', '/namespaces/kept', { created_at: 'x' }, { by }),
])

const changes: readonly MetadefExchange[] = [
  send('PUT', '/namespaces/plain', {
    namespace: 'plain',
    description: 'd',
    visibility: 'public',
    tags: [{ name: 'x' }],
  }),
  send('PUT', '/namespaces/plain', { namespace: 'renamed', protected: true, owner: 'two' }),
  get('/namespaces/plain'),
  get('/namespaces/renamed'),
  drop('/namespaces/renamed'),
  send('PUT', '/namespaces/renamed', { namespace: 'renamed' }),
  send('PUT', '/namespaces/renamed', { namespace: 'kept' }),
  send('PUT', '/namespaces/renamed', { display_name: 'x' }),
  send('PUT', '/namespaces/renamed', { namespace: 'renamed', visibility: 'x' }),
  send('PUT', '/namespaces/unknown', { namespace: 'x' }),
  send('PUT', '/namespaces/OS::Test::Full', { namespace: 'OS::Test::Full' }),
  get('/namespaces/OS::Test::Full'),
  drop('/namespaces/renamed'),
  drop('/namespaces/renamed'),
  drop('/namespaces/kept'),
  drop('/namespaces/OS::Test::Full'),
  get('/namespaces/OS::Test::Full'),
  get('/namespaces/OS::Test::Full/tags'),
  get('/resource_types'),
  make({ namespace: 'OS::Test::Full' }),
  get('/namespaces/OS::Test::Full'),
]

const around: readonly MetadefExchange[] = [
  ...[
    '/resource_types',
    '/namespaces',
    '/namespaces/kept',
    ...['properties', 'objects', 'tags', 'resource_types'].flatMap((kind) => [
      `/namespaces/kept/${kind}`,
      `/namespaces/kept/${kind}/x`,
    ]),
  ].flatMap((path) => [send('PATCH', path), send('HEAD', path)]),
  send('PUT', '/resource_types'),
  send('GET', '/namespaces/kept/resource_types/x'),
  ...[
    '',
    '/',
    '/nothing',
    '/namespaces/',
    '/namespaces/kept/',
    '/namespaces/kept/nothing',
    '/namespaces/kept/tags/',
  ].map((path) => get(path)),
  drop('/namespaces/unknown', 'alice'),
  send('DELETE', '/namespaces/kept', 'x'),
]

/** What Glance leaves behind when it fails half way; last, as ours leaves nothing. */
const halfWay: readonly MetadefExchange[] = [
  make({ namespace: 'half 1', properties: { p: { ...text, title: '😀' } } }),
  get('/namespaces/half%201'),
  make({ namespace: 'half 2', tags: [{ name: '😀' }] }),
  get('/namespaces/half%202'),
  make({ namespace: 'not ASCII é' }),
  make({ namespace: '' }),
  send('POST', '/namespaces/OS::Test::Full/properties', { ...text, name: '' }),
  send('POST', '/namespaces/OS::Test::Full/objects', { name: '' }),
  make({ namespace: 'a/b' }),
  get('/namespaces/a%2Fb'),
]

/** All of them, in order. */
export const metadefExchanges: readonly MetadefExchange[] = [
  ...schemas,
  ...namespaces,
  ...lists,
  ...properties,
  ...objects,
  ...tags,
  ...resourceTypes,
  ...rights,
  ...changes,
  ...around,
  ...halfWay,
]
