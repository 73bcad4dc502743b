import type { Metadefs, NamespaceFields, NamespaceQuery, NewContents } from '@glance/service'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../src/index.ts'
import { birth } from './support/images.ts'
import { openImages, temporaryFolder } from './support/open.ts'
import { systems } from './support/systems.ts'

const later = (ms: number): Date => new Date(birth.getTime() + ms)
const nobody = (): void => {}

function aNamespace(changed: Partial<NamespaceFields> = {}): NamespaceFields {
  return {
    namespace: 'n',
    displayName: 'Näme',
    description: null,
    visibility: 'private',
    protected: false,
    owner: 'one',
    ...changed,
  }
}

const nothing: NewContents = { associations: null, properties: null, objects: null, tags: null }
const text = { type: 'string', title: 'é\u0000😀' }
const everything: NewContents = {
  associations: [
    { name: 'OS::B', prefix: 'b:', propertiesTarget: null },
    { name: 'OS::A', prefix: null, propertiesTarget: 'image' },
  ],
  properties: [
    { name: 'z', definition: text },
    { name: 'a', definition: { type: 'integer', title: 't', default: '1', maximum: 2.5 } },
  ],
  objects: [
    { name: 'o2', description: 'd', required: ['p', 'q'], properties: new Map([['__proto__', text]]) },
    { name: 'o1', description: null, required: null, properties: null },
  ],
  tags: [{ name: 't1' }, { name: 't2' }],
}

function aQuery(changed: Partial<NamespaceQuery> = {}): NamespaceQuery {
  return {
    viewer: { project: 'one', admin: false },
    visibility: null,
    resourceTypes: null,
    key: 'created_at',
    direction: 'desc',
    limit: 25,
    marker: null,
    ...changed,
  }
}

const namesOf = (items: readonly { readonly name: string }[] | undefined) => items?.map(({ name }) => name)
const refused = { code: 'CONFLICT' }

