import { describe, expect, it } from 'vitest'
import {
  deleteFromStore,
  deleteImage,
  recoverInterruptedDeletions,
  recoverInterruptedRemovals,
  recoverInterruptedUploads,
  ServiceError,
  uploadImageData,
} from '../../../src/index.ts'
import { codeOf } from '../../support/refusal.ts'
import { scriptedStore } from '../../support/scripted-store.ts'
import { aCaller, admin, anId, anImage, aWorld, pieces, putActive } from '../../support/world.ts'

describe('recoverInterruptedUploads', () => {
  it('queues images in saving again and discards what was stored for them in every store', async () => {
    const stores = [await scriptedStore('a'), await scriptedStore('b')] as const
    const world = await aWorld({ multiStore: true }, stores)
    world.images.put(anImage({ id: anId(1), status: 'saving', size: 5 }))
    putActive(world, 'abc', { id: anId(2) })
    stores[1].backend.objects.set(`scripted://b/${anId(1)}`, new Uint8Array(5))

    expect(await recoverInterruptedUploads(world)).toEqual({ recovered: [anId(1)], failed: [] })

    expect(world.images.peek(anId(1))).toMatchObject({ status: 'queued', size: null })
    expect(stores[1].backend.objects.size).toBe(0)
    expect(world.images.peek(anId(2))?.status).toBe('active')
    expect(stores[0].backend.objects.size).toBe(1)
  })

  it('leaves images saving whose store is away, and recovers them later', async () => {
    const world = await aWorld()
    world.images.put(anImage({ id: anId(1), status: 'saving' }))
    world.scripted[0].backend.fail('discard', 'UNAVAILABLE')

    expect(await recoverInterruptedUploads(world)).toEqual({ recovered: [], failed: [anId(1)] })
    expect(world.images.peek(anId(1))?.status).toBe('saving')

    world.scripted[0].backend.fail('discard', null)
    expect(await recoverInterruptedUploads(world)).toEqual({ recovered: [anId(1)], failed: [] })
    await uploadImageData(aCaller(), world, { imageId: anId(1), data: pieces('x'), size: null, storeId: null })
    expect(world.images.peek(anId(1))?.status).toBe('active')
  })

  it('goes on with the next image when one fails', async () => {
    const world = await aWorld()
    for (const n of [1, 2]) world.images.put(anImage({ id: anId(n), status: 'saving' }))
    world.images.before = (method, id) => {
      if (method === 'change' && id === anId(1)) throw new ServiceError('UNAVAILABLE', 'database')
    }

    expect(await recoverInterruptedUploads(world)).toEqual({ recovered: [anId(2)], failed: [anId(1)] })
  })

  it('ends between two images when it is called off', async () => {
    const world = await aWorld()
    world.images.put(anImage({ status: 'saving' }))

    await expect(recoverInterruptedUploads(world, { signal: AbortSignal.abort() })).rejects.toThrow()
    expect(world.images.peek(anId(1000))?.status).toBe('saving')
  })
})

describe('recoverInterruptedDeletions', () => {
  it('finishes a deletion that stopped before its data were gone', async () => {
    const world = await aWorld()
    putActive(world, 'abc')
    const { backend } = world.scripted[0]
    backend.fail('delete', 'UNAVAILABLE')
    backend.fail('getSize', 'UNAVAILABLE')
    expect(await codeOf(() => deleteImage(aCaller(), world, { imageId: anId(1000) }))).toBe('UNAVAILABLE')
    backend.fail('delete', null)

    expect(await recoverInterruptedDeletions(world)).toEqual({ recovered: [anId(1000)], failed: [] })

    expect(world.images.peek(anId(1000))?.status).toBe('deleted')
    expect(backend.objects.size).toBe(0)
  })

  it('brings an image back whose data turn out to be in use', async () => {
    const world = await aWorld()
    putActive(world, 'abc', { status: 'deactivated' })
    const { backend } = world.scripted[0]
    backend.fail('delete', 'UNAVAILABLE')
    backend.fail('getSize', 'UNAVAILABLE')
    expect(await codeOf(() => deleteImage(aCaller(), world, { imageId: anId(1000) }))).toBe('UNAVAILABLE')
    backend.fail('delete', 'IN_USE')

    expect(await recoverInterruptedDeletions(world)).toEqual({ recovered: [], failed: [anId(1000)] })

    expect(world.images.peek(anId(1000))).toMatchObject({ status: 'deactivated', properties: new Map() })
  })

  it('leaves images alone whose deletion an operator delays', async () => {
    const world = await aWorld()
    putActive(world, 'abc', { status: 'pending_delete' })

    expect(await recoverInterruptedDeletions(world)).toEqual({ recovered: [], failed: [] })
    expect(world.scripted[0].backend.objects.size).toBe(1)
  })
})

describe('recoverInterruptedRemovals', () => {
  it('finishes what a store that was away left half done, and leaves the rest of the image alone', async () => {
    const stores = [await scriptedStore('a'), await scriptedStore('b')] as const
    const [a, b] = stores
    const world = await aWorld({ multiStore: true }, stores)
    putActive(world, 'abc', { id: anId(1) }, stores)
    putActive(world, 'abc', { id: anId(2) }, stores)
    a.backend.fail('delete', 'UNAVAILABLE')
    a.backend.fail('getSize', 'UNAVAILABLE')
    expect(await codeOf(() => deleteFromStore(admin, world, { storeId: 'a', imageId: anId(1) }))).toBe('UNAVAILABLE')
    expect(await recoverInterruptedRemovals(world)).toEqual({ recovered: [], failed: [anId(1)] })

    a.backend.fail('delete', null)
    expect(await recoverInterruptedRemovals(world)).toEqual({ recovered: [anId(1)], failed: [] })

    expect(world.images.peek(anId(1))?.locations.map(({ url }) => url)).toEqual([`scripted://b/${anId(1)}`])
    expect([...a.backend.objects.keys()]).toEqual([`scripted://a/${anId(2)}`])
    expect(b.backend.objects.size).toBe(2)
    expect(await recoverInterruptedRemovals(world)).toEqual({ recovered: [], failed: [] })
  })
})
