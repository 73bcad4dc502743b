/**
 * Who may do what, over all routes, with the default rules and people of a real Keystone. What is asked about belongs to project one: of alice (member) and rita (reader). bob is a member of
 * project two, and glance a service that has the role `service` and no other, which is enough for what services do (OSSN-0055).
 *
 * Cells are the statuses of Glance's documentation: what one may not know of is 404, what one sees but may not do is 403. Everybody asks about an image or namespace of one's own, in the order
 * of the rows.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends } from '../../tools/backends.ts'
import { type Ask, type Asker, answersTo, askers, plain, rowsOf, type Send, sender } from '../support/access-table.ts'
import { type KeystoneProcess, type Person, people, startKeystone } from '../support/keystone-process.ts'
import { describeWithBackend } from '../support/require-backend.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const service = `
                     admin  alice  rita   bob    glance nobody
  images             200    200    200    200    403    401
  create             201    201    403    201    403    401
  create for one     201    201    403    403    403    401
  create community   201    201    403    201    403    401
  create public      201    403    403    403    403    401
  schema image       200    200    200    200    200    401
  schema images      200    200    200    200    200    401
  schema member      200    200    200    200    200    401
  schema members     200    200    200    200    200    401
  schema metadefs    200    200    200    200    200    401
  stores             200    200    200    200    200    401
  stores detail      200    403    403    403    200    401
  usage              200    200    200    200    200    401
  versions           200    200    200    200    200    200
  healthcheck        200    200    200    200    200    200
  namespaces         200    200    200    200    404    401
  resource types     200    200    200    200    404    401
  create namespace   201    403    403    403    404    401
`

const requests: Readonly<Record<string, (asker: Asker) => Ask>> = {
  images: () => get('/v2/images'),
  create: () => post('/v2/images', {}),
  'create for one': () => post('/v2/images', { owner: projectOne }),
  'create community': () => post('/v2/images', { visibility: 'community' }),
  'create public': () => post('/v2/images', { visibility: 'public' }),
  'schema image': () => get('/v2/schemas/image'),
  'schema images': () => get('/v2/schemas/images'),
  'schema member': () => get('/v2/schemas/member'),
  'schema members': () => get('/v2/schemas/members'),
  'schema metadefs': () => get('/v2/schemas/metadefs/namespaces'),
  stores: () => get('/v2/info/stores'),
  'stores detail': () => get('/v2/info/stores/detail'),
  usage: () => get('/v2/info/usage'),
  versions: () => get('/versions'),
  healthcheck: () => get('/healthcheck'),
  namespaces: () => get('/v2/metadefs/namespaces'),
  'resource types': () => get('/v2/metadefs/resource_types'),
  'create namespace': (asker) => post('/v2/metadefs/namespaces', { namespace: `by-${asker}` }),
}

/** An image of project one: made, given data and shared as this says. */
interface Kind {
  readonly visibility: string
  /** What project two answered; it is no member without this. */
  readonly two?: 'pending' | 'accepted'
  readonly state: 'queued' | 'active' | 'deactivated'
  readonly more?: Readonly<Record<string, unknown>>
  readonly table: string
}

/** What everybody sees and project one alone changes. */
const ofEverybody = `
                     admin  alice  rita   bob    glance nobody
  show               200    200    200    200    404    401
  download           200    200    403    200    404    401
  change             200    200    403    403    404    401
  tag                204    204    403    403    404    401
  untag              204    204    403    403    404    401
  members            403    403    403    403    404    401
  share              403    403    403    403    404    401
  member two         404    404    404    404    404    401
  accept             403    403    403    403    404    401
  unshare            403    403    403    403    404    401
  locations          200    403    403    403    200    401
  add location       409    409    403    403    409    401
  patch locations    200    200    403    403    404    401
  remove location    200    403    403    403    404    401
  delete from web    204    403    403    403    404    401
  upload             409    409    403    403    404    401
  deactivate         204    204    403    403    404    401
  reactivate         204    204    403    403    404    401
  make community     200    200    403    403    404    401
  make public        200    403    403    403    404    401
  delete             204    204    403    403    404    401
`

