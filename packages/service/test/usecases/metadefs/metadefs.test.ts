import { describe, expect, it } from 'vitest'
import {
  addAssociation,
  addMetadefObject,
  addMetadefProperty,
  addMetadefTag,
  addMetadefTags,
  clearMetadefObjects,
  clearMetadefProperties,
  clearMetadefTags,
  createEnforcer,
  createNamespace,
  exportNamespaces,
  listAssociations,
  listMetadefObjects,
  listMetadefProperties,
  listMetadefTags,
  listNamespaces,
  listResourceTypes,
  loadNamespace,
  type RequestContext,
  removeAssociation,
  removeMetadefObject,
  removeMetadefProperty,
  removeMetadefTag,
  removeNamespace,
  renameMetadefTag,
  replaceMetadefObject,
  replaceMetadefProperty,
  showMetadefObject,
  showMetadefProperty,
  showMetadefTag,
  showNamespace,
  unloadNamespaces,
  updateNamespace,
} from '../../../src/index.ts'
import { codeOf } from '../../support/refusal.ts'
import { aCaller, admin, aWorld, stranger, type World } from '../../support/world.ts'

const namespace = 'OS::Test'
const text = { title: 't', type: 'string' }
const whole = {
  namespace,
  owner: 'ours',
  resource_type_associations: [{ name: 'R', prefix: 'r:' }],
  properties: { p: text },
  objects: [{ name: 'o', required: ['q'], properties: { q: text } }],
  tags: [{ name: 't' }],
}
const owner = aCaller()
const reader = aCaller({ roles: ['reader'] })
const looking = { ...admin, readOnly: true }

async function worldWith(members: object = {}): Promise<World> {
  const world = await aWorld()
  await createNamespace(admin, world, { body: { ...whole, ...members } })
  return world
}

const parameters: readonly (readonly [string, string])[] = []
const item = (name: string) => ({ namespace, name })

/** Every call that reads a namespace. */
const reads: Readonly<Record<string, (who: RequestContext, world: World) => Promise<unknown>>> = {
  showNamespace: (who, world) => showNamespace(who, world, { namespace, parameters }),
  listMetadefProperties: (who, world) => listMetadefProperties(who, world, { namespace }),
  listMetadefObjects: (who, world) => listMetadefObjects(who, world, { namespace, parameters }),
  listMetadefTags: (who, world) => listMetadefTags(who, world, { namespace, parameters }),
  listAssociations: (who, world) => listAssociations(who, world, { namespace }),
  showMetadefProperty: (who, world) => showMetadefProperty(who, world, { ...item('p'), resourceType: null }),
  'showMetadefProperty with a prefix': (who, world) =>
    showMetadefProperty(who, world, { ...item('r:p'), resourceType: 'R' }),
  showMetadefObject: (who, world) => showMetadefObject(who, world, item('o')),
  showMetadefTag: (who, world) => showMetadefTag(who, world, item('t')),
}

/** Every call that changes one. */
const writes: typeof reads = {
  updateNamespace: (who, world) => updateNamespace(who, world, { namespace, body: { namespace, owner: 'ours' } }),
  addAssociation: (who, world) => addAssociation(who, world, { namespace, body: { name: 'new' } }),
  addMetadefProperty: (who, world) => addMetadefProperty(who, world, { namespace, body: { name: 'new', ...text } }),
  replaceMetadefProperty: (who, world) =>
    replaceMetadefProperty(who, world, { ...item('p'), body: { name: 'p', ...text } }),
  addMetadefObject: (who, world) => addMetadefObject(who, world, { namespace, body: { name: 'new' } }),
  replaceMetadefObject: (who, world) => replaceMetadefObject(who, world, { ...item('o'), body: { name: 'o' } }),
  addMetadefTag: (who, world) => addMetadefTag(who, world, item('new')),
  addMetadefTags: (who, world) =>
    addMetadefTags(who, world, { namespace, body: { tags: [{ name: 'x' }] }, append: true }),
  renameMetadefTag: (who, world) => renameMetadefTag(who, world, { ...item('t'), body: { name: 't' } }),
}

