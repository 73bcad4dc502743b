import { describe, expect, it } from 'vitest'
import { deactivateImage, type ImageStatus, reactivateImage } from '../../../src/index.ts'
import { codeOf, refusalOf } from '../../support/refusal.ts'
import { aCaller, admin, anId, anImage, aWorld, stranger } from '../../support/world.ts'

const imageId = anId(1000)

async function anImageThatIs(status: ImageStatus) {
  const world = await aWorld()
  world.images.put(anImage({ status, visibility: 'public' }))
  return world
}

describe.each([
  ['deactivate', deactivateImage, 'active', 'deactivated'],
  ['reactivate', reactivateImage, 'deactivated', 'active'],
] as const)('%sImage', (action, act, from, to) => {
  it(`turns ${from} into ${to}`, async () => {
    const world = await anImageThatIs(from)

    await act(aCaller(), world, { imageId })

    expect(world.images.peek(imageId)?.status).toBe(to)
  })

  it(`changes nothing when the image is ${to} already`, async () => {
    const world = await anImageThatIs(to)
    const before = world.images.peek(imageId)

    await act(aCaller(), world, { imageId })

    expect(world.images.peek(imageId)).toEqual(before)
  })

  it('refuses every other state', async () => {
    const world = await anImageThatIs('queued')

    expect(await refusalOf(() => act(admin, world, { imageId }))).toEqual({
      code: 'FORBIDDEN',
      message: `Not allowed to ${action} image in status 'queued'`,
    })
  })

  it('is for owners and administrators', async () => {
    const world = await anImageThatIs(from)

    expect(await codeOf(() => act(stranger, world, { imageId }))).toBe('FORBIDDEN')
    expect(await codeOf(() => act(stranger, world, { imageId: anId(404) }))).toBe('NOT_FOUND')
    expect(await codeOf(() => act(aCaller({ readOnly: true }), world, { imageId }))).toBe('FORBIDDEN')
  })
})
