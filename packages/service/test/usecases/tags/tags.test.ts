import { describe, expect, it } from 'vitest'
import { addTag, removeTag } from '../../../src/index.ts'
import { codeOf } from '../../support/refusal.ts'
import { aCaller, anId, anImage, aWorld, stranger, type World } from '../../support/world.ts'

const imageId = anId(1000)

async function anImageWithTags(...tags: string[]): Promise<World> {
  const world = await aWorld({ imageTagQuota: 2 })
  world.images.put(anImage({ tags, visibility: 'public' }))
  return world
}

const tagsOf = (world: World) => world.images.peek(imageId)?.tags

describe('addTag', () => {
  it('adds a tag once', async () => {
    const world = await anImageWithTags('a')

    await addTag(aCaller(), world, { imageId, tag: 'b' })
    await addTag(aCaller(), world, { imageId, tag: 'b' })

    expect(tagsOf(world)).toEqual(['a', 'b'])
  })

  it('holds to the quota, but lets a tag be added that is there', async () => {
    const world = await anImageWithTags('a', 'b', 'c')

    expect(await codeOf(() => addTag(aCaller(), world, { imageId, tag: 'd' }))).toBe('OVER_LIMIT')
    await addTag(aCaller(), world, { imageId, tag: 'c' })
    expect(tagsOf(world)).toEqual(['a', 'b', 'c'])
  })

  it.each(['x'.repeat(256), '\u{1F600}', 'a\0'])('refuses the tag %j before it looks the image up', async (tag) => {
    const world = await anImageWithTags()

    expect(await codeOf(() => addTag(aCaller(), world, { imageId: anId(404), tag }))).toBe('INVALID')
  })

  it('is for owners', async () => {
    const world = await anImageWithTags()

    expect(await codeOf(() => addTag(stranger, world, { imageId, tag: 'a' }))).toBe('FORBIDDEN')
    expect(await codeOf(() => addTag(stranger, world, { imageId: anId(404), tag: 'a' }))).toBe('NOT_FOUND')
    expect(await codeOf(() => addTag(aCaller({ readOnly: true }), world, { imageId, tag: 'a' }))).toBe('FORBIDDEN')
  })
})

describe('removeTag', () => {
  it('removes a tag', async () => {
    const world = await anImageWithTags('a', 'b')

    await removeTag(aCaller(), world, { imageId, tag: 'a' })

    expect(tagsOf(world)).toEqual(['b'])
  })

  it('does not find a tag that is not there', async () => {
    const world = await anImageWithTags('a')

    expect(await codeOf(() => removeTag(aCaller(), world, { imageId, tag: 'A' }))).toBe('NOT_FOUND')
  })

  it('is for owners', async () => {
    const world = await anImageWithTags('a')

    expect(await codeOf(() => removeTag(stranger, world, { imageId, tag: 'a' }))).toBe('FORBIDDEN')
  })
})
