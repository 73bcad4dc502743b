import { describe, expect, it } from 'vitest'
import { type Image, type ImageLocation, parseJsonPatch, type RequestContext, updateImage } from '../../../src/index.ts'
import { codeOf, refusalOf } from '../../support/refusal.ts'
import { type ScriptedStore, scriptedStore } from '../../support/scripted-store.ts'
import { aCaller, admin, anId, anImage, aWorld, putActive, stranger, type World } from '../../support/world.ts'

const id = anId(1000)
const op = (name: string, path: string, value?: unknown) => ({
  op: name,
  path,
  ...(value === undefined ? {} : { value }),
})
const add = (url: string, more: object = {}) => op('add', '/locations/-', { url, metadata: {}, ...more })
const sha512 = 'ab'.repeat(64)
const md5 = 'cd'.repeat(16)
const hashes = { checksum: md5, os_hash_algo: 'sha512', os_hash_value: sha512 }

/** Three stores: a web address to read from, and two that delete. The image is queued; `web://` has data of 3 bytes wherever a test puts them. */
async function aPlace(changed: Parameters<typeof aWorld>[0] = {}) {
  const web = await scriptedStore('web', { schemes: ['http', 'https'], canDelete: false })
  const a = await scriptedStore('a', { weight: 2 })
  const b = await scriptedStore('b', { weight: 1 })
  const world = await aWorld({ showMultipleLocations: true, multiStore: true, ...changed }, [web, a, b])
  for (const path of ['1', '2', '3', '4']) put(web, `http://web/${path}`)
  world.images.put(anImage())
  return { world, web, a, b }
}

function put({ backend }: ScriptedStore, url: string, data = 'abc'): void {
  backend.objects.set(url, new TextEncoder().encode(data))
}

async function patch(world: World, body: unknown, context: RequestContext = admin): Promise<Image> {
  return (await updateImage(context, world, { imageId: id, operations: parseJsonPatch(body, '2.1') })).image
}

const urls = (image: Image | undefined): readonly string[] => image?.locations.map(({ url }) => url) ?? []
const active = (url: string, metadata: object = {}): ImageLocation => ({
  url,
  metadata: { ...metadata },
  status: 'active',
})