describe.each(systems)('metadata definitions in $name', ({ open }) => {
  it('come back as they went in, each kind in its order', async () => {
    await using records = await open()
    const { metadefs } = records

    const made = await metadefs.insert(aNamespace(), everything, birth)
    const found = await metadefs.find('n')

    expect(made).toEqual({ ...aNamespace(), createdAt: birth, updatedAt: birth })
    expect(found?.namespace).toEqual(made)
    expect(namesOf(found?.contents.associations)).toEqual(['OS::B', 'OS::A'])
    expect(namesOf(found?.contents.properties)).toEqual(['a', 'z'])
    expect(namesOf(found?.contents.objects)).toEqual(['o1', 'o2'])
    expect(namesOf(found?.contents.tags)).toEqual(['t2', 't1'])
    expect(found?.contents.properties[1]?.definition).toEqual(text)
    expect(found?.contents.objects).toMatchObject([
      { description: null, required: [], properties: new Map() },
      { description: 'd', required: ['p', 'q'], properties: new Map([['__proto__', text]]) },
    ])
    expect(await metadefs.find('N')).toBeNull()
    expect(await metadefs.find('n\0')).toBeNull()
  })

  it('are made with their namespace, or the namespace is not made', async () => {
    await using records = await open()
    const twice = { ...everything, tags: [{ name: 'a' }, { name: 'a' }] }

    await expect(records.metadefs.insert(aNamespace(), twice, birth)).rejects.toMatchObject(refused)

    expect(await records.metadefs.find('n')).toBeNull()
    expect(await records.metadefs.resourceTypes()).toEqual([])
  })

  it('of one name are there once', async () => {
    await using records = await open()
    const { metadefs } = records
    await metadefs.insert(aNamespace(), everything, birth)
    await metadefs.insert(aNamespace({ namespace: 'm' }), nothing, birth)

    await expect(metadefs.insert(aNamespace(), nothing, birth)).rejects.toMatchObject(refused)
    await expect(metadefs.change('m', birth, (present) => ({ ...present, namespace: 'n' }))).rejects.toMatchObject(
      refused,
    )
    await expect(metadefs.tags.add('n', [{ name: 'x' }, { name: 't1' }], birth, nobody)).rejects.toMatchObject(refused)
    await expect(metadefs.tags.replace('n', 't1', { name: 't2' }, birth, nobody)).rejects.toMatchObject(refused)
    await expect(
      metadefs.associations.add('n', [{ name: 'OS::A', prefix: null, propertiesTarget: null }], birth, nobody),
    ).rejects.toMatchObject(refused)
    expect(namesOf((await metadefs.tags.list('n'))?.items)).toEqual(['t2', 't1'])
  })

  it('are added, replaced, taken instead of all, removed and cleared', async () => {
    await using records = await open()
    const { tags } = records.metadefs
    await records.metadefs.insert(aNamespace(), everything, birth)
    const names = async () => namesOf((await tags.list('n'))?.items)

    await tags.add('n', [{ name: 'new' }], later(1), nobody)
    expect(await tags.replace('n', 'new', { name: 'renamed' }, birth, nobody)).toEqual({
      name: 'renamed',
      createdAt: later(1),
      updatedAt: later(2),
    })
    expect(await names()).toEqual(['renamed', 't2', 't1'])
    await tags.add('n', [{ name: 't1' }, { name: 'only' }], later(3), nobody, true)
    expect(await names()).toEqual(['only', 't1'])
    expect([await tags.remove('n', 'only', nobody), await tags.remove('n', 'only', nobody)]).toEqual([true, false])
    expect(await tags.replace('n', 'only', { name: 'x' }, birth, nobody)).toBe('missing')
    await tags.clear('n', nobody)
    expect(await names()).toEqual([])
    expect((await records.metadefs.find('n'))?.contents.objects).toHaveLength(2)
  })

  it('of a namespace that is not there are null', async () => {
    await using records = await open()
    const { objects } = records.metadefs
    const object = { name: 'o', description: null, required: null, properties: null }

    expect([
      await objects.list('x'),
      await objects.find('x', 'o'),
      await objects.add('x', [object], birth, nobody),
      await objects.replace('x', 'o', object, birth, nobody),
      await objects.remove('x', 'o', nobody),
      await objects.clear('x', nobody),
      await records.metadefs.change('x', birth, (present) => present),
    ]).toEqual([null, null, null, null, null, null, null])
  })

  it('stay as they are when a decision throws', async () => {
    await using records = await open()
    const { metadefs } = records
    await metadefs.insert(aNamespace(), everything, birth)
    const before = await metadefs.find('n')
    const no = (): never => {
      throw new RangeError('no')
    }

    for (const attempt of [
      () => metadefs.change('n', birth, no),
      () => metadefs.remove('n', no),
      () => metadefs.tags.add('n', [{ name: 'x' }], birth, no, true),
      () => metadefs.tags.remove('n', 't1', no),
      () => metadefs.properties.clear('n', no),
    ])
      await expect(attempt()).rejects.toThrow(RangeError)

    expect(await metadefs.find('n')).toEqual(before)
  })

  it('go with their namespace; types of resources stay', async () => {
    await using records = await open()
    const { metadefs } = records
    await metadefs.insert(aNamespace(), everything, birth)

    expect([await metadefs.remove('n', nobody), await metadefs.remove('n', nobody)]).toEqual([true, false])
    await metadefs.insert(aNamespace(), nothing, birth)

    const empty = { associations: [], properties: [], objects: [], tags: [] }
    expect((await metadefs.find('n'))?.contents).toEqual(empty)
    expect(namesOf(await metadefs.resourceTypes())).toEqual(['OS::B', 'OS::A'])
  })

  it('stay when their namespace gets another name', async () => {
    await using records = await open()
    await records.metadefs.insert(aNamespace(), everything, birth)

    const changed = await records.metadefs.change('n', birth, (present) => ({
      ...present,
      namespace: 'm',
      owner: 'two',
    }))

    expect(changed).toMatchObject({ namespace: 'm', owner: 'two', createdAt: birth, updatedAt: later(1) })
    expect((await records.metadefs.find('m'))?.contents.tags).toHaveLength(2)
  })
})

