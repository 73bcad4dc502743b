import { describe, expect, it } from 'vitest'
import { listImages, type RequestContext } from '../../../src/index.ts'
import { codeOf } from '../../support/refusal.ts'
import { aCaller, anId, anImage, aWorld, stranger, type World } from '../../support/world.ts'

async function aWorldOfThree(): Promise<World> {
  const world = await aWorld()
  for (const n of [1, 2, 3])
    world.images.put(anImage({ id: anId(n), name: `image ${n}`, createdAt: new Date(Date.UTC(2029, 0, n)) }))
  return world
}

async function list(world: World, query: string, context: RequestContext = aCaller()) {
  const { images, marker } = await listImages(context, world, { parameters: [...new URLSearchParams(query)] })
  return { numbers: images.map(({ image }) => Number(image.id.slice(-12))), marker }
}

describe('listImages', () => {
  it('gives the newest first', async () => {
    expect(await list(await aWorldOfThree(), '')).toEqual({ numbers: [3, 2, 1], marker: null })
  })

  it('pages by marker until a page is not full', async () => {
    const world = await aWorldOfThree()

    const first = await list(world, 'limit=2')
    const second = await list(world, `limit=2&marker=${first.marker}`)

    expect(first).toEqual({ numbers: [3, 2], marker: anId(2) })
    expect(second).toEqual({ numbers: [1], marker: null })
  })

  it('gives an empty page without a next one for limit 0', async () => {
    expect(await list(await aWorldOfThree(), 'limit=0')).toEqual({ numbers: [], marker: null })
  })

  it('passes filters, tags and properties on', async () => {
    const world = await aWorldOfThree()
    world.images.put(anImage({ id: anId(4), tags: ['a', 'b'], properties: new Map([['x', 'y']]) }))

    expect((await list(world, 'name=in:image 1,image 3&sort=name:asc')).numbers).toEqual([1, 3])
    expect((await list(world, 'tag=a&tag=b')).numbers).toEqual([4])
    expect((await list(world, 'tag=a&tag=c')).numbers).toEqual([])
    expect((await list(world, 'x=y')).numbers).toEqual([4])
  })

  it('counts a page before policy leaves images out of it', async () => {
    const world = await aWorldOfThree()
    const enforcer: World['enforcer'] = {
      allows: (rule, context, target) =>
        world.enforcer.allows(rule, context, target) && !(rule === 'get_image' && target['image_id'] === anId(2)),
    }

    expect(await list({ ...world, enforcer }, 'limit=2')).toEqual({ numbers: [3], marker: anId(2) })
  })

  it('refuses unknown markers, and markers that the caller may not see', async () => {
    const world = await aWorldOfThree()

    expect(await codeOf(() => list(world, `marker=${anId(9)}`))).toBe('INVALID')
    expect(await codeOf(() => list(world, 'marker=%00'))).toBe('INVALID')
    expect(await codeOf(() => list(world, `marker=${anId(1)}`, stranger))).toBe('FORBIDDEN')
  })

  it('is for readers of a project', async () => {
    const world = await aWorldOfThree()

    expect(await codeOf(() => list(world, '', aCaller({ roles: [] })))).toBe('FORBIDDEN')
    expect(await codeOf(() => list(world, '', aCaller({ project: null })))).toBe('FORBIDDEN')
    expect((await list(world, '', aCaller({ roles: ['reader'] }))).numbers).toHaveLength(3)
  })

  it('finds faults of the query before it asks policy', async () => {
    expect(await codeOf(async () => list(await aWorld(), 'limit=x', aCaller({ roles: [] })))).toBe('INVALID')
  })
})