describe('adding locations by a patch', () => {
  it('makes a queued image active with the size that the store gives, without reading it', async () => {
    const { world, web } = await aPlace()

    const image = await patch(world, [op('replace', '/name', 'new'), add('http://web/1')], aCaller())

    expect(image).toMatchObject({ status: 'active', size: 3, name: 'new', checksum: null, hashValue: null })
    expect(image.locations).toEqual([active('http://web/1', { store: 'web' })])
    expect(web.backend.calls).toEqual(['getSize'])
    expect(web.backend.requesters).toEqual([{ project: 'ours', token: 'token-of-the-caller' }])
  })

  it('adds to an active image, takes several at once, and the position for what it is worth', async () => {
    const { world } = await aPlace()

    await patch(world, [add('http://web/1'), op('add', '/locations/0', { url: 'http://web/2', metadata: {} })])
    const image = await patch(world, [op('add', '/locations/7', { url: 'http://web/3', metadata: {} })])

    expect(urls(image)).toEqual(['http://web/1', 'http://web/2', 'http://web/3'])
  })

  it('keeps what a user says of the data while there are none, and holds later locations to it', async () => {
    const { world } = await aPlace()

    const image = await patch(world, [add('http://web/1', { validation_data: hashes })])

    expect(image).toMatchObject({ checksum: md5, hashAlgorithm: 'sha512', hashValue: sha512 })
    await patch(world, [add('http://web/2', { validation_data: hashes })])
    const other = { ...hashes, os_hash_value: 'ef'.repeat(64) }
    expect(await refusalOf(() => patch(world, [add('http://web/3', { validation_data: other })]))).toEqual({
      code: 'CONFLICT',
      message: 'os_hash_value is already set with a different value',
    })
  })

  it.each([
    [{ ...hashes, os_hash_algo: 'sha256', os_hash_value: 'ab'.repeat(32) }, 'os_hash_algo must be sha512, not sha256'],
    [{ ...hashes, checksum: 'z'.repeat(32) }, `checksum (${'z'.repeat(32)}) is not a valid hexadecimal value`],
    [{ ...hashes, os_hash_value: 'zz' }, 'os_hash_value (zz) is not a valid hexadecimal value'],
    [{ ...hashes, os_hash_value: 'ab' }, 'os_hash_value (ab) is not the correct size for sha512 (should be 64 bytes)'],
  ])('refuses the hashes %j with CONFLICT', async (validation_data, message) => {
    const { world } = await aPlace()

    expect(await refusalOf(() => patch(world, [add('http://web/1', { validation_data })]))).toEqual({
      code: 'CONFLICT',
      message,
    })
    expect(world.images.peek(id)?.status).toBe('queued')
  })

  it('takes no hashes for data that are there, and none that contradict each other', async () => {
    const { world } = await aPlace()
    const both = [
      { url: 'http://web/1', metadata: {}, validation_data: hashes },
      { url: 'http://web/2', metadata: {}, validation_data: { ...hashes, checksum: 'ef'.repeat(16) } },
    ]
    expect((await refusalOf(() => patch(world, [op('replace', '/locations', both)]))).message).toBe(
      'Conflicting values for checksum',
    )
    await patch(world, [add('http://web/1')])

    expect((await refusalOf(() => patch(world, [add('http://web/2', { validation_data: hashes })]))).message).toBe(
      "New value(s) for checksum, os_hash_algo, os_hash_value may only be provided when image status is 'queued'",
    )
  })

  it.each([
    ['file:///etc/passwd'],
    ['FILE:///etc/passwd'],
    ['filesystem:///etc/passwd'],
    ['swift+config://ref1/c/x'],
    ['Swift+Config://ref1/c/x'],
    ['fil%65:///etc/passwd'],
    [' http://web/1'],
    ['http:/web/1'],
    ['foo://x/y'],
    ['nothing'],
    [''],
    ['http://web/missing'],
    ['scripted://unknown/x'],
  ])('refuses the location %j', async (url) => {
    const { world } = await aPlace()

    expect(await refusalOf(() => patch(world, [add(url)]))).toEqual({ code: 'INVALID', message: 'Invalid location' })
    expect(world.images.peek(id)).toMatchObject({ status: 'queued', locations: [] })
  })

  it('says the same of data that are empty, not to be read, or whose store is away', async () => {
    const { world, web } = await aPlace()
    put(web, 'http://web/1', '')
    expect(await refusalOf(() => patch(world, [add('http://web/1')]))).toMatchObject({ message: 'Invalid location' })

    for (const code of ['UNAVAILABLE', 'TIMEOUT', 'FORBIDDEN', 'INVALID_LOCATION', 'UNKNOWN'] as const) {
      web.backend.fail('getSize', code)
      expect(await refusalOf(() => patch(world, [add('http://web/2')]))).toEqual({
        code: 'INVALID',
        message: 'Invalid location',
      })
    }
  })

  it.each([
    [{ store: 'os_glance_staging_store' }, 'INVALID'],
    [{ store: 'nowhere' }, 'INVALID'],
    [{ store: 7 }, 'INVALID'],
    [{ backend: 'os_glance_tasks_store' }, 'INVALID'],
    [{ store: 'a' }, 'INVALID'],
  ])('refuses metadata that name a store which is not the location’s: %j', async (metadata, code) => {
    const { world } = await aPlace()

    expect(await codeOf(() => patch(world, [add('http://web/1', { metadata })]))).toBe(code)
  })

  it('refuses what lies at a place that the service deletes when it is another image’s', async () => {
    const { world, a } = await aPlace()
    putActive(world, 'abc', { id: anId(2), owner: 'theirs' }, [a])
    const theirs = `scripted://a/${anId(2)}`

    expect(await refusalOf(() => patch(world, [add(theirs)]))).toEqual({ code: 'INVALID', message: 'Invalid location' })

    put(a, 'scripted://a/snapshot')
    expect(urls(await patch(world, [add('scripted://a/snapshot')]))).toEqual(['scripted://a/snapshot'])
  })

  it('refuses data of another size than the image has, the same location again, and more than the quota', async () => {
    const { world, web } = await aPlace()
    await patch(world, [add('http://web/1')])
    put(web, 'http://web/2', 'four')

    expect(await codeOf(() => patch(world, [add('http://web/2')]))).toBe('INVALID')
    expect(await refusalOf(() => patch(world, [add('http://web/1')]))).toEqual({
      code: 'INVALID',
      message: 'The location http://web/1 already exists',
    })
    await patch(world, [add('http://web/3'), add('http://web/4')])
    expect(await refusalOf(() => patch(world, [add('http://web/1', { metadata: { k: 'v' } })]))).toEqual({
      code: 'OVER_LIMIT',
      message: 'The limit has been exceeded on the number of allowed image locations. Attempted: 4, Maximum: 3',
    })
  })

  it('counts a location for the storage quota of the image’s owner', async () => {
    const { world } = await aPlace({ userStorageQuota: 7 })

    await patch(world, [add('http://web/1'), add('http://web/2')])

    expect(await codeOf(() => patch(world, [add('http://web/3')]))).toBe('OVER_LIMIT')
    expect(urls(world.images.peek(id))).toEqual(['http://web/1', 'http://web/2'])
  })

  it('asks no store before it knows that the caller may change the image in every other respect', async () => {
    const { world, web } = await aPlace()

    expect(await codeOf(() => patch(world, [add('http://web/1')], stranger))).toBe('NOT_FOUND')
    expect(await codeOf(() => patch(world, [add('http://web/1')], aCaller({ roles: ['reader'] })))).toBe('FORBIDDEN')
    expect(await codeOf(() => patch(world, [add('http://web/1'), op('remove', '/nothing')]))).toBe('CONFLICT')
    world.images.put(anImage({ diskFormat: null }))
    expect(await codeOf(() => patch(world, [add('http://web/1')]))).toBe('INVALID')
    const closed = { ...world, settings: { ...world.settings, showMultipleLocations: false } }
    expect(await codeOf(() => patch(closed, [add('http://web/1')]))).toBe('FORBIDDEN')
    for (const status of ['saving', 'importing', 'deactivated'] as const) {
      world.images.put(anImage({ status }))
      expect(await refusalOf(() => patch(world, [add('http://web/1')]))).toEqual({
        code: 'CONFLICT',
        message: `It's not allowed to add locations if image status is ${status}.`,
      })
    }
    expect(web.backend.calls).toEqual([])
  })
})