describe.each(systems)('lists of namespaces in $name', ({ open }) => {
  async function fill(metadefs: Metadefs): Promise<void> {
    const rows: readonly (readonly [string, Partial<NamespaceFields>, readonly string[]])[] = [
      ['mine', {}, ['OS::A']],
      ['theirs', { owner: 'two', displayName: null }, ['OS::A']],
      ['public', { owner: 'two', visibility: 'public', displayName: 'A' }, ['OS::A', 'OS::B']],
      ['kept', { protected: true, displayName: 'B' }, []],
    ]
    for (const [at, [namespace, changed, types]] of rows.entries()) {
      const associations = types.map((name) => ({ name, prefix: null, propertiesTarget: null }))
      await metadefs.insert(aNamespace({ namespace, ...changed }), { ...nothing, associations }, later(at))
    }
  }

  it.each<[Partial<NamespaceQuery>, string | null]>([
    [{}, 'kept public mine'],
    [{ viewer: { project: 'x', admin: true } }, 'kept public theirs mine'],
    [{ viewer: { project: null, admin: false } }, 'public'],
    [{ direction: 'asc' }, 'mine public kept'],
    [{ key: 'namespace', direction: 'asc' }, 'kept mine public'],
    [{ key: 'display_name' }, 'mine kept public'],
    [{ key: 'protected', direction: 'asc' }, 'mine public kept'],
    [{ key: 'owner' }, 'public kept mine'],
    [{ key: 'updated_at' }, 'kept public mine'],
    [{ visibility: 'private' }, 'kept mine'],
    [{ visibility: 'public' }, 'public'],
    [{ resourceTypes: ['OS::A', 'OS::B'] }, 'public mine'],
    [{ resourceTypes: ['OS::B', 'none'] }, 'public'],
    [{ resourceTypes: [''] }, ''],
    [{ limit: 2 }, 'kept public'],
    [{ limit: 0 }, ''],
    [{ limit: 1, marker: 'kept' }, 'public'],
    [{ key: 'owner', marker: 'public' }, 'kept mine'],
    [{ key: 'display_name', direction: 'asc', marker: 'public' }, 'kept mine'],
    [{ marker: 'mine' }, ''],
    [{ marker: 'none' }, null],
    [{ marker: 'theirs' }, null],
    [{ marker: 'none\0' }, null],
  ])('by %j are %s', async (changed, expected) => {
    await using records = await open()
    await fill(records.metadefs)

    const listed = await records.metadefs.list(aQuery(changed))

    expect(listed?.map(({ namespace }) => namespace.namespace).join(' ') ?? null).toBe(expected)
  })

  it('come with their associations', async () => {
    await using records = await open()
    await fill(records.metadefs)

    const listed = await records.metadefs.list(aQuery())

    expect(listed?.map(({ associations }) => namesOf(associations))).toEqual([[], ['OS::A', 'OS::B'], ['OS::A']])
  })
})

