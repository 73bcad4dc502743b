import { describe, expect, it } from 'vitest'
import { assertStorageQuota, deleteImage, RunningUploads, type UploadInput, uploadImageData } from '../../src/index.ts'
import { codeOf, refusalOf } from '../support/refusal.ts'
import { aCaller, admin, anId, anImage, aWorld, pieces, putActive, stranger, type World } from '../support/world.ts'

const [first, second] = [anId(1), anId(2)]

/** A world in which a project may store ten bytes, with two images to fill. */
async function aTightWorld(quota = 10): Promise<World> {
  const world = await aWorld({ userStorageQuota: quota })
  for (const id of [first, second]) world.images.put(anImage({ id }))
  return world
}

function upload(world: World, changed: Partial<UploadInput> = {}, context = aCaller()): Promise<void> {
  return uploadImageData(context, world, {
    imageId: first,
    data: pieces('abc', 'def'),
    size: 6,
    storeId: null,
    ...changed,
  })
}

const stateOf = (world: World, id: string) => world.images.peek(id)?.status
const objectsOf = (world: World) => [...world.scripted[0].backend.objects.keys()]

/** Six bytes that wait in the middle until the test lets them go on. */
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

describe('user_storage_quota', () => {
  it('takes what fits to the byte and refuses one more, in the words of Glance, with nothing left behind', async () => {
    const world = await aTightWorld()
    putActive(world, '1234', { id: anId(3) })
    await upload(world)

    const refusal = await refusalOf(() => upload(world, { imageId: second, data: pieces('x'), size: 1 }))

    expect(refusal).toEqual({
      code: 'OVER_LIMIT',
      message: 'Image exceeds the storage quota: The size of the data 1 will exceed the limit. 0 bytes remaining.',
    })
    expect([stateOf(world, first), stateOf(world, second)]).toEqual(['active', 'queued'])
    expect(objectsOf(world)).not.toContain(`scripted://main/${second}`)
    expect(world.runningBytes.of('ours', null)).toBe(0)
  })

  it('stops data of unknown size at the first byte over it', async () => {
    const world = await aTightWorld()
    let asked = 0
    async function* endless(): AsyncGenerator<Uint8Array, void, void> {
      for (;;) {
        asked += 1
        yield new Uint8Array(4)
      }
    }

    expect(await refusalOf(() => upload(world, { data: endless(), size: null }))).toMatchObject({
      code: 'OVER_LIMIT',
      message: expect.stringContaining('size of the data 12 will exceed the limit. 10 bytes remaining'),
    })
    expect(asked).toBeLessThan(10)
    expect([stateOf(world, first), objectsOf(world)]).toEqual(['queued', []])
  })

  it('refuses data of unknown size at once when nothing is left', async () => {
    const world = await aTightWorld(4)
    putActive(world, '1234', { id: anId(3) })

    expect(await codeOf(() => upload(world, { size: null }))).toBe('OVER_LIMIT')
    expect(world.scripted[0].backend.calls).toEqual([])
  })

  it('counts the size for each location, and not those of other projects', async () => {
    const world = await aTightWorld()
    const location = { url: 'scripted://main/x', metadata: {}, status: 'active' as const }
    putActive(world, '123456789', { id: anId(3), owner: 'theirs' })
    world.images.put(anImage({ id: anId(4), status: 'active', size: 2, locations: [location, location, location] }))

    expect(await refusalOf(() => upload(world))).toMatchObject({
      message: expect.stringContaining(' 4 bytes remaining'),
    })
  })

  it('counts for the owner of the image when an administrator stores the data', async () => {
    const world = await aTightWorld()
    putActive(world, '1234567890', { id: anId(3), owner: 'ops' })

    await upload(world, {}, admin)

    expect(await codeOf(() => upload(world, { imageId: second }, admin))).toBe('OVER_LIMIT')
  })

  it('lets one of two uploads pass that do not fit together, whichever size they announce', async () => {
    for (const size of [6, null]) {
      const world = await aTightWorld()
      const [one, two] = [haltingData(), haltingData()]
      const uploads = [
        upload(world, { data: one.data, size }),
        upload(world, { imageId: second, data: two.data, size }),
      ]
      const outcomes = Promise.allSettled(uploads)
      await one.reached
      one.goOn()
      two.goOn()

      expect((await outcomes).map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(objectsOf(world)).toHaveLength(1)
      expect(world.runningBytes.of('ours', null)).toBe(0)
    }
  })

  it('looks again when the data are there, and takes them away when other data have come meanwhile', async () => {
    const world = await aTightWorld()
    const halting = haltingData()
    const running = upload(world, { data: halting.data })
    await halting.reached
    putActive(world, '12345', { id: anId(3) })
    halting.goOn()

    expect(await codeOf(() => running)).toBe('OVER_LIMIT')
    expect([stateOf(world, first), objectsOf(world)]).toEqual(['queued', [`scripted://main/${anId(3)}`]])
  })

  it('OSSA-2015-003: is not escaped by deleting an image while its upload runs', async () => {
    const world = await aTightWorld()
    const halting = haltingData()
    const running = upload(world, { data: halting.data })
    await halting.reached
    // Another process deletes it, so that nobody stops the upload here.
    await deleteImage(aCaller(), { ...world, uploads: new RunningUploads() }, { imageId: first })

    expect(await codeOf(() => upload(world, { imageId: second }))).toBe('OVER_LIMIT')
    halting.goOn()
    expect(await codeOf(() => running)).toBe('GONE')
    expect(objectsOf(world)).toEqual([])

    await upload(world, { imageId: second })
    expect(stateOf(world, second)).toBe('active')
  })

  it('has no effect when it is 0, and when Keystone has the limits', async () => {
    const generous = {
      of: async () => ({
        image_size_total: -1,
        image_stage_total: -1,
        image_count_total: -1,
        image_count_uploading: -1,
      }),
    }
    for (const world of [await aTightWorld(0), { ...(await aTightWorld(1)), limits: generous }]) {
      await upload(world)

      expect(stateOf(world, first)).toBe('active')
    }
  })
})

describe('assertStorageQuota', () => {
  it('answers whoever adds data: with a size, without one, and for an image whose data are replaced', async () => {
    const world = await aTightWorld()
    putActive(world, '1234567', { id: anId(3) })
    const ask = (bytes: number | null, except: string | null = null): Promise<void> =>
      assertStorageQuota(world, { owner: 'ours', except }, bytes)

    await ask(3)
    await ask(null)
    await ask(10, anId(3))
    expect(await codeOf(() => ask(4))).toBe('OVER_LIMIT')
    expect(await codeOf(() => ask(11, anId(3)))).toBe('OVER_LIMIT')
    await assertStorageQuota(world, { owner: stranger.project, except: null }, 10)
  })
})
