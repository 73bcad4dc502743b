import type { StoreErrorCode } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { deleteImage, ServiceError, showImage } from '../../../src/index.ts'
import { codeOf, refusalOf } from '../../support/refusal.ts'
import { scriptedStore } from '../../support/scripted-store.ts'
import { aCaller, admin, anId, anImage, aWorld, putActive, stranger, type World } from '../../support/world.ts'

const id = anId(1000)

async function anActiveImage(changed: Parameters<typeof putActive>[2] = {}): Promise<World> {
  const world = await aWorld()
  putActive(world, 'abcdef', { properties: new Map([['a', 'b']]), ...changed })
  return world
}

const remove = (world: World, context = aCaller()): Promise<void> => deleteImage(context, world, { imageId: id })

const objectsOf = (world: World): string[] => world.scripted.flatMap(({ backend }) => [...backend.objects.keys()])

describe('deleteImage', () => {
  it('removes the record and the data', async () => {
    const world = await anActiveImage()

    await remove(world)

    expect(world.images.peek(id)?.status).toBe('deleted')
    expect(objectsOf(world)).toEqual([])
  })

  it.each(['queued', 'saving', 'uploading', 'importing', 'killed', 'deactivated'] as const)(
    'removes an image that is %s',
    async (status) => {
      const world = await aWorld()
      world.images.put(anImage({ status }))

      await remove(world)

      expect(world.images.peek(id)?.status).toBe('deleted')
    },
  )

  it('removes every copy', async () => {
    const stores = [await scriptedStore('a'), await scriptedStore('b')] as const
    const world = await aWorld({ multiStore: true }, stores)
    putActive(world, 'x', {}, stores)

    await remove(world)

    expect(objectsOf(world)).toEqual([])
  })

  it('refuses a protected image, also to administrators', async () => {
    const world = await anActiveImage({ protected: true })

    for (const context of [aCaller(), admin])
      expect(await refusalOf(() => remove(world, context))).toEqual({
        code: 'FORBIDDEN',
        message: `Image ${id} is protected and cannot be deleted.`,
      })
    expect(world.images.peek(id)?.status).toBe('active')
    expect(objectsOf(world)).toHaveLength(1)
  })

  it('touches no data for callers without the right (OSSA-2012-017)', async () => {
    const world = await anActiveImage()
    const seen = await anActiveImage({ visibility: 'public' })

    expect(await codeOf(() => remove(world, stranger))).toBe('NOT_FOUND')
    expect(await codeOf(() => remove(seen, stranger))).toBe('FORBIDDEN')
    expect(await codeOf(() => remove(seen, aCaller({ roles: ['reader'] })))).toBe('FORBIDDEN')
    expect(await codeOf(() => remove(seen, aCaller({ readOnly: true })))).toBe('FORBIDDEN')
    for (const each of [world, seen]) {
      expect(each.scripted[0].backend.calls).toEqual([])
      expect(each.images.peek(id)?.status).toBe('active')
    }
  })

  it('checks the right on the record as it is when the deletion begins', async () => {
    const world = await anActiveImage()
    world.images.before = (method) => {
      const image = world.images.peek(id)
      if (method === 'change' && image) world.images.put({ ...image, protected: true })
    }

    expect(await codeOf(() => remove(world))).toBe('FORBIDDEN')
    expect(objectsOf(world)).toHaveLength(1)
  })

  it('does not find an image twice', async () => {
    const world = await anActiveImage()
    await remove(world)

    expect(await codeOf(() => remove(world))).toBe('NOT_FOUND')
  })

  it('hides the image while its data are being deleted', async () => {
    const world = await anActiveImage()
    let seen: unknown
    world.scripted[0].backend.before = async () => {
      seen = await codeOf(() => showImage(admin, world, { imageId: id }))
    }

    await remove(world)

    expect(seen).toBe('NOT_FOUND')
  })

  it.each(['active', 'deactivated'] as const)(
    'leaves a %s image as it was when its data are in use',
    async (status) => {
      const world = await anActiveImage({ status })
      const before = world.images.peek(id)
      world.scripted[0].backend.fail('delete', 'IN_USE')

      const refusal = await refusalOf(() => remove(world))

      expect(refusal.code).toBe('CONFLICT')
      expect(refusal.message).toContain(`Image ${id} could not be deleted because it is in use`)
      expect(world.images.peek(id)).toEqual({ ...before, updatedAt: expect.any(Date) })
      expect(objectsOf(world)).toHaveLength(1)
    },
  )

  it('keeps the image with the copies that are left when the second one is in use', async () => {
    const stores = [await scriptedStore('a'), await scriptedStore('b')] as const
    const world = await aWorld({ multiStore: true }, stores)
    putActive(world, 'x', {}, stores)
    stores[1].backend.fail('delete', 'IN_USE')

    expect(await codeOf(() => remove(world))).toBe('CONFLICT')
    expect(world.images.peek(id)?.status).toBe('active')
    expect(world.images.peek(id)?.locations.map(({ url }) => url)).toEqual([`scripted://b/${id}`])
  })

  it.each<[StoreErrorCode, string]>([
    ['UNAVAILABLE', 'UNAVAILABLE'],
    ['TIMEOUT', 'UNAVAILABLE'],
    ['FORBIDDEN', 'FORBIDDEN'],
    ['WRITE_DENIED', 'UNAVAILABLE'],
  ])('keeps the image when the store fails with %s and still has the data', async (fault, code) => {
    const world = await anActiveImage()
    world.scripted[0].backend.fail('delete', fault)

    const refusal = await refusalOf(() => remove(world))

    expect(refusal.code).toBe(code)
    expect(refusal.message).not.toContain('secret-host')
    expect(world.images.peek(id)?.status).toBe('active')
    expect(world.images.peek(id)?.properties).toEqual(new Map([['a', 'b']]))
  })

  it('goes on when the store fails although it has deleted the data', async () => {
    const world = await anActiveImage()
    const { backend } = world.scripted[0]
    backend.fail('delete', 'TIMEOUT')
    backend.before = () => backend.objects.clear()

    await remove(world)

    expect(world.images.peek(id)?.status).toBe('deleted')
  })

  it('keeps the image hidden when nobody can tell whether the data are there, and goes on when asked again', async () => {
    const world = await anActiveImage()
    const { backend } = world.scripted[0]
    backend.fail('delete', 'UNAVAILABLE')
    backend.fail('getSize', 'UNAVAILABLE')

    expect(await codeOf(() => remove(world))).toBe('UNAVAILABLE')
    expect(await codeOf(() => showImage(aCaller(), world, { imageId: id }))).toBe('NOT_FOUND')

    expect(await codeOf(() => remove(world, stranger))).toBe('NOT_FOUND')
    backend.fail('delete', null)
    await remove(world)
    expect(world.images.peek(id)?.status).toBe('deleted')
    expect(objectsOf(world)).toEqual([])
  })

  it('leaves no visible record without data when the record cannot be removed', async () => {
    const world = await anActiveImage()
    world.images.before = (method) => {
      if (method === 'remove') throw new ServiceError('UNAVAILABLE', 'database')
    }

    expect(await codeOf(() => remove(world))).toBe('UNAVAILABLE')
    expect(await codeOf(() => showImage(admin, world, { imageId: id }))).toBe('NOT_FOUND')
  })

  it('removes the record of data that are not there, in no configured store, or in a store that never deletes', async () => {
    const stores = [await scriptedStore('main'), await scriptedStore('fixed', { canDelete: false })] as const
    const world = await aWorld({ multiStore: true }, stores)
    const image = putActive(world, 'x', {}, stores)
    const foreign = { url: 'elsewhere://x/y', metadata: {}, status: 'active' } as const
    world.images.put({ ...image, locations: [foreign, ...image.locations] })
    stores[0].backend.objects.clear()

    await remove(world)

    expect(world.images.peek(id)?.status).toBe('deleted')
    expect(stores[1].backend.objects.size).toBe(1)
  })

  it('lets two deletions at once both succeed', async () => {
    const world = await anActiveImage()

    const outcomes = await Promise.allSettled([remove(world), remove(world)])

    expect(outcomes.map(({ status }) => status)).toContain('fulfilled')
    expect(world.images.peek(id)?.status).toBe('deleted')
    expect(objectsOf(world)).toEqual([])
  })

  it('leaves an image alone whose deletion an operator delays', async () => {
    const world = await anActiveImage({ status: 'pending_delete' })

    expect(await codeOf(() => remove(world, admin))).toBe('NOT_FOUND')
    expect(objectsOf(world)).toHaveLength(1)
  })
})
