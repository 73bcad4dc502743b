import { describe, expect, it } from 'vitest'
import { addImageLocation, hashingProperty, listImageLocations, type RequestContext } from '../../../src/index.ts'
import { codeOf, refusalOf } from '../../support/refusal.ts'
import { scriptedStore } from '../../support/scripted-store.ts'
import { aCaller, admin, anId, anImage, aWorld, putActive, stranger, type World } from '../../support/world.ts'

const imageId = anId(1000)
const url = 'http://web/1'
const hash = 'ab'.repeat(32)
const validation_data = { os_hash_algo: 'sha256', os_hash_value: hash }
const service: RequestContext = aCaller({ project: 'services', roles: ['service', 'member', 'reader'] })

async function aPlace(changed: Parameters<typeof aWorld>[0] = {}) {
  const web = await scriptedStore('web', { schemes: ['http', 'https'], canDelete: false })
  const main = await scriptedStore('main')
  const world = await aWorld({ multiStore: true, ...changed }, [main, web])
  web.backend.objects.set(url, new Uint8Array(3))
  main.backend.objects.set('scripted://main/volume', new Uint8Array(4))
  world.images.put(anImage({ visibility: 'public' }))
  return { world, web, main }
}

const add = (world: World, body: unknown, context: RequestContext = aCaller()): Promise<void> =>
  addImageLocation(context, world, { imageId, body })

describe('addImageLocation', () => {
  it('makes the image active at once when no hash is given, and has the data hashed', async () => {
    const { world, web } = await aPlace()

    await add(world, { url })

    const image = world.images.peek(imageId)
    expect(image).toMatchObject({
      status: 'active',
      size: 3,
      hashValue: null,
      locations: [{ url, metadata: { store: 'web' }, status: 'active' }],
    })
    expect(image?.properties.has(hashingProperty)).toBe(true)
    expect(world.hashJobs.enqueued).toEqual([imageId])
    expect(web.backend.calls).toEqual(['getSize'])
  })

  it('waits for the data to be compared when a hash is given', async () => {
    const { world } = await aPlace()

    await add(world, { url, validation_data })

    expect(world.images.peek(imageId)).toMatchObject({
      status: 'importing',
      hashAlgorithm: 'sha256',
      hashValue: hash,
      checksum: null,
    })
    expect(world.hashJobs.enqueued).toEqual([imageId])
  })

  it('takes the hash for what it says when data are not to be hashed', async () => {
    const { world } = await aPlace({ doSecureHash: false })

    await add(world, { url, validation_data })

    const image = world.images.peek(imageId)
    expect(image).toMatchObject({ status: 'active', hashAlgorithm: 'sha256', hashValue: hash })
    expect(image?.properties.has(hashingProperty)).toBe(false)
    expect(world.hashJobs.enqueued).toEqual([])
  })

  it('takes from services what lies in any store, and from users web addresses alone', async () => {
    const { world } = await aPlace()
    const volume = { url: 'scripted://main/volume' }

    expect(await refusalOf(() => add(world, volume))).toEqual({
      code: 'FORBIDDEN',
      message: 'Only http and https locations may be added here.',
    })
    expect(await codeOf(() => add(world, { url: 'file:///etc/passwd' }))).toBe('FORBIDDEN')
    for (const refused of ['file:///etc/passwd', 'FileSystem:///etc/passwd', 'swift+config://ref1/c/x', 'foo://x'])
      expect(await codeOf(() => add(world, { url: refused }, service))).toBe('INVALID')
    await add(world, volume, service)
    expect(world.images.peek(imageId)).toMatchObject({ status: 'active', size: 4 })
  })

  it('refuses users web addresses where no store reads them', async () => {
    const world = await aWorld()
    world.images.put(anImage())

    expect(await codeOf(() => add(world, { url }))).toBe('FORBIDDEN')
  })

  it.each(['active', 'importing', 'saving', 'deactivated'] as const)('refuses an image that is %s', async (status) => {
    const { world } = await aPlace()
    world.images.put(anImage({ status }))

    expect(await refusalOf(() => add(world, { url }))).toEqual({
      code: 'CONFLICT',
      message: `It's not allowed to add locations if image status is ${status}.`,
    })
  })

  it('refuses an image that an import has locked, that lacks a format, or whose quotas are full', async () => {
    const { world } = await aPlace()
    world.images.put(anImage({ properties: new Map([['os_glance_import_task', 'x']]) }))
    expect(await codeOf(() => add(world, { url }))).toBe('CONFLICT')
    world.images.put(anImage({ diskFormat: null }))
    expect(await codeOf(() => add(world, { url }))).toBe('INVALID')

    const full = await aPlace({ userStorageQuota: 2 })
    expect(await codeOf(() => add(full.world, { url }))).toBe('OVER_LIMIT')
    const none = await aPlace({ imageLocationQuota: 0 })
    expect(await codeOf(() => add(none.world, { url }))).toBe('OVER_LIMIT')
  })

  it('asks no store for callers who may not add', async () => {
    const { world, web } = await aPlace()

    expect(await codeOf(() => add(world, { url }, stranger))).toBe('FORBIDDEN')
    expect(await codeOf(() => add(world, { url }, aCaller({ roles: ['reader'] })))).toBe('FORBIDDEN')
    expect(await codeOf(() => addImageLocation(admin, world, { imageId: anId(7), body: { url } }))).toBe('NOT_FOUND')
    expect(await codeOf(() => add(world, { url }, aCaller({ readOnly: true })))).toBe('FORBIDDEN')
    expect(web.backend.calls).toEqual([])
  })

  it('lets one of two win', async () => {
    const { world } = await aPlace()

    const both = await Promise.allSettled([add(world, { url }), add(world, { url })])

    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(world.images.peek(imageId)?.locations).toHaveLength(1)
  })
})

describe('listImageLocations', () => {
  it('tells services where the data lie, best first, in today’s form and without passwords', async () => {
    const stores = [await scriptedStore('light', { weight: 1 }), await scriptedStore('heavy', { weight: 5 })] as const
    const world = await aWorld({ multiStore: true }, stores)
    const image = putActive(world, 'abc', { visibility: 'public' }, stores)
    const [light, heavy] = image.locations
    world.images.put({ ...image, locations: image.locations.map((location) => ({ ...location, metadata: {} })) })

    const shown = await listImageLocations(service, world, { imageId })

    expect(shown).toEqual([heavy, light])
    expect(world.images.peek(imageId)?.locations).toEqual([light, heavy])
    expect(await codeOf(() => listImageLocations(aCaller(), world, { imageId }))).toBe('FORBIDDEN')
    expect(await codeOf(() => listImageLocations(service, world, { imageId: anId(7) }))).toBe('NOT_FOUND')
  })
})
