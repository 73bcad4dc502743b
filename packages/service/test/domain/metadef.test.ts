import { describe, expect, it } from 'vitest'
import { asciiJson } from '../../src/domain/metadef/kept-value.ts'
import {
  metadefNamespaceSchema,
  namespaceOfBody,
  namespaceOfFile,
  withPrefix,
} from '../../src/domain/metadef/namespace.ts'
import { objectOfBody } from '../../src/domain/metadef/object.ts'
import {
  definitionOf,
  metadefPropertiesSchema,
  propertyOfBody,
  storedDefinition,
} from '../../src/domain/metadef/property.ts'
import { associationOfBody } from '../../src/domain/metadef/resource-type.ts'
import { type MetadefTag, type TagQuery, tagPage, tagsOfBody } from '../../src/domain/metadef/tag.ts'
import { schemaProblem } from '../../src/domain/schema-check.ts'
import { codeOf, refusalOf } from '../support/refusal.ts'

const text = { title: 't', type: 'string' }
const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))

describe('the definition of a property', () => {
  it('comes back in the order of answers, with its default as text', () => {
    const definition = definitionOf({ items: { type: 'string' }, default: 3, title: 't', type: 'array' }, [])

    expect(Object.entries(definition)).toEqual([
      ['type', 'array'],
      ['title', 't'],
      ['default', '3'],
      ['items', { type: 'string' }],
    ])
  })

  it.each([
    ['x', 'x'],
    [1.5, '1.5'],
    [true, 'True'],
    [false, 'False'],
    [null, null],
    [
      ['a', 1],
      ['a', 1],
    ],
    [{ a: 'é' }, { a: 'é' }],
  ])('keeps the default %j as %j', (given, kept) => {
    expect(definitionOf({ ...text, default: given }, [])['default']).toEqual(kept)
  })

  it.each([
    [{ ...text, required: ['a'] }, '"required" was unexpected'],
    [{ ...text, enum: [1] }, '(in "enum/0")'],
    [{ ...text, items: {} }, '"type" is a required property (in "items")'],
    [{ ...text, minLength: -1 }, 'less than the minimum of 0'],
    [{ ...text, maximum: 2 ** 60 }, 'more digits than are kept'],
    [{ ...text, default: [2 ** 60] }, 'more digits than are kept (in "default/0")'],
    [{ ...text, default: deep(40) }, 'more than 16 deep'],
    [{ ...text, title: '😀' }, 'not supported: member "title"'],
    [{ ...text, description: 'x'.repeat(65_536) }, 'over 65535 bytes'],
    [{ title: 't' }, '"type" is a required property'],
  ])('refuses %#', async (given, message) => {
    const refusal = await refusalOf(() => definitionOf(given, []))

    expect(refusal).toEqual({ code: 'INVALID', message: expect.stringContaining(message) })
  })

  it('out of a database shows what it can', () => {
    expect(storedDefinition({ title: 't', type: 'string', default: 5, enum: [1], unknown: 1, readonly: 'x' })).toEqual({
      type: 'string',
      title: 't',
      default: '5',
    })
    expect(storedDefinition(null)).toEqual({})
  })

  it('is a property only with a name', async () => {
    expect(propertyOfBody({ name: 'p', ...text })).toEqual({
      name: 'p',
      definition: { name: 'p', type: 'string', title: 't' },
    })
    expect(await codeOf(() => propertyOfBody(text))).toBe('INVALID')
    expect(await codeOf(() => propertyOfBody({ name: '', ...text }))).toBe('INVALID')
    expect(await codeOf(() => propertyOfBody({ name: 'p', ...text, created_at: 'x' }))).toBe('FORBIDDEN')
  })
})

describe('an object', () => {
  it('tells what was not given from what is empty', () => {
    expect(objectOfBody({ name: 'o' })).toEqual({ name: 'o', description: null, required: null, properties: null })
    expect(objectOfBody({ name: 'o', required: [], properties: {} })).toMatchObject({
      required: [],
      properties: new Map(),
    })
  })

  it.each([[['a,b']], [['']], [['a', 'a']], ['a'], [[7]]])('cannot require %j', async (required) => {
    expect(await codeOf(() => objectOfBody({ name: 'o', required }))).toBe('INVALID')
  })

  it('keeps a property that is called __proto__', () => {
    const { properties } = objectOfBody(
      JSON.parse('{"name":"o","properties":{"__proto__":{"title":"t","type":"string"}}}'),
    )

    expect([...(properties ?? [])]).toEqual([['__proto__', { type: 'string', title: 't' }]])
  })
})