/** What is shared with project two, whatever it answered. */
const sharedWithTwo = `
                     admin  alice  rita   bob    glance nobody
  show               200    200    200    200    404    401
  download           200    200    403    200    404    401
  change             200    200    403    403    404    401
  tag                204    204    403    403    404    401
  untag              204    204    403    403    404    401
  members            200    200    200    200    404    401
  share              200    200    403    403    404    401
  share again        409    409    403    403    404    401
  member two         200    200    200    200    404    401
  accept             200    403    403    200    404    401
  unshare            204    204    403    403    404    401
  locations          200    403    403    403    404    401
  add location       409    409    403    403    404    401
  patch locations    200    200    403    403    404    401
  remove location    200    403    403    403    404    401
  delete from web    204    403    403    403    404    401
  upload             409    409    403    403    404    401
  deactivate         204    204    403    403    404    401
  reactivate         204    204    403    403    404    401
  make community     200    200    403    403    404    401
  make public        200    403    403    403    404    401
  delete             204    204    403    403    404    401
`

const kinds: Readonly<Record<string, Kind>> = {
  public: { visibility: 'public', state: 'active', table: ofEverybody },
  community: { visibility: 'community', state: 'active', table: ofEverybody },
  hidden: { visibility: 'public', state: 'active', more: { os_hidden: true }, table: ofEverybody },
  'shared, pending': { visibility: 'shared', two: 'pending', state: 'active', table: sharedWithTwo },
  'shared, accepted': { visibility: 'shared', two: 'accepted', state: 'active', table: sharedWithTwo },
  'shared with nobody': {
    visibility: 'shared',
    state: 'active',
    table: `
                     admin  alice  rita   bob    glance nobody
  show               200    200    200    404    404    401
  download           200    200    403    404    404    401
  change             200    200    403    404    404    401
  tag                204    204    403    404    404    401
  untag              204    204    403    404    404    401
  members            200    200    200    404    404    401
  share              200    200    403    404    404    401
  member two         404    404    404    404    404    401
  accept             404    404    404    404    404    401
  unshare            404    404    404    404    404    401
  locations          200    403    403    404    404    401
  delete             204    204    403    404    404    401
`,
  },
  private: {
    visibility: 'private',
    state: 'active',
    table: `
                     admin  alice  rita   bob    glance nobody
  show               200    200    200    404    404    401
  download           200    200    403    404    404    401
  change             200    200    403    404    404    401
  tag                204    204    403    404    404    401
  untag              204    204    403    404    404    401
  members            403    403    403    404    404    401
  share              403    403    403    404    404    401
  member two         404    404    404    404    404    401
  accept             403    403    403    404    404    401
  unshare            403    403    403    404    404    401
  locations          200    403    403    404    404    401
  add location       409    409    403    404    404    401
  patch locations    200    200    403    404    404    401
  remove location    200    403    403    404    404    401
  delete from web    204    403    403    404    404    401
  upload             409    409    403    404    404    401
  deactivate         204    204    403    404    404    401
  reactivate         204    204    403    404    404    401
  make community     200    200    403    404    404    401
  make public        200    403    403    404    404    401
  delete             204    204    403    404    404    401
`,
  },
  'public, deactivated': {
    visibility: 'public',
    state: 'deactivated',
    table: `
                     admin  alice  rita   bob    glance nobody
  show               200    200    200    200    404    401
  download           200    403    403    403    404    401
  change             200    200    403    403    404    401
  locations          200    403    403    403    200    401
  add location       409    409    403    403    409    401
  patch locations    409    409    403    403    404    401
  remove location    409    403    403    403    404    401
  delete from web    409    403    403    403    404    401
  upload             409    409    403    403    404    401
  deactivate         204    204    403    403    404    401
  reactivate         204    204    403    403    404    401
  delete             204    204    403    403    404    401
`,
  },
  'public, protected': {
    visibility: 'public',
    state: 'active',
    more: { protected: true },
    table: `
                     admin  alice  rita   bob    glance nobody
  show               200    200    200    200    404    401
  download           200    200    403    200    404    401
  change             200    200    403    403    404    401
  delete             403    403    403    403    404    401
  unprotect          200    200    403    403    404    401
  delete             204    204    403    403    404    401
`,
  },
  'private, queued': {
    visibility: 'private',
    state: 'queued',
    table: `
                     admin  alice  rita   bob    glance nobody
  show               200    200    200    404    404    401
  deactivate         403    403    403    404    404    401
  delete from web    409    403    403    404    404    401
  upload             204    204    403    404    404    401
  download           200    200    403    404    404    401
`,
  },
  'public, queued': {
    visibility: 'public',
    state: 'queued',
    table: `
                     admin  alice  rita   bob    glance nobody
  download           204    204    403    204    404    401
  add location       202    202    403    403    202    401
  locations          200    403    403    403    200    401
`,
  },
}