/** Every call that deletes. */
const deletions: typeof reads = {
  removeAssociation: (who, world) => removeAssociation(who, world, item('R')),
  removeMetadefProperty: (who, world) => removeMetadefProperty(who, world, item('p')),
  removeMetadefObject: (who, world) => removeMetadefObject(who, world, item('o')),
  removeMetadefTag: (who, world) => removeMetadefTag(who, world, item('t')),
  clearMetadefProperties: (who, world) => clearMetadefProperties(who, world, { namespace }),
  clearMetadefObjects: (who, world) => clearMetadefObjects(who, world, { namespace }),
  clearMetadefTags: (who, world) => clearMetadefTags(who, world, { namespace }),
  removeNamespace: (who, world) => removeNamespace(who, world, { namespace }),
}

const calls = Object.entries({ ...reads, ...writes, ...deletions })
const changing = Object.entries({ ...writes, ...deletions })

describe('a private namespace', () => {
  it.each(calls)('%s: is there for its owner and administrators alone', async (name, call) => {
    expect(await codeOf(async () => call(stranger, await worldWith()))).toBe('NOT_FOUND')
    if (name in reads) await call(reader, await worldWith())
    else expect(await codeOf(async () => call(owner, await worldWith()))).toBe('FORBIDDEN')
    await call(admin, await worldWith())
  })

  it.each(calls)('%s: is refused as a namespace that is not there, word for word', async (_name, call) => {
    const refusal = async (world: World) => (await call(stranger, world).catch((error: unknown) => error)) as Error
    const [hidden, missing] = [await refusal(await worldWith()), await refusal(await aWorld())]

    expect(hidden.message).toBe(missing.message)
  })

  it.each(changing)('%s: is looked at again when it is changed', async (_name, call) => {
    const world = { ...(await worldWith({ owner: 'ours' })), enforcer: everybody }
    world.metadefs.before = () => world.metadefs.put(namespace, { owner: 'theirs' })

    expect(await codeOf(() => call(owner, world))).toBe('NOT_FOUND')
  })
})

/** A policy that lets everybody write what he sees. */
const everybody = createEnforcer({ overrides: { metadef_admin: '@' } }).enforcer

describe('a public namespace', () => {
  it.each(Object.entries(reads))('%s: is for everybody with the role of a reader', async (_name, call) => {
    const world = await worldWith({ visibility: 'public' })

    await call(stranger, world)
    expect(await codeOf(() => call({ ...stranger, roles: [] }, world))).toBe('NOT_FOUND')
  })

  it.each(changing)('%s: is not changed by others, and they are told so', async (_name, call) => {
    expect(await codeOf(async () => call(stranger, await worldWith({ visibility: 'public' })))).toBe('FORBIDDEN')
  })
})

describe('protection', () => {
  it.each(Object.entries(deletions))('%s: is refused', async (_name, call) => {
    expect(await codeOf(async () => call(admin, await worldWith({ protected: true })))).toBe('FORBIDDEN')
  })

  it.each(changing)('%s: is refused to callers that may only look', async (_name, call) => {
    expect(await codeOf(async () => call(looking, await worldWith()))).toBe('FORBIDDEN')
  })
})

describe('policy', () => {
  const refusing = (rule: string) => createEnforcer({ overrides: { [rule]: '!' } }).enforcer

  it.each([
    'add_metadef_resource_type_association',
    'add_metadef_object',
    'add_metadef_property',
    'add_metadef_tag',
    'add_metadef_namespace',
  ])('asks %s when a namespace with everything is made', async (rule) => {
    const world = { ...(await aWorld()), enforcer: refusing(rule) }

    expect(await codeOf(() => createNamespace(admin, world, { body: whole }))).toBe('FORBIDDEN')
    expect(await world.metadefs.names()).toEqual([])
  })

  it.each([
    ['get_metadef_object', 'listMetadefObjects'],
    ['get_metadef_resource_type', 'listAssociations'],
  ])('empties a list by %s', async (rule, call) => {
    const world = { ...(await worldWith()), enforcer: refusing(rule) }

    expect(await reads[call]?.(admin, world)).toEqual([])
  })

  it('leaves out of a list what may not be shown, and still finds the next page', async () => {
    const world = await worldWith({ visibility: 'public' })
    await createNamespace(admin, world, { body: { namespace: 'second', visibility: 'public' } })
    const hiding = createEnforcer({ overrides: { get_metadef_namespace: 'project_id:%(project_id)s' } }).enforcer

    const page = await listNamespaces(owner, { ...world, enforcer: hiding }, { parameters: [['limit', '1']] })

    expect(page).toEqual({ namespaces: [], marker: 'second' })
  })

  it('asks for the right to list', async () => {
    const world = await worldWith()

    expect(await codeOf(() => listNamespaces({ ...owner, roles: [] }, world, { parameters }))).toBe('NOT_FOUND')
    expect(await codeOf(() => listResourceTypes({ ...owner, roles: [] }, world))).toBe('NOT_FOUND')
  })
})