describe('a namespace', () => {
  it('is private, unprotected and has no owner of its own unless it says so', () => {
    expect(namespaceOfBody({ namespace: 'n' })).toEqual({
      namespace: {
        namespace: 'n',
        displayName: null,
        description: null,
        visibility: 'private',
        protected: false,
        owner: null,
      },
      contents: { associations: null, properties: null, objects: null, tags: null },
    })
  })

  it.each([
    [{ tags: [{ name: 'a' }, { name: 'a' }] }, 'CONFLICT'],
    [{ objects: [{ name: 'a' }, { name: 'a' }] }, 'CONFLICT'],
    [{ resource_type_associations: [{ name: 'a' }, { name: 'a' }] }, 'CONFLICT'],
    [{ tags: [{}] }, 'INVALID'],
    [{ tags: [{ name: 'a', x: 1 }] }, 'INVALID'],
    [{ properties: { ['p'.repeat(81)]: text } }, 'INVALID'],
    [{ self: '/' }, 'FORBIDDEN'],
    [{ schema: '/' }, 'FORBIDDEN'],
  ])('with %j is refused with %s', async (members, code) => {
    expect(await codeOf(() => namespaceOfBody({ namespace: 'n', ...members }))).toBe(code)
  })

  it.each([null, 7, 'x', [], {}])('is not %j', async (body) => {
    expect(await codeOf(() => namespaceOfBody(body))).toBe('INVALID')
  })

  it('out of a file may have nulls, unknown members, long descriptions and numbers to choose from', () => {
    const { namespace, contents } = namespaceOfFile({
      namespace: 'n',
      display_name: null,
      description: 'd'.repeat(501),
      unknown: 1,
      properties: { p: { ...text, enum: [1, 'a'], unknown: 1, default: null } },
      resource_type_associations: [{ name: 'R', prefix: null }],
      objects: [{ name: 'o', properties: null }],
    })

    expect(namespace).toMatchObject({ displayName: null, description: 'd'.repeat(501) })
    expect(contents.properties).toEqual([{ name: 'p', definition: { ...text, enum: ['1', 'a'], default: null } }])
    expect(contents.associations).toEqual([{ name: 'R', prefix: null, propertiesTarget: null }])
  })

  it('shows names with the prefix of an association, also those that objects require', () => {
    const times = { createdAt: new Date(0), updatedAt: new Date(0) }
    const contents = {
      associations: [{ name: 'R', prefix: 'hw:', propertiesTarget: null, ...times }],
      properties: [{ name: 'p', definition: text, ...times }],
      objects: [{ name: 'o', description: null, required: ['q'], properties: new Map([['q', text]]), ...times }],
      tags: [],
    }

    expect(withPrefix(contents, 'R')).toMatchObject({
      properties: [{ name: 'hw:p' }],
      objects: [{ required: ['hw:q'], properties: new Map([['hw:q', text]]) }],
    })
    expect(withPrefix(contents, 'other')).toBe(contents)
  })
})

describe('associations and tags', () => {
  it.each([
    [{}],
    [{ name: 7 }],
    [{ name: 'a', prefix: null }],
    [{ name: 'a', prefix: 'x'.repeat(81) }],
    [{ name: '' }],
  ])('refuse %j', async (body) => {
    expect(await codeOf(() => associationOfBody(body))).toBe('INVALID')
  })

  it.each([[{}], [{ tags: [{}] }], [{ tags: [{ name: 'x'.repeat(81) }] }], [{ tags: [], x: 1 }], [[]]])(
    'of a list refuse %j',
    async (body) => {
      expect(await codeOf(() => tagsOfBody(body))).toBe('INVALID')
    },
  )

  const at = (ms: number): Date => new Date(ms)
  const newestFirst: readonly MetadefTag[] = [
    { name: 'b', createdAt: at(3), updatedAt: at(3) },
    { name: 'a', createdAt: at(2), updatedAt: at(9) },
    { name: 'c', createdAt: at(1), updatedAt: at(1) },
  ]
  const query: TagQuery = { limit: null, marker: null, key: 'created_at', direction: 'desc' }

  it.each<[Partial<TagQuery>, string]>([
    [{}, 'b a c'],
    [{ direction: 'asc' }, 'c a b'],
    [{ key: 'name', direction: 'asc' }, 'a b c'],
    [{ key: 'updated_at' }, 'a b c'],
    [{ limit: 1 }, 'b'],
    [{ limit: 0 }, ''],
    [{ marker: 'b', limit: 1 }, 'a'],
    [{ marker: 'c' }, ''],
  ])('are paged by %j as %s', (changed, expected) => {
    expect(
      tagPage(newestFirst, { ...query, ...changed })
        .map(({ name }) => name)
        .join(' '),
    ).toBe(expected)
  })

  it('are not found by a marker that is none of them', async () => {
    expect(await codeOf(() => tagPage(newestFirst, { ...query, marker: 'x' }))).toBe('NOT_FOUND')
  })
})

describe('the schemas', () => {
  it('take their own definitions, and collections hoist them', () => {
    const { definitions = {} } = metadefNamespaceSchema
    const schema = { ...metadefNamespaceSchema, type: 'object' } as const

    expect(schemaProblem({ namespace: 'n', properties: { p: text } }, schema, definitions)).toBeNull()
    expect(schemaProblem({ namespace: 'n', properties: { p: { title: 1 } } }, schema, definitions)).toEqual({
      problem: '"type" is a required property',
      path: ['properties', 'p'],
    })
    expect(Object.keys(metadefPropertiesSchema.definitions ?? {})).toContain('stringArray')
    expect(metadefPropertiesSchema.properties['properties']).toMatchObject({
      type: 'object',
      additionalProperties: { name: 'property', required: ['type', 'title'] },
    })
  })
})

describe('the JSON of columns', () => {
  it('is ASCII and says the same', () => {
    const value = { 'ключ\u0000': 'é😀\ud800\u007f' }

    expect(asciiJson(value)).toMatch(/^[ -~]+$/)
    expect(JSON.parse(asciiJson(value))).toEqual(value)
  })
})