describe('replacing locations by a patch', () => {
  it('sets them while there are none, and then changes nothing but their metadata', async () => {
    const { world, web } = await aPlace()
    const [one, two] = [
      { url: 'http://web/1', metadata: {} },
      { url: 'http://web/2', metadata: {} },
    ]
    await patch(world, [op('replace', '/locations', [one, two])])
    web.backend.calls.length = 0

    const image = await patch(world, [op('replace', '/locations', [{ ...two, metadata: { k: 'v' } }, one])])

    expect(image.locations).toEqual(
      expect.arrayContaining([
        active('http://web/1', { store: 'web' }),
        active('http://web/2', { k: 'v', store: 'web' }),
      ]),
    )
    expect(web.backend.calls).toEqual([])
    for (const wrong of [[one], [one, two, { ...two, url: 'http://web/3' }], [one, { ...two, url: 'http://web/3' }]])
      expect(await codeOf(() => patch(world, [op('replace', '/locations', wrong)]))).toBe('INVALID')
    expect(await refusalOf(() => patch(world, [op('replace', '/locations', [])]))).toMatchObject({
      code: 'FORBIDDEN',
      detail: 'Cannot set locations to empty list.',
    })
  })

  it('knows a location by the URI that was shown, and does not move it into another store', async () => {
    const { world, a, b } = await aPlace()
    putActive(world, 'abc', {}, [a, b])
    const secret = active('http://u:p@web/1', { store: 'web' })
    world.images.put({ ...(world.images.peek(id) ?? anImage()), locations: [secret] })

    const image = await patch(world, [op('replace', '/locations', [{ url: 'http://web/1', metadata: { k: 'v' } }])])

    expect(image.locations).toEqual([active('http://u:p@web/1', { k: 'v', store: 'web' })])
    const moved = [{ url: 'http://web/1', metadata: { store: 'a' } }]
    expect(await codeOf(() => patch(world, [op('replace', '/locations', moved)]))).toBe('INVALID')
  })
})

