import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createImage, type RequestContext, ServiceError, type ServiceSettings, showImage } from '../../../src/index.ts'
import { codeOf, refusalOf } from '../../support/refusal.ts'
import { aCaller, admin, anId, aWorld } from '../../support/world.ts'

async function create(body: unknown, context: RequestContext = aCaller(), changed: Partial<ServiceSettings> = {}) {
  const world = await aWorld(changed)
  const { image } = await createImage(context, world, { body })
  expect(world.images.peek(image.id)).toEqual(image)
  return image
}

describe('createImage', () => {
  it('makes a queued image of the caller with every default', async () => {
    expect(await create({})).toMatchObject({
      id: anId(1),
      name: null,
      status: 'queued',
      visibility: 'shared',
      protected: false,
      hidden: false,
      owner: 'ours',
      size: null,
      minDisk: 0,
      minRam: 0,
      diskFormat: null,
      containerFormat: null,
      tags: [],
      properties: new Map(),
      locations: [],
    })
  })

  it('takes what a user may set', async () => {
    const image = await create({
      id: anId(7),
      name: 'Übung',
      visibility: 'private',
      protected: true,
      os_hidden: true,
      owner: 'ours',
      container_format: 'bare',
      disk_format: 'qcow2',
      min_ram: 2_147_483_647,
      min_disk: 3,
      tags: ['a', 'b', 'a'],
      os_type: 'linux',
    })

    expect(image).toMatchObject({
      id: anId(7),
      name: 'Übung',
      visibility: 'private',
      protected: true,
      hidden: true,
      containerFormat: 'bare',
      diskFormat: 'qcow2',
      minRam: 2_147_483_647,
      minDisk: 3,
      tags: ['a', 'b'],
      properties: new Map([['os_type', 'linux']]),
    })
  })

  it.each<[string, unknown]>([
    ['a list', []],
    ['null', null],
    ['a text', 'x'],
    ['a name of the wrong type', { name: 5 }],
    ['a name that is a tree', { name: { a: { b: [] } } }],
    ['a name over 255 characters', { name: 'x'.repeat(256) }],
    ['an id that is no UUID', { id: 'x' }],
    ['an id with a line end', { id: `${anId(1)}\n` }],
    ['no id', { id: null }],
    ['an unknown visibility', { visibility: 'secret' }],
    ['a flag as text', { protected: 'true' }],
    ['a format that is not configured', { disk_format: 'ploop' }],
    ['the empty format', { container_format: '' }],
    ['a fraction', { min_ram: 1.5 }],
    ['a negative number', { min_disk: -1 }],
    ['a number over 32 bits', { min_ram: 2_147_483_648 }],
    ['a number as text', { min_ram: '1' }],
    ['tags that are no list', { tags: 'a' }],
    ['a tag that is no text', { tags: ['a', 1] }],
    ['a tag over 255 characters', { tags: ['x'.repeat(256)] }],
    ['a tag of four bytes', { tags: ['\u{1F600}'] }],
    ['a property that is no text', { os_type: 1 }],
    ['a property that is null', { os_type: null }],
    ['a property without name', { '': 'x' }],
    ['a name of a property over 255 characters', { ['p'.repeat(256)]: 'x' }],
    ['a value over 65,535 bytes', { p: 'ü'.repeat(32_768) }],
    ['a value of four-byte characters', { p: '\u{1F600}' }],
    ['a lone surrogate', { p: '\udc00' }],
    ['a NUL', { name: 'a\0' }],
  ])('refuses %s', async (_, body) => {
    expect(await codeOf(() => create(body))).toBe('INVALID')
  })

  it('says what does not fit and where', async () => {
    const { message } = await refusalOf(() => create({ name: 5 }))

    expect(message).toBe(`Provided object does not match schema 'image': 5 is not of type 'null', 'string' (in "name")`)
  })

  it.each([
    ...['direct_url', 'self', 'file', 'schema', 'stores', 'created_at', 'updated_at', 'status'],
    ...['checksum', 'size', 'virtual_size', 'os_hash_algo', 'os_hash_value'],
  ])('refuses the read-only member %s whatever its value', async (name) => {
    const refusal = await refusalOf(() => create({ [name]: {} }))

    expect(refusal).toEqual({ code: 'FORBIDDEN', message: `Attribute '${name}' is read-only.` })
  })

  it.each(['location', 'deleted', 'deleted_at', 'os_glance', 'os_glanced', 'os_glance_import_task'])(
    'refuses the reserved name %s',
    async (name) => {
      const refusal = await refusalOf(() => create({ [name]: 'x' }))

      expect(refusal).toMatchObject({ code: 'FORBIDDEN', detail: `Attribute '${name}' is reserved.` })
    },
  )

  it('refuses locations, which are added to an image that is there', async () => {
    const refusal = await refusalOf(() => create({ locations: [] }))

    expect(refusal).toEqual({ code: 'FORBIDDEN', message: "Attribute 'locations' is reserved." })
  })

  it('keeps names that JavaScript objects inherit as plain properties', async () => {
    const { properties } = await create(JSON.parse('{"__proto__": "a", "constructor": "b", "toString": "c"}'))

    expect([...properties]).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ])
  })

  it('refuses foreign owners but to administrators', async () => {
    const refusal = await refusalOf(() => create({ owner: 'theirs' }))

    expect(refusal).toEqual({
      code: 'FORBIDDEN',
      message: "You are not permitted to create images owned by 'theirs'",
    })
    expect(await codeOf(() => create({ owner: null }))).toBe('FORBIDDEN')
    expect((await create({ owner: 'theirs' }, admin)).owner).toBe('theirs')
    expect((await create({ owner: null }, admin)).owner).toBeNull()
  })

  it('lets administrators make public images, and owners community images', async () => {
    expect(await codeOf(() => create({ visibility: 'public' }))).toBe('FORBIDDEN')
    expect((await create({ visibility: 'public' }, admin)).visibility).toBe('public')
    expect((await create({ visibility: 'community' })).visibility).toBe('community')
  })

  it('refuses readers and anonymous callers', async () => {
    expect(await codeOf(() => create({}, aCaller({ roles: ['reader'] })))).toBe('FORBIDDEN')
    expect(await codeOf(() => create({}, aCaller({ readOnly: true })))).toBe('FORBIDDEN')
  })

  it('refuses an id that is taken, also by a deleted image', async () => {
    const world = await aWorld()
    const { image } = await createImage(aCaller(), world, { body: {} })
    await world.images.remove(image.id, new Date(), () => {})

    expect(await codeOf(() => createImage(aCaller(), world, { body: { id: image.id } }))).toBe('CONFLICT')
  })

  it('holds properties and tags to their quotas; negative ones are none', async () => {
    const three = { a: '1', b: '2', c: '3' }

    expect(await codeOf(() => create(three, aCaller(), { imagePropertyQuota: 2 }))).toBe('OVER_LIMIT')
    expect(await codeOf(() => create({ tags: ['a', 'b'] }, aCaller(), { imageTagQuota: 1 }))).toBe('OVER_LIMIT')
    expect((await create(three, aCaller(), { imagePropertyQuota: -1 })).properties.size).toBe(3)
    expect((await create({ tags: ['a', 'a'] }, aCaller(), { imageTagQuota: 1 })).tags).toEqual(['a'])
  })

  it('answers any JSON with an image or a refusal', async () => {
    const world = await aWorld({ imagePropertyQuota: -1 })
    const body = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('name', 'tags', 'id', 'min_ram', 'owner', 'x', '__proto__'), fc.jsonValue()),
    )

    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        await createImage(aCaller(), world, { body: value }).catch((error: unknown) => {
          if (!(error instanceof ServiceError)) throw error
        })
      }),
    )
  })

  it('gives back every property that it took as it was given', async () => {
    const world = await aWorld({ imagePropertyQuota: -1 })
    const text = fc.string({ unit: 'binary', maxLength: 20 })

    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { maxLength: 6 }), async (given) => {
        const body = Object.fromEntries(given)
        try {
          const { image } = await createImage(aCaller(), world, { body })
          const { image: found } = await showImage(aCaller(), world, { imageId: image.id })
          expect(Object.fromEntries(found.properties)).toEqual(body)
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error
        }
      }),
    )
  })
})
