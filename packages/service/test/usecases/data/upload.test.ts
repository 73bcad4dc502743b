import type { StoreErrorCode } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { deleteImage, ServiceError, type UploadInput, uploadImageData } from '../../../src/index.ts'
import { codeOf, refusalOf } from '../../support/refusal.ts'
import { scriptedStore } from '../../support/scripted-store.ts'
import { aCaller, anId, anImage, aWorld, pieces, stranger, type World } from '../../support/world.ts'

const id = anId(1000)

async function aQueuedImage(...world: Parameters<typeof aWorld>): Promise<World> {
  const made = await aWorld(...world)
  made.images.put(anImage())
  return made
}

function upload(world: World, changed: Partial<UploadInput> = {}, context = aCaller()): Promise<void> {
  return uploadImageData(context, world, {
    imageId: id,
    data: pieces('abc', 'def'),
    size: null,
    storeId: null,
    ...changed,
  })
}

/** What is left after an upload that failed: the state of the image, and how many objects the stores hold. */
function left(world: World) {
  const image = world.images.peek(id)
  const objects = world.scripted.flatMap(({ backend }) => [...backend.objects.keys()])
  return { status: image?.status, size: image?.size, hash: image?.hashValue, objects, running: world.uploads.count }
}

const queuedAndClean = { status: 'queued', size: null, hash: null, objects: [], running: 0 }

/** Data that wait in the middle until the test lets them go on. */
function haltingData() {
  const reached = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  async function* data(): AsyncGenerator<Uint8Array, void, void> {
    yield new Uint8Array(3)
    reached.resolve()
    await goOn.promise
    yield new Uint8Array(3)
  }
  return { data: data(), reached: reached.promise, goOn: goOn.resolve }
}