describe.each(systems)('loading namespaces in $name', ({ open }) => {
  const fresh: NewContents = {
    associations: [{ name: 'OS::A', prefix: 'new:', propertiesTarget: null }],
    properties: [{ name: 'a', definition: { type: 'string', title: 'new' } }],
    objects: [{ name: 'o1', description: 'new', required: null, properties: null }],
    tags: [{ name: 't3' }],
  }

  it.each([
    ['skip', 'one', 't', null, ['t2', 't1']],
    ['merge', 'one', 't', null, ['t3', 't2', 't1']],
    ['prefer-new', 'two', 'new', 'new:', ['t3', 't2', 't1']],
    ['overwrite', 'two', 'new', 'new:', ['t3']],
  ] as const)('over one that is there by %s', async (mode, owner, title, prefix, tags) => {
    await using records = await open()
    const { metadefs } = records
    expect(await metadefs.load(aNamespace(), everything, birth, mode)).toBe(true)

    expect(await metadefs.load(aNamespace({ owner: 'two' }), fresh, later(1), mode)).toBe(false)

    const found = await metadefs.find('n')
    expect(found?.namespace.owner).toBe(owner)
    expect(found?.contents.properties.find(({ name }) => name === 'a')?.definition['title']).toBe(title)
    expect(found?.contents.associations.find(({ name }) => name === 'OS::A')?.prefix).toBe(prefix)
    expect(namesOf(found?.contents.tags)).toEqual(tags)
  })

  it('can be taken back, with the types of resources', async () => {
    await using records = await open()
    await records.metadefs.load(aNamespace(), everything, birth, 'skip')
    await records.metadefs.load(aNamespace({ namespace: 'm' }), nothing, birth, 'skip')

    expect(await records.metadefs.names()).toEqual(['m', 'n'])
    expect(await records.metadefs.clear()).toBe(2)
    expect([await records.metadefs.names(), await records.metadefs.resourceTypes()]).toEqual([[], []])
  })
})

describe('rows of metadata definitions', () => {
  it('are as Glance writes them', async () => {
    await using opened = await openImages()
    await opened.metadefs.insert(aNamespace(), everything, birth)
    const rows = (table: string) => opened.handle.prepare(`select * from ${table}`).all()
    const times = { created_at: '2024-05-06 07:08:09.123000', updated_at: '2024-05-06 07:08:09.123000' }

    expect(rows('metadef_objects')[0]).toEqual({
      id: 1,
      namespace_id: 1,
      name: 'o2',
      description: 'd',
      required: 'p,q',
      json_schema: '{"__proto__":{"type":"string","title":"\\u00e9\\u0000\\ud83d\\ude00"}}',
      ...times,
    })
    expect(rows('metadef_objects')[1]).toMatchObject({ required: null, json_schema: '{}' })
    expect(rows('metadef_resource_types')[0]).toEqual({ id: 1, name: 'OS::B', protected: 0, ...times })
  })

  it('that Glance’s tools wrote are read, with what they leave open', async () => {
    await using opened = await openImages()
    opened.handle.exec(`
      insert into metadef_namespaces (id, namespace, owner, created_at) values (7, 'n', 'admin', '2024-01-01 00:00:00');
      insert into metadef_properties (namespace_id, name, json_schema, created_at) values
        (7, 'a', '{"title": "t", "type": "integer", "default": 5, "enum": [1]}', '2024-01-01 00:00:00'),
        (7, 'b', 'not json', '2024-01-01 00:00:00');
      insert into metadef_objects (namespace_id, name, json_schema, created_at) values
        (7, 'o', 'null', '2024-01-01 00:00:00')`)

    const found = await opened.metadefs.find('n')

    expect(found?.namespace).toMatchObject({ visibility: 'private', protected: false, displayName: null })
    expect(found?.contents.properties.map(({ definition }) => definition)).toEqual([
      { type: 'integer', title: 't', default: '5' },
      {},
    ])
    expect(found?.contents.objects).toMatchObject([{ required: [], properties: new Map() }])
    expect(found?.namespace.updatedAt).toEqual(new Date('2024-01-01T00:00:00Z'))
  })
})

describe('two connections to one file', () => {
  it('add each name once', async () => {
    await using folder = await temporaryFolder()
    const connection = `sqlite:///${folder.file('glance.sqlite')}`
    await using first = await openDatabase({ connection })
    await using second = await openDatabase({ connection })
    await first.metadefs.insert(aNamespace(), nothing, birth)

    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) =>
        (at % 2 === 0 ? first : second).metadefs.tags.add('n', [{ name: `t${at % 5}` }], birth, nobody),
      ),
    )

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    expect((await second.metadefs.tags.list('n'))?.items).toHaveLength(5)
  })
})