describe('removing locations by a patch', () => {
  const remove = (position: number | '-') => [op('remove', `/locations/${position}`)]

  it('deletes the data of the one that was shown at that place', async () => {
    const { world, a, b } = await aPlace()
    putActive(world, 'abc', {}, [b, a])

    expect(urls(await patch(world, remove(0)))).toEqual([`scripted://b/${id}`])

    expect([a.backend.objects.size, b.backend.objects.size]).toEqual([0, 1])
    expect(await refusalOf(() => patch(world, remove(0)))).toMatchObject({
      code: 'FORBIDDEN',
      detail: 'Cannot remove last location in the image.',
    })
  })

  it('removes the last one for -, and refuses a place that there is not', async () => {
    const { world, a, b } = await aPlace()
    putActive(world, 'abc', {}, [a, b])

    expect(await refusalOf(() => patch(world, remove(2)))).toEqual({
      code: 'INVALID',
      message: 'Invalid position for removing a location.',
    })
    expect(urls(await patch(world, remove('-')))).toEqual([`scripted://a/${id}`])
  })

  it('is for those whom policy delete_image_location lets, and for active images', async () => {
    const { world, a, b } = await aPlace()
    putActive(world, 'abc', {}, [a, b])

    expect(await codeOf(() => patch(world, remove(0), aCaller()))).toBe('FORBIDDEN')
    world.images.put(anImage())
    expect(await refusalOf(() => patch(world, remove(0)))).toEqual({
      code: 'CONFLICT',
      message: "It's not allowed to remove locations if image status is queued.",
    })
  })

  it('keeps the location, and the rest of the patch back, when the data are in use', async () => {
    const { world, a, b } = await aPlace()
    putActive(world, 'abc', { name: 'old' }, [a, b])
    a.backend.fail('delete', 'IN_USE')

    expect(await codeOf(() => patch(world, [...remove(0), op('replace', '/name', 'new')]))).toBe('CONFLICT')

    expect(world.images.peek(id)).toMatchObject({
      name: 'old',
      locations: [active(`scripted://a/${id}`, { store: 'a' }), active(`scripted://b/${id}`, { store: 'b' })],
    })
  })

  it.each([
    ['there', null, 'UNAVAILABLE', ['active', 'active']],
    ['not to be told', 'UNAVAILABLE', 'UNAVAILABLE', ['pending_delete', 'active']],
  ] as const)('when the store fails and the data are %s', async (_what, sizeFault, code, states) => {
    const { world, a, b } = await aPlace()
    putActive(world, 'abc', {}, [a, b])
    a.backend.fail('delete', 'UNAVAILABLE')
    a.backend.fail('getSize', sizeFault)

    expect(await codeOf(() => patch(world, remove(0)))).toBe(code)

    expect(world.images.peek(id)?.locations.map(({ status }) => status)).toEqual(states)
  })

  it('lets one of two win who remove one each of two locations at the same time', async () => {
    const { world, a, b } = await aPlace()
    putActive(world, 'abc', {}, [a, b])
    const both = await Promise.allSettled([patch(world, remove(0)), patch(world, remove(1))])

    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(a.backend.objects.size + b.backend.objects.size).toBe(1)
    expect(world.images.peek(id)?.locations).toHaveLength(1)
  })

  it('drops the location all the same when the image changed while its data were deleted', async () => {
    const { world, a, b } = await aPlace()
    putActive(world, 'abc', { properties: new Map([['p', 'v']]) }, [a, b])
    a.backend.before = (operation) => {
      const image = world.images.peek(id)
      if (operation === 'delete' && image) world.images.put({ ...image, properties: new Map() })
    }

    expect(await codeOf(() => patch(world, [...remove(0), op('replace', '/p', 'w')]))).toBe('CONFLICT')

    expect(urls(world.images.peek(id))).toEqual([`scripted://b/${id}`])
  })

  it('deletes nothing for one that the same patch added, and keeps data that another location names too', async () => {
    const { world, web } = await aPlace()
    const image = await patch(world, [add('http://web/1'), add('http://web/2'), op('remove', '/locations/0')])
    expect(urls(image)).toEqual(['http://web/2'])

    await patch(world, [add('http://web/2', { metadata: { k: 'v' } })])
    expect(urls(await patch(world, remove(0)))).toEqual(['http://web/2'])
    expect(web.backend.calls).not.toContain('delete')
  })
})