describe('uploadImageData', () => {
  it('makes a queued image active, with size, hashes and location', async () => {
    const world = await aQueuedImage()

    await upload(world)

    expect(world.images.peek(id)).toMatchObject({
      status: 'active',
      size: 6,
      checksum: 'e80b5017098950fc58aad83c8c14978e',
      hashAlgorithm: 'sha512',
      locations: [{ url: `scripted://main/${id}`, metadata: {}, status: 'active' }],
    })
    expect(world.images.peek(id)?.hashValue).toMatch(/^[0-9a-f]{128}$/)
    expect(world.uploads.count).toBe(0)
  })

  it('takes an image of no bytes', async () => {
    const world = await aQueuedImage()

    await upload(world, { data: pieces(), size: 0 })

    expect(world.images.peek(id)).toMatchObject({ status: 'active', size: 0 })
  })

  it('notes the store at the location when there are several, and takes the one that was asked for', async () => {
    const world = await aQueuedImage({ multiStore: true }, [await scriptedStore('fast'), await scriptedStore('cold')])

    await upload(world, { storeId: 'cold' })

    expect(world.images.peek(id)?.locations).toEqual([
      { url: `scripted://cold/${id}`, metadata: { store: 'cold' }, status: 'active' },
    ])
  })

  it('refuses an unknown store, and one of the service itself, before anything else', async () => {
    const stores = [await scriptedStore('fast'), await scriptedStore('os_glance_staging_store')] as const
    const world = await aQueuedImage({ multiStore: true }, stores)

    expect(await codeOf(() => upload(world, { storeId: 'nowhere', imageId: anId(404) }))).toBe('INVALID')
    expect(await codeOf(() => upload(world, { storeId: 'os_glance_staging_store' }))).toBe('INVALID')
    expect(left(world)).toEqual(queuedAndClean)
  })

  it('does not look at the name of a store when there is one', async () => {
    const world = await aQueuedImage()

    await upload(world, { storeId: 'nowhere' })

    expect(world.images.peek(id)?.status).toBe('active')
  })

  it('lets one of two uploads at once win', async () => {
    const world = await aQueuedImage()

    const outcomes = await Promise.allSettled([upload(world), upload(world, { data: pieces('x') })])

    const losers = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
    expect(losers).toEqual(['CONFLICT'])
    expect(left(world)).toMatchObject({ status: 'active', size: 6, objects: [`scripted://main/${id}`] })
  })

  it.each(['active', 'saving', 'deactivated', 'killed'] as const)(
    'refuses data for an image that is %s',
    async (status) => {
      const world = await aWorld()
      world.images.put(anImage({ status }))

      expect(await codeOf(() => upload(world))).toBe('CONFLICT')
      expect(world.images.peek(id)?.status).toBe(status)
      expect(world.scripted[0].backend.calls).toEqual([])
    },
  )

  it('asks for the formats first', async () => {
    const world = await aWorld()
    world.images.put(anImage({ diskFormat: null }))

    expect(await refusalOf(() => upload(world))).toEqual({
      code: 'INVALID',
      message: 'Property disk_format must be set prior to saving data.',
    })
    expect(left(world)).toEqual(queuedAndClean)
  })

  it('is for those who may, and tells others no more than they know', async () => {
    const world = await aQueuedImage()
    const reader = aCaller({ roles: ['reader'] })

    expect(await codeOf(() => upload(world, {}, stranger))).toBe('NOT_FOUND')
    expect(await codeOf(() => upload(world, {}, reader))).toBe('FORBIDDEN')
    expect(await codeOf(() => upload(world, {}, aCaller({ readOnly: true })))).toBe('FORBIDDEN')
    expect(left(world)).toEqual(queuedAndClean)
  })

  it.each([
    ['fewer bytes than announced', 7, 'INVALID'],
    ['more bytes than announced', 5, 'INVALID'],
    ['more bytes announced than any image may have', 1001, 'OVER_LIMIT'],
  ])('refuses %s and queues the image again', async (_, size, code) => {
    const world = await aQueuedImage()

    expect(await codeOf(() => upload(world, { size }))).toBe(code)
    expect(left(world)).toEqual(queuedAndClean)
  })

  it('stops at the size cap when the size is not announced', async () => {
    const world = await aQueuedImage({ imageSizeCap: 5 })

    expect(await codeOf(() => upload(world))).toBe('OVER_LIMIT')
    expect(left(world)).toEqual(queuedAndClean)
  })

  it.each<[StoreErrorCode, string]>([
    ['NOT_FOUND', 'GONE'],
    ['ALREADY_EXISTS', 'CONFLICT'],
    ['INVALID_LOCATION', 'INVALID'],
    ['STORE_FULL', 'OVER_LIMIT'],
    ['WRITE_DENIED', 'UNAVAILABLE'],
    ['FORBIDDEN', 'FORBIDDEN'],
    ['READ_ONLY', 'GONE'],
    ['UNSUPPORTED', 'INVALID'],
    ['UNAVAILABLE', 'UNAVAILABLE'],
    ['TIMEOUT', 'UNAVAILABLE'],
  ])('answers %s of the store with %s, without its words, and queues the image again', async (fault, code) => {
    const world = await aQueuedImage()
    world.scripted[0].backend.fail('add', fault)

    const refusal = await refusalOf(() => upload(world))

    expect(refusal.code).toBe(code)
    expect(refusal.message).not.toContain('secret-host')
    expect(left(world)).toEqual(queuedAndClean)
  })

  it('lets an unclassified failure of the store rise, and queues the image again', async () => {
    const world = await aQueuedImage()
    world.scripted[0].backend.fail('add', 'UNKNOWN')

    await expect(upload(world)).rejects.toMatchObject({ name: 'StoreError', code: 'UNKNOWN' })
    expect(left(world)).toEqual(queuedAndClean)
  })

  it('answers a read-only store with GONE', async () => {
    const world = await aQueuedImage({}, [await scriptedStore('main', { readOnly: true })])

    expect(await codeOf(() => upload(world))).toBe('GONE')
    expect(left(world)).toEqual(queuedAndClean)
  })

  it('passes on what the source of the data throws, and can be tried again', async () => {
    const world = await aQueuedImage()
    const lost = new Error('connection lost')
    async function* broken(): AsyncGenerator<Uint8Array, void, void> {
      yield new Uint8Array(3)
      throw lost
    }

    await expect(upload(world, { data: broken() })).rejects.toBe(lost)
    expect(left(world)).toEqual(queuedAndClean)

    await upload(world)
    expect(left(world)).toMatchObject({ status: 'active', size: 6 })
  })

  it('queues the image again when the caller leaves in the middle', async () => {
    const world = await aQueuedImage()
    const caller = new AbortController()
    const halting = haltingData()

    const running = codeOf(() => upload(world, { data: halting.data }, aCaller({ signal: caller.signal })))
    await halting.reached
    caller.abort(new Error('left'))

    expect(await running).toBe('UNAVAILABLE')
    expect(left(world)).toEqual(queuedAndClean)
    halting.goOn()
  })

  it('ends at once with GONE when the image is deleted in this process', async () => {
    const world = await aQueuedImage()
    const halting = haltingData()

    const running = codeOf(() => upload(world, { data: halting.data }))
    await halting.reached
    await deleteImage(aCaller(), world, { imageId: id })

    expect(await running).toBe('GONE')
    expect(left(world)).toMatchObject({ status: 'deleted', objects: [], running: 0 })
    halting.goOn()
  })

  it.each(['deleted', 'pending_delete'] as const)(
    'ends with GONE and takes the data away when another process made the image %s',
    async (status) => {
      const world = await aQueuedImage()
      const halting = haltingData()

      const running = codeOf(() => upload(world, { data: halting.data }))
      await halting.reached
      world.images.put(anImage({ status }))
      halting.goOn()

      expect(await running).toBe('GONE')
      expect(left(world)).toMatchObject({ status, objects: [] })
    },
  )

  it('takes the data away when the image is not saving any more', async () => {
    const world = await aQueuedImage()
    const halting = haltingData()

    const running = codeOf(() => upload(world, { data: halting.data }))
    await halting.reached
    world.images.put(anImage({ status: 'queued' }))
    halting.goOn()

    expect(await running).toBe('CONFLICT')
    expect(left(world)).toEqual(queuedAndClean)
  })

  it('takes the data away when the record cannot be made active', async () => {
    const world = await aQueuedImage()
    let changes = 0
    world.images.before = (method) => {
      if (method === 'change' && ++changes === 2) throw new ServiceError('UNAVAILABLE', 'database')
    }

    expect(await codeOf(() => upload(world))).toBe('UNAVAILABLE')
    expect(left(world)).toEqual(queuedAndClean)
  })

  it('succeeds when the record became active although the answer of the database got lost', async () => {
    const world = await aQueuedImage()
    let changes = 0
    world.images.after = (method) => {
      if (method === 'change' && ++changes === 2) throw new ServiceError('UNAVAILABLE', 'database')
    }

    await upload(world)

    expect(left(world)).toMatchObject({ status: 'active', objects: [`scripted://main/${id}`] })
  })

  it('keeps the data when nobody can tell whether the record became active', async () => {
    const world = await aQueuedImage()
    let away = false
    world.images.before = () => {
      if (away) throw new ServiceError('UNAVAILABLE', 'database')
    }
    async function* data(): AsyncGenerator<Uint8Array, void, void> {
      yield new Uint8Array(3)
      away = true
    }

    expect(await codeOf(() => upload(world, { data: data() }))).toBe('UNAVAILABLE')
    expect(left(world)).toMatchObject({ status: 'saving', objects: [`scripted://main/${id}`] })
  })

  it('tells the first failure when the record cannot be put back', async () => {
    const world = await aQueuedImage()
    world.scripted[0].backend.fail('add', 'STORE_FULL')
    let changes = 0
    world.images.before = (method) => {
      if (method === 'change' && ++changes === 2) throw new ServiceError('UNAVAILABLE', 'database')
    }

    expect(await codeOf(() => upload(world))).toBe('OVER_LIMIT')
    expect(left(world)).toMatchObject({ status: 'saving', running: 0 })
  })
})
