import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Image,
  type PatchVersion,
  parseJsonPatch,
  type RequestContext,
  ServiceError,
  type ServiceSettings,
  updateImage,
} from '../../../src/index.ts'
import { codeOf, refusalOf } from '../../support/refusal.ts'
import { aCaller, admin, anId, anImage, aWorld, stranger } from '../../support/world.ts'

interface Setting {
  readonly image?: Partial<Image>
  readonly context?: RequestContext
  readonly version?: PatchVersion
  readonly settings?: Partial<ServiceSettings>
  readonly imageId?: string
}

async function patch(body: unknown, { image, context, version, settings, imageId }: Setting = {}): Promise<Image> {
  const world = await aWorld(settings)
  world.images.put(anImage({ properties: new Map([['there', 'old']]), ...image }))
  const operations = parseJsonPatch(body, version ?? '2.1')
  const found = await updateImage(context ?? aCaller(), world, { imageId: imageId ?? anId(1000), operations })
  return found.image
}

const add = (path: string, value: unknown) => [{ op: 'add', path, value }]
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }]
const remove = (path: string) => [{ op: 'remove', path }]

describe('updateImage', () => {
  it('applies operations in order', async () => {
    const image = await patch([
      ...add('/new', '1'),
      ...replace('/new', '2'),
      ...remove('/there'),
      ...replace('/name', 'x'),
      ...replace('/tags', ['b', 'a', 'b']),
      ...replace('/os_hidden', true),
    ])

    expect(image).toMatchObject({ name: 'x', hidden: true, tags: ['b', 'a'], properties: new Map([['new', '2']]) })
  })

  it('changes nothing when one of several operations fails', async () => {
    const world = await aWorld()
    const before = anImage()
    world.images.put(before)
    const operations = parseJsonPatch([...replace('/name', 'x'), ...remove('/nothing')], '2.1')

    expect(await codeOf(() => updateImage(aCaller(), world, { imageId: before.id, operations }))).toBe('CONFLICT')
    expect(world.images.peek(before.id)).toBe(before)
  })

  it('saves nothing for an empty document', async () => {
    const image = await patch([])

    expect(image.updatedAt).toEqual(anImage().updatedAt)
  })

  it.each<[string, unknown, PatchVersion, string]>([
    ['add to a base member', add('/name', 'x'), '2.1', 'done'],
    ['add to a base member in the old draft', [{ add: '/name', value: 'x' }], '2.0', 'CONFLICT'],
    ['replace of a base member', replace('/name', 'x'), '2.1', 'done'],
    ['remove of a base member', remove('/name'), '2.1', 'FORBIDDEN'],
    ['add to a property that is there', add('/there', 'x'), '2.1', 'done'],
    ['add to a property that is there in the old draft', [{ add: '/there', value: 'x' }], '2.0', 'CONFLICT'],
    ['replace of a property', [{ replace: '/there', value: 'x' }], '2.0', 'done'],
    ['remove of a property', remove('/there'), '2.1', 'done'],
    ['add of a new property', [{ add: '/new', value: 'x' }], '2.0', 'done'],
    ['replace of an absent property', replace('/new', 'x'), '2.1', 'CONFLICT'],
    ['remove of an absent property', remove('/new'), '2.1', 'CONFLICT'],
    ['replace of an absent property with a telling name', replace('/__proto__', 'x'), '2.1', 'CONFLICT'],
  ])('answers an %s', async (_, body, version, outcome) => {
    const result = await patch(body, { version }).then(
      () => 'done',
      (error: ServiceError) => error.code,
    )

    expect(result).toBe(outcome)
  })

  it.each([
    ...['created_at', 'updated_at', 'status', 'checksum', 'size', 'virtual_size', 'direct_url', 'self', 'file'],
    ...['schema', 'stores', 'id', 'os_hash_algo', 'os_hash_value'],
  ])('refuses the read-only member %s before it looks the image up', async (name) => {
    for (const body of [add(`/${name}`, 'x'), replace(`/${name}`, 'x'), remove(`/${name}`)]) {
      expect(await refusalOf(() => patch(body, { imageId: anId(404) }))).toEqual({
        code: 'FORBIDDEN',
        message: `Attribute '${name}' is read-only.`,
      })
    }
  })

  it.each(['location', 'deleted', 'deleted_at', 'os_glance_import_task', 'os_glancer'])(
    'refuses the reserved name %s before it looks the image up',
    async (name) => {
      for (const body of [add(`/${name}`, 'x'), remove(`/${name}`)])
        expect(await codeOf(() => patch(body, { imageId: anId(404) }))).toBe('FORBIDDEN')
    },
  )

  it.each<[string, unknown]>([
    ['/name', 5],
    ['/protected', 'true'],
    ['/tags', [1]],
    ['/visibility', 'secret'],
    ['/min_ram', -1],
    ['/there', 5],
    ['/there', '\u{1F600}'],
    [`/${'x'.repeat(256)}`, 'x'],
  ])('refuses %s = %j', async (path, value) => {
    expect(await codeOf(() => patch(add(path, value)))).toBe('INVALID')
  })

  it("does not let on that an image is not the caller's to know", async () => {
    const hidden = await refusalOf(() => patch(add('/a', 'x'), { context: stranger }))
    const absent = await refusalOf(() => patch(add('/a', 'x'), { imageId: anId(404) }))

    expect(hidden).toEqual({ code: 'NOT_FOUND', message: `No image found with ID ${anId(1000)}` })
    expect(absent).toEqual({ code: 'NOT_FOUND', message: `No image found with ID ${anId(404)}` })
  })

  it('refuses others to change what they see', async () => {
    const image = { visibility: 'public' } as const

    expect(await refusalOf(() => patch(add('/a', 'x'), { context: stranger, image }))).toEqual({
      code: 'FORBIDDEN',
      message: 'You are not authorized to complete modify_image action.',
    })
  })

  it('keeps owners from giving an image away, by replace and by add', async () => {
    expect(await codeOf(() => patch(replace('/owner', 'theirs')))).toBe('FORBIDDEN')
    expect(await codeOf(() => patch(add('/owner', 'theirs')))).toBe('FORBIDDEN')
    expect((await patch(replace('/owner', 'theirs'), { context: admin })).owner).toBe('theirs')
  })

  it('lets only administrators publish', async () => {
    expect(await codeOf(() => patch(replace('/visibility', 'public')))).toBe('FORBIDDEN')
    expect((await patch(replace('/visibility', 'public'), { context: admin })).visibility).toBe('public')
    expect((await patch(replace('/visibility', 'community'))).visibility).toBe('community')
  })

  it.each(['disk_format', 'container_format'])('changes %s only while no data depend on it', async (name) => {
    const body = replace(`/${name}`, null)

    expect(await refusalOf(() => patch(body, { image: { status: 'active' } }))).toEqual({
      code: 'FORBIDDEN',
      message: `Attribute ${name} can be only replaced for a queued image.`,
    })
    expect((await patch(body)).status).toBe('queued')
    expect((await patch(body, { image: { status: 'importing' } })).status).toBe('importing')
  })

  it('refuses to touch locations', async () => {
    expect(await codeOf(() => patch(replace('/locations', [])))).toBe('FORBIDDEN')
    expect(await codeOf(() => patch(remove('/locations/0')))).toBe('FORBIDDEN')
  })

  it('holds new properties and tags to their quotas, but not those that were there before', async () => {
    const settings = { imagePropertyQuota: 1, imageTagQuota: 1 }
    const image = {
      properties: new Map([
        ['a', '1'],
        ['b', '2'],
        ['os_glance_failed_import', ''],
      ]),
    }

    expect(await codeOf(() => patch(add('/c', '3'), { settings, image }))).toBe('OVER_LIMIT')
    expect((await patch(replace('/a', '3'), { settings, image })).properties.get('a')).toBe('3')
    expect((await patch(remove('/a'), { settings, image })).properties.has('a')).toBe(false)
    expect(await codeOf(() => patch(replace('/tags', ['a', 'b']), { settings }))).toBe('OVER_LIMIT')
  })

  it('asks for the right on the record as it is when it is changed', async () => {
    const world = await aWorld()
    world.images.put(anImage())
    world.images.before = (method, id) => {
      if (method === 'change' && id) world.images.put(anImage({ owner: 'theirs', visibility: 'private' }))
    }
    const operations = parseJsonPatch(replace('/name', 'x'), '2.1')

    expect(await codeOf(() => updateImage(aCaller(), world, { imageId: anId(1000), operations }))).toBe('NOT_FOUND')
  })

  it('answers any operations with an image or a refusal', async () => {
    const path = fc.oneof(
      fc.constantFrom(
        '/name',
        '/tags',
        '/there',
        '/owner',
        '/visibility',
        '/__proto__',
        '/constructor',
        '/locations/-',
      ),
      fc.string({ maxLength: 4 }).map((name) => `/${name}`),
    )
    const operation = fc.record({ op: fc.constantFrom('add', 'replace', 'remove'), path, value: fc.jsonValue() })

    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 4 }), async (body) => {
        await patch(body).catch((error: unknown) => {
          if (!(error instanceof ServiceError)) throw error
        })
      }),
      { numRuns: 60 },
    )
  })
})