const actions: Readonly<Record<string, (image: string) => Ask>> = {
  show: (image) => get(image),
  download: (image) => get(`${image}/file`),
  change: (image) => patch(image, { op: 'replace', path: '/name', value: 'changed' }),
  unprotect: (image) => patch(image, { op: 'replace', path: '/protected', value: false }),
  'make community': (image) => patch(image, { op: 'replace', path: '/visibility', value: 'community' }),
  'make public': (image) => patch(image, { op: 'replace', path: '/visibility', value: 'public' }),
  tag: (image) => ({ method: 'PUT', path: `${image}/tags/new` }),
  untag: (image) => remove(`${image}/tags/old`),
  members: (image) => get(`${image}/members`),
  share: (image) => post(`${image}/members`, { member: 'new' }),
  'share again': (image) => post(`${image}/members`, { member: projectTwo }),
  'member two': (image) => get(`${image}/members/${projectTwo}`),
  accept: (image) => put(`${image}/members/${projectTwo}`, { status: 'accepted' }),
  unshare: (image) => remove(`${image}/members/${projectTwo}`),
  locations: (image) => get(`${image}/locations`),
  'add location': (image) => post(`${image}/locations`, { url: `${origin}/new` }),
  'patch locations': (image) =>
    patch(image, { op: 'add', path: '/locations/-', value: { url: `${origin}/third`, metadata: {} } }),
  'remove location': (image) => patch(image, { op: 'remove', path: '/locations/2' }),
  'delete from web': (image) => remove(image.replace('/images/', '/stores/web/')),
  upload: (image) => ({ ...put(`${image}/file`, 'data'), type: 'application/octet-stream' }),
  deactivate: (image) => ({ method: 'POST', path: `${image}/actions/deactivate` }),
  reactivate: (image) => ({ method: 'POST', path: `${image}/actions/reactivate` }),
  delete: (image) => remove(image),
}

/** What everybody reads of a public namespace. */
const readsOfAll = `
  show               200    200    200    200    404    401
  properties         200    200    200    200    404    401
  property           200    200    200    200    404    401
  objects            200    200    200    200    404    401
  object             200    200    200    200    404    401
  tags               200    200    200    200    404    401
  tag                200    200    200    200    404    401
  types              200    200    200    200    404    401
`

const namespaces: Readonly<Record<string, { readonly members: object; readonly table: string }>> = {
  public: {
    members: { visibility: 'public' },
    table: `
                     admin  alice  rita   bob    glance nobody
  ${readsOfAll}
  change             200    403    403    403    404    401
  add property       201    403    403    403    404    401
  change property    200    403    403    403    404    401
  remove property    204    403    403    403    404    401
  add object         201    403    403    403    404    401
  change object      200    403    403    403    404    401
  remove object      204    403    403    403    404    401
  add tag            201    403    403    403    404    401
  change tag         200    403    403    403    404    401
  remove tag         204    403    403    403    404    401
  set tags           201    403    403    403    404    401
  add type           201    403    403    403    404    401
  remove type        204    403    403    403    404    401
  remove properties  204    403    403    403    404    401
  remove objects     204    403    403    403    404    401
  remove tags        204    403    403    403    404    401
  delete             204    403    403    403    404    401
`,
  },
  private: {
    members: { visibility: 'private' },
    table: `
                     admin  alice  rita   bob    glance nobody
  show               200    200    200    404    404    401
  properties         200    200    200    404    404    401
  property           200    200    200    404    404    401
  objects            200    200    200    404    404    401
  object             200    200    200    404    404    401
  tags               200    200    200    404    404    401
  tag                200    200    200    404    404    401
  types              200    200    200    404    404    401
  change             200    403    403    404    404    401
  add property       201    403    403    404    404    401
  change property    200    403    403    404    404    401
  remove property    204    403    403    404    404    401
  add object         201    403    403    404    404    401
  change object      200    403    403    404    404    401
  remove object      204    403    403    404    404    401
  add tag            201    403    403    404    404    401
  change tag         200    403    403    404    404    401
  remove tag         204    403    403    404    404    401
  set tags           201    403    403    404    404    401
  add type           201    403    403    404    404    401
  remove type        204    403    403    404    404    401
  remove properties  204    403    403    404    404    401
  remove objects     204    403    403    404    404    401
  remove tags        204    403    403    404    404    401
  delete             204    403    403    404    404    401
`,
  },
  protected: {
    members: { visibility: 'public', protected: true },
    table: `
                     admin  alice  rita   bob    glance nobody
  ${readsOfAll}
  change property    200    403    403    403    404    401
  remove property    403    403    403    403    404    401
  remove object      403    403    403    403    404    401
  remove tag         403    403    403    403    404    401
  remove type        403    403    403    403    404    401
  remove properties  403    403    403    403    404    401
  remove objects     403    403    403    403    404    401
  remove tags        403    403    403    403    404    401
  delete             403    403    403    403    404    401
`,
  },
}

