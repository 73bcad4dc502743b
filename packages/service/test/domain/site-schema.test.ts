import { describe, expect, it } from 'vitest'
import { propertyValue } from '../../src/domain/site-schema.ts'
import {
  createImage,
  imageSchema,
  parseJsonPatch,
  readSiteSchema,
  type SiteSchema,
  updateImage,
} from '../../src/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { aCaller, anImage, aWorld, settings } from '../support/world.ts'

/** The schema of a document that has to be right. */
function schemaOf(document: unknown): SiteSchema {
  const { schema, problems } = readSiteSchema(document)
  expect(problems).toEqual([])
  return schema
}

const problemsOf = (document: unknown) => readSiteSchema(document).problems

const site = schemaOf({
  cores: { type: 'integer', minimum: 1 },
  ratio: { type: 'number' },
  fast: { type: 'boolean' },
  kernel_id: { type: ['null', 'string'], pattern: '^[0-9a-f]+$', description: 'Id of a kernel' },
  policy: { type: 'string', enum: ['keep', 'drop'] },
  short: { type: 'string', minLength: 2, maxLength: 3 },
  anything: {},
})

describe('readSiteSchema', () => {
  it('takes properties by name, and the form that says which are required', () => {
    const flat = schemaOf({ a: { type: 'string' }, properties: { type: 'string' } })
    const long = schemaOf({ properties: { a: { type: 'string' } }, required: ['a', 'name'] })

    expect([[...flat.properties.keys()], flat.required]).toEqual([['a', 'properties'], []])
    expect([[...long.properties.keys()], long.required]).toEqual([['a'], ['a', 'name']])
  })

  it('tells everything that is wrong with a document', () => {
    expect(problemsOf([])).toEqual(['must be a JSON object'])
    expect(
      problemsOf({
        name: { type: 'string' },
        stores: {},
        os_glance_x: {},
        location: {},
        list: { type: 'array' },
        odd: { type: ['string', 'text'] },
        text: 'string',
        looks: { pattern: '(?=x)' },
        broken: { minimum: 'one' },
      }),
    ).toEqual([
      'property "name" is a member of every image and cannot be described anew',
      'property "stores" is a member of every image and cannot be described anew',
      'property "os_glance_x" has a name that the service keeps for itself',
      'property "location" has a name that the service keeps for itself',
      'property "list" is of type "array"; properties are stored as texts, so it can be null, string, boolean, integer, number',
      'property "odd" is of type "text"; properties are stored as texts, so it can be null, string, boolean, integer, number',
      'property "text" must be described by a JSON object',
      `property "looks" has a pattern that is not taken: invalid or unsupported Perl syntax: '(?='`,
      expect.stringContaining('property "broken" is no JSON Schema: '),
    ])
    expect(problemsOf({ properties: {}, required: ['a', 'status', 1, 'name'] })).toEqual([
      'required names "a", which is no property of the site and no member that users set',
      'required names "status", which is no property of the site and no member that users set',
      'required names 1, which is no property of the site and no member that users set',
    ])
  })
})

describe('propertyValue', () => {
  it.each<[string, unknown, string | null]>([
    ['cores', 4, '4'],
    ['ratio', 1.5, '1.5'],
    ['fast', true, '1'],
    ['fast', false, '0'],
    ['kernel_id', null, null],
    ['kernel_id', 'ab12', 'ab12'],
    ['policy', 'keep', 'keep'],
    ['anything', 'x', 'x'],
    ['other', 'x', 'x'],
  ])('stores %s %j as %j', (name, value, stored) => {
    expect(propertyValue(name, value, site)).toBe(stored)
  })

  it.each<[string, unknown, string]>([
    ['cores', '4', `"4" is not of type 'integer' (in "cores")`],
    ['cores', 0, '0 must be >= 1 (in "cores")'],
    ['fast', 1, `1 is not of type 'boolean' (in "fast")`],
    ['kernel_id', 7, `7 is not of type 'null', 'string' (in "kernel_id")`],
    ['kernel_id', 'XY', `"XY" does not match '^[0-9a-f]+$' (in "kernel_id")`],
    ['policy', 'burn', `"burn" is not one of ["keep", "drop"] (in "policy")`],
    ['short', 'x', '"x" is too short (in "short")'],
    ['short', 'xxxx', '"xxxx" is too long (in "short")'],
    ['anything', { a: 1 }, `{…} is not of type 'string' (in "anything")`],
    ['other', 4, `4 is not of type 'string' (in "other")`],
    ['other', null, `null is not of type 'string' (in "other")`],
  ])('refuses %s %j', async (name, value, problem) => {
    expect(await refusalOf(() => propertyValue(name, value, site))).toEqual({
      code: 'INVALID',
      message: `Provided object does not match schema 'image': ${problem}`,
    })
  })

  it('holds texts to what the databases hold, whatever the site says', async () => {
    expect(await refusalOf(() => propertyValue('anything', 'x'.repeat(65_536), site))).toMatchObject({
      code: 'INVALID',
    })
    expect(await refusalOf(() => propertyValue('anything', '😀', site))).toMatchObject({ code: 'INVALID' })
  })

  it('takes no longer for values made to be hard to match', () => {
    const slow = schemaOf({ a: { type: 'string', pattern: '^(a+)+$' } })

    expect(() => propertyValue('a', `${'a'.repeat(30_000)}!`, slow)).toThrow('does not match')
  })
})

describe('images of a site', () => {
  const required = schemaOf({
    properties: { os_distro: { type: 'string' }, cores: { type: 'integer' } },
    required: ['os_distro', 'name'],
  })

  it('need what is required when they are made, and not afterwards', async () => {
    const world = await aWorld({ siteSchema: required })
    world.images.put(anImage({ properties: new Map([['os_distro', 'debian']]) }))

    expect(await refusalOf(() => createImage(aCaller(), world, { body: { name: 'x' } }))).toEqual({
      code: 'INVALID',
      message: "Provided object does not match schema 'image': 'os_distro' is a required property",
    })
    expect(await refusalOf(() => createImage(aCaller(), world, { body: { os_distro: 'debian' } }))).toMatchObject({
      message: expect.stringContaining("'name' is a required property"),
    })
    await createImage(aCaller(), world, { body: { name: 'x', os_distro: 'debian' } })
    const operations = parseJsonPatch([{ op: 'remove', path: '/os_distro' }], '2.1')
    await updateImage(aCaller(), world, { imageId: anImage().id, operations })
  })

  it('are held to the types of properties by patches, too', async () => {
    const world = await aWorld({ siteSchema: required })
    world.images.put(anImage())
    const patch = (value: unknown) =>
      updateImage(aCaller(), world, {
        imageId: anImage().id,
        operations: parseJsonPatch([{ op: 'add', path: '/cores', value }], '2.1'),
      })

    expect(await refusalOf(() => patch('4'))).toMatchObject({ code: 'INVALID' })
    expect((await patch(4)).image.properties.get('cores')).toBe('4')
  })

  it('have the properties of the site in their schema, behind their own and marked as not base', () => {
    const { properties, required: names } = imageSchema({ ...settings, siteSchema: site })

    expect(Object.keys(properties).slice(-3)).toEqual(['policy', 'short', 'anything'])
    expect(properties['kernel_id']).toEqual({
      type: ['null', 'string'],
      pattern: '^[0-9a-f]+$',
      description: 'Id of a kernel',
      is_base: false,
    })
    expect(names).toBeUndefined()
    expect(imageSchema({ ...settings, siteSchema: required }).required).toEqual(['os_distro', 'name'])
  })
})
