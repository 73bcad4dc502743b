import { describe, expect, it } from 'vitest'
import {
  createImage,
  enforceLimits,
  type LimitedResource,
  projectUsage,
  ServiceError,
  uploadImageData,
} from '../../src/index.ts'
import { refusalOf } from '../support/refusal.ts'
import { aCaller, admin, anId, anImage, aWorld, pieces, type World } from '../support/world.ts'

const mib = 1_048_576

const preface =
  'The request returned a 413 Request Entity Too Large. This generally means that rate limiting or a quota threshold was breached.\n\nThe response body:\n'

/** A world in which Keystone has these limits for every project; what is not named has no limit. Asked projects are noted. */
async function aLimitedWorld(limits: Partial<Record<LimitedResource, number>>) {
  const world = await aWorld()
  const asked: (string | null)[] = []
  const none = { image_size_total: -1, image_stage_total: -1, image_count_total: -1, image_count_uploading: -1 }
  const port = {
    of: async (project: string | null) => {
      asked.push(project)
      return { ...none, ...limits }
    },
  }
  return { ...world, limits: port, asked }
}

/** An image with data of this size in one place. */
function putSized(world: World, id: string, size: number): void {
  const locations = [{ url: `scripted://main/${id}`, metadata: {}, status: 'active' as const }]
  world.images.put(anImage({ id, status: 'active', size, locations }))
}

describe('unified limits', () => {
  it('hold the number of images, so that nobody can flood the records (OSSN-0057)', async () => {
    const world = await aLimitedWorld({ image_count_total: 2 })
    for (const _ of [1, 2]) await createImage(aCaller(), world, { body: {} })

    expect(await refusalOf(() => createImage(aCaller(), world, { body: {} }))).toEqual({
      code: 'OVER_LIMIT',
      message: `${preface}Project ours is over a limit for [Resource image_count_total is over limit of 2 due to current usage 2 and delta 1]`,
    })
    expect(world.images.all).toHaveLength(2)
    await createImage(admin, world, { body: {} })
  })

  it('are those of the owner, also when an administrator acts for another project', async () => {
    const world = await aLimitedWorld({})

    await createImage(admin, world, { body: { owner: 'theirs' } })

    expect(world.asked).toEqual(['theirs'])
  })

  it('hold the bytes in stores by what an upload announces, in whole MiB', async () => {
    const world = await aLimitedWorld({ image_size_total: 3 })
    putSized(world, anId(1), 2 * mib)
    world.images.put(anImage({ id: anId(2) }))
    const input = { imageId: anId(2), data: pieces('abc'), storeId: null }

    expect(await refusalOf(() => uploadImageData(aCaller(), world, { ...input, size: 2 * mib }))).toMatchObject({
      code: 'OVER_LIMIT',
      message: expect.stringContaining('image_size_total is over limit of 3 due to current usage 2 and delta 2]'),
    })
    expect(world.images.peek(anId(2))?.status).toBe('queued')
    expect(world.scripted[0].backend.calls).toEqual([])

    await uploadImageData(aCaller(), world, { ...input, size: null })
    expect(world.images.peek(anId(2))?.status).toBe('active')
  })

  it('hold the number of uploads at once, the asking one among them', async () => {
    const world = await aLimitedWorld({ image_count_uploading: 1 })
    world.images.put(anImage({ id: anId(1) }))
    const input = { imageId: anId(1), data: pieces('abc'), size: 3, storeId: null }
    world.images.put(anImage({ id: anId(2), status: 'importing' }))

    expect(await refusalOf(() => uploadImageData(aCaller(), world, input))).toMatchObject({
      message: expect.stringContaining('image_count_uploading is over limit of 1 due to current usage 2 and delta 0]'),
    })

    world.images.put(anImage({ id: anId(2), status: 'active' }))
    await uploadImageData(aCaller(), world, { ...input, data: pieces('abc') })
  })

  it('name every limit that is passed, in the order of names', async () => {
    const world = await aLimitedWorld({ image_stage_total: 1, image_count_total: 0 })
    world.images.put(anImage({ id: anId(1), status: 'uploading', size: 2 * mib }))

    const refusal = await refusalOf(() =>
      enforceLimits(aCaller(), world, 'ours', { image_stage_total: 1, image_count_total: 1 }),
    )

    expect(refusal.message).toBe(
      `${preface}Project ours is over a limit for [Resource image_count_total is over limit of 0 due to current usage 1 and delta 1, Resource image_stage_total is over limit of 1 due to current usage 2 and delta 1]`,
    )
  })

  it('that cannot be found out refuse an upload and leave the image to be filled later', async () => {
    const world = await aLimitedWorld({})
    world.images.put(anImage())
    const away = {
      of: async () => {
        throw new ServiceError('UNAVAILABLE', 'no Keystone')
      },
    }
    const input = { imageId: anImage().id, data: pieces('abc'), size: 3, storeId: null }

    expect(await refusalOf(() => uploadImageData(aCaller(), { ...world, limits: away }, input))).toMatchObject({
      code: 'UNAVAILABLE',
    })
    expect(world.images.peek(anImage().id)?.status).toBe('queued')
  })
})

describe('projectUsage', () => {
  it('tells limit and usage of every resource, and nothing when Keystone has no say', async () => {
    const world = await aLimitedWorld({ image_size_total: 5, image_count_uploading: 3 })
    putSized(world, anId(1), 2.5 * mib)
    world.images.put(anImage({ id: anId(2), status: 'saving' }))

    expect([...(await projectUsage(aCaller(), world))]).toEqual([
      ['image_size_total', { limit: 5, usage: 2 }],
      ['image_stage_total', { limit: -1, usage: 0 }],
      ['image_count_total', { limit: -1, usage: 2 }],
      ['image_count_uploading', { limit: 3, usage: 1 }],
    ])
    expect((await projectUsage(aCaller(), await aWorld())).size).toBe(0)
  })
})