const property = { name: 'p', title: 't', type: 'string' }

const definitions: Readonly<Record<string, (at: string, name: string, members: object) => Ask>> = {
  show: (at) => get(at),
  change: (at, namespace, members) => put(at, { namespace, ...members, owner: projectOne, description: 'changed' }),
  delete: (at) => remove(at),
  properties: (at) => get(`${at}/properties`),
  property: (at) => get(`${at}/properties/p`),
  'add property': (at) => post(`${at}/properties`, { ...property, name: 'new' }),
  'change property': (at) => put(`${at}/properties/p`, { ...property, title: 'changed' }),
  'remove property': (at) => remove(`${at}/properties/p`),
  'remove properties': (at) => remove(`${at}/properties`),
  objects: (at) => get(`${at}/objects`),
  object: (at) => get(`${at}/objects/o`),
  'add object': (at) => post(`${at}/objects`, { name: 'new' }),
  'change object': (at) => put(`${at}/objects/o`, { name: 'o', description: 'changed' }),
  'remove object': (at) => remove(`${at}/objects/o`),
  'remove objects': (at) => remove(`${at}/objects`),
  tags: (at) => get(`${at}/tags`),
  tag: (at) => get(`${at}/tags/t`),
  'add tag': (at) => ({ method: 'POST', path: `${at}/tags/new` }),
  'set tags': (at) => post(`${at}/tags`, { tags: [{ name: 'one' }] }),
  'change tag': (at) => put(`${at}/tags/t`, { name: 't' }),
  'remove tag': (at) => remove(`${at}/tags/t`),
  'remove tags': (at) => remove(`${at}/tags`),
  types: (at) => get(`${at}/resource_types`),
  'add type': (at) => post(`${at}/resource_types`, { name: 'OS::Test::New' }),
  'remove type': (at) => remove(`${at}/resource_types/OS::Test::Old`),
}

const get = (path: string): Ask => ({ method: 'GET', path })
const post = (path: string, body: unknown): Ask => ({ method: 'POST', path, body })
const put = (path: string, body: unknown): Ask => ({ method: 'PUT', path, body })
const remove = (path: string): Ask => ({ method: 'DELETE', path })
const patch = (path: string, operation: object): Ask => ({
  method: 'PATCH',
  path,
  type: 'application/openstack-images-v2.1-json-patch',
  body: [operation],
})

let projectOne = ''
let projectTwo = ''
/** Where the web addresses of images lie: each has four bytes. */
let origin = ''