describe('names', () => {
  it.each([
    ['addMetadefTag', (world: World) => addMetadefTag(admin, world, item('t'))],
    ['addMetadefObject', (world: World) => addMetadefObject(admin, world, { namespace, body: { name: 'o' } })],
    ['addAssociation', (world: World) => addAssociation(admin, world, { namespace, body: { name: 'R' } })],
    ['createNamespace', (world: World) => createNamespace(admin, world, { body: { namespace } })],
  ])('%s: are taken once', async (_name, call) => {
    expect(await codeOf(async () => call(await worldWith()))).toBe('CONFLICT')
  })

  it.each([
    ['showMetadefTag', (world: World) => showMetadefTag(admin, world, item('x'))],
    ['renameMetadefTag', (world: World) => renameMetadefTag(admin, world, { ...item('x'), body: { name: 'y' } })],
    ['removeMetadefTag', (world: World) => removeMetadefTag(admin, world, item('x'))],
    ['prefix', (world: World) => showMetadefProperty(admin, world, { ...item('p'), resourceType: 'R' })],
    ['type', (world: World) => showMetadefProperty(admin, world, { ...item('p'), resourceType: 'S' })],
  ])('%s: that are not there are not found', async (_name, call) => {
    expect(await codeOf(async () => call(await worldWith()))).toBe('NOT_FOUND')
  })

  it('of tags take the place of all, or are added', async () => {
    const world = await worldWith()
    const put = (names: readonly string[], append: boolean) =>
      addMetadefTags(admin, world, { namespace, body: { tags: names.map((name) => ({ name })) }, append })
    const names = async () => (await listMetadefTags(admin, world, { namespace, parameters })).map(({ name }) => name)

    await put([], false)
    expect(await names()).toEqual(['t'])
    await put(['a', 'b'], false)
    expect(await names()).toEqual(['b', 'a'])
    await put(['c'], true)
    expect(await names()).toEqual(['c', 'b', 'a'])
    expect(await codeOf(() => put(['d', 'a'], true))).toBe('CONFLICT')
    expect(await names()).toEqual(['c', 'b', 'a'])
  })
})

describe('the owner', () => {
  it.each([
    [{}, admin, 'ops'],
    [{ owner: '' }, admin, 'ops'],
    [{ owner: 'x' }, admin, 'x'],
    [{}, { ...admin, project: null }, 'admin'],
  ])('of %j is the caller’s project unless it is named', async (members, who, expected) => {
    const world = await aWorld()

    const { namespace: created } = await createNamespace(who, world, { body: { namespace, ...members } })

    expect(created.owner).toBe(expected)
  })
})

describe('files', () => {
  it('come out as they went in', async () => {
    const world = await aWorld()
    const document = { ...whole, display_name: 'N', description: null, visibility: 'public', protected: true }
    await loadNamespace(world, { document, mode: 'skip' })

    const exported = await Array.fromAsync(exportNamespaces(world))

    expect(exported).toMatchObject([
      { namespace, displayName: 'N', document: { ...document, objects: [{ name: 'o' }] } },
    ])
    await unloadNamespaces(world)
    await loadNamespace(world, { document: exported[0]?.document, mode: 'skip' })
    expect(await Array.fromAsync(exportNamespaces(world))).toEqual(exported)
  })
})
