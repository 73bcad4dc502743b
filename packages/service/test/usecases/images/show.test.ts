import { describe, expect, it } from 'vitest'
import { showImage } from '../../../src/index.ts'
import { codeOf, refusalOf } from '../../support/refusal.ts'
import { aCaller, admin, anId, anImage, aWorld, stranger } from '../../support/world.ts'

describe('showImage', () => {
  it('shows an image with what the caller answered to its sharing', async () => {
    const world = await aWorld()
    world.images.put(anImage())
    world.images.share(anId(1000), 'theirs', 'rejected')

    expect((await showImage(stranger, world, { imageId: anId(1000) })).memberStatus).toBe('rejected')
    expect((await showImage(aCaller(), world, { imageId: anId(1000) })).memberStatus).toBeNull()
  })

  it.each(['nothing', '', 'a b', '\u0000', '\u{1F600}', '__proto__', `${anId(1)}0`, 'x'.repeat(5000)])(
    'does not find %j',
    async (imageId) => {
      const { code, message } = await refusalOf(async () => showImage(admin, await aWorld(), { imageId }))

      expect(code).toBe('NOT_FOUND')
      expect(message.length).toBeLessThan(120)
    },
  )

  it('answers for a foreign image as for none', async () => {
    const world = await aWorld()
    world.images.put(anImage({ visibility: 'private' }))

    expect(await refusalOf(() => showImage(stranger, world, { imageId: anId(1000) }))).toEqual({
      code: 'NOT_FOUND',
      message: `No image found with ID ${anId(1000)}`,
    })
  })

  it('hides by policy what the records would show', async () => {
    const world = await aWorld()
    world.images.put(anImage({ owner: null, visibility: 'private' }))

    expect(await codeOf(() => showImage(aCaller(), world, { imageId: anId(1000) }))).toBe('NOT_FOUND')
    expect((await showImage(admin, world, { imageId: anId(1000) })).image.owner).toBeNull()
  })
})