describeWithBackend(
  { describe, it },
  'keystone',
  () => backends['keystone']?.probe() ?? 'not in the table',
  'who may do what behind a real Keystone',
  () => {
    let folder: string
    let web: Server
    let keystone: KeystoneProcess
    let server: ServerProcess
    let send: Send
    const tokens = new Map<Asker, string>()

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'glance-access-'))
      web = createServer(({ method }, answer) => {
        answer.writeHead(200, { 'content-length': 4 }).end(method === 'HEAD' ? '' : 'data')
      })
      await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
      origin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
      keystone = await startKeystone()
      const config = join(folder, 'glance-api.conf')
      writeFileSync(
        config,
        `[DEFAULT]
show_multiple_locations = true
enabled_backends = fast:file, web:http
[glance_store]
default_backend = fast
[fast]
filesystem_store_datadir = ${join(folder, 'images')}
[web]
http_store_allow_private_addresses = true
[paste_deploy]
flavor = keystone
[keystone_authtoken]
${keystone.authtoken.join('\n')}
`,
      )
      server = await startServer({ args: ['--config-file', config] })
      for (const person of Object.keys(people) as Person[]) tokens.set(person, await keystone.logIn(person))
      send = sender(server.url, tokens)
      const { projects } = (await keystone.call('GET', '/projects')) as { readonly projects: readonly Named[] }
      projectOne = idOf(projects, 'one')
      projectTwo = idOf(projects, 'two')
    }, 240_000)
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
      await keystone?.[Symbol.asyncDispose]()
      web?.closeAllConnections()
      web?.close()
      rmSync(folder, { recursive: true, force: true })
    })

    /** Does something that has to succeed. */
    async function must(asker: Asker, ask: Ask): Promise<void> {
      const status = await send(asker, ask)
      if (status >= 300) throw new Error(`${asker}: ${ask.method} ${ask.path} answered ${status}`)
    }

    /** Makes an image of a kind. @returns its path */
    async function make({ visibility, two, state, more }: Kind): Promise<string> {
      const id = crypto.randomUUID()
      const image = `/v2/images/${id}`
      const formats = { disk_format: 'raw', container_format: 'bare' }
      await must('admin', post('/v2/images', { id, owner: projectOne, visibility, ...formats, tags: ['old'], ...more }))
      if (two !== undefined) await must('alice', post(`${image}/members`, { member: projectTwo }))
      if (two === 'accepted') await must('bob', put(`${image}/members/${projectTwo}`, { status: two }))
      if (state === 'queued') return image
      await must('alice', { ...put(`${image}/file`, 'data'), type: 'application/octet-stream' })
      const second = { url: `${origin}/second`, metadata: {} }
      await must('alice', patch(image, { op: 'add', path: '/locations/-', value: second }))
      if (state === 'deactivated') await must('alice', { method: 'POST', path: `${image}/actions/deactivate` })
      return image
    }

    it('the service itself', async () => {
      const found = await answersTo(send, rowsOf(service), (row, asker) => known(requests, row)(asker))
      expect(found).toBe(plain(service))
    })

    it.each(Object.entries(kinds))(
      'an image: %s',
      async (_name, kind) => {
        const images = new Map<Asker, string>()
        for (const asker of askers) images.set(asker, await make(kind))

        const found = await answersTo(send, rowsOf(kind.table), (row, asker) =>
          known(actions, row)(images.get(asker) ?? ''),
        )

        expect(found).toBe(plain(kind.table))
      },
      60_000,
    )

    it.each(Object.entries(namespaces))(
      'a namespace: %s',
      async (name, { members, table }) => {
        const nested = {
          properties: { p: { title: 't', type: 'string' } },
          objects: [{ name: 'o' }],
          tags: [{ name: 't' }],
          resource_type_associations: [{ name: 'OS::Test::Old' }],
        }
        for (const asker of askers) {
          const made = { namespace: `${name}-${asker}`, owner: projectOne, ...members, ...nested }
          await must('admin', post('/v2/metadefs/namespaces', made))
        }

        const found = await answersTo(send, rowsOf(table), (row, asker) => {
          const namespace = `${name}-${asker}`
          return known(definitions, row)(`/v2/metadefs/namespaces/${namespace}`, namespace, members)
        })

        expect(found).toBe(plain(table))
      },
      60_000,
    )
  },
)

interface Named {
  readonly id: string
  readonly name: string
}

function idOf(all: readonly Named[], name: string): string {
  const found = all.find((each) => each.name === name)
  if (!found) throw new Error(`there is no ${name}`)
  return found.id
}

function known<T>(table: Readonly<Record<string, T>>, row: string): T {
  const found = table[row]
  if (found === undefined) throw new Error(`no request is called ${row}`)
  return found
}
