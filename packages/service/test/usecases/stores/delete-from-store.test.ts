import { describe, expect, it } from 'vitest'
import { deleteFromStore } from '../../../src/index.ts'
import { codeOf, refusalOf } from '../../support/refusal.ts'
import { scriptedStore } from '../../support/scripted-store.ts'
import { aCaller, admin, anId, anImage, aWorld, putActive, stranger } from '../../support/world.ts'

const imageId = anId(1000)

async function aPlace() {
  const a = await scriptedStore('a')
  const b = await scriptedStore('b')
  const c = await scriptedStore('c')
  const world = await aWorld({ multiStore: true }, [a, b, c])
  return { world, a, b, c }
}

describe('deleteFromStore', () => {
  it('deletes the data in one store and keeps them in the others', async () => {
    const { world, a, b } = await aPlace()
    putActive(world, 'abc', {}, [a, b])

    await deleteFromStore(admin, world, { storeId: 'a', imageId })

    expect([a.backend.objects.size, b.backend.objects.size]).toEqual([0, 1])
    expect(world.images.peek(imageId)?.locations).toEqual([
      { url: `scripted://b/${imageId}`, metadata: { store: 'b' }, status: 'active' },
    ])
    expect(a.backend.requesters).toEqual([{ project: 'ops', token: 'token-of-the-caller' }])
    expect(await refusalOf(() => deleteFromStore(admin, world, { storeId: 'b', imageId }))).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('only store containing it'),
    })
  })

  it('knows the store of a location that names none', async () => {
    const { world, a, b } = await aPlace()
    const image = putActive(world, 'abc', {}, [a, b])
    world.images.put({ ...image, locations: image.locations.map((location) => ({ ...location, metadata: {} })) })

    await deleteFromStore(admin, world, { storeId: 'a', imageId })

    expect(world.images.peek(imageId)?.locations.map(({ metadata }) => metadata)).toEqual([{ store: 'b' }])
  })

  it('refuses stores and images that are not there, stores without the data, and other states', async () => {
    const { world, a, b } = await aPlace()
    putActive(world, 'abc', {}, [a, b])
    const call = (storeId: string, id = imageId, context = admin) =>
      codeOf(() => deleteFromStore(context, world, { storeId, imageId: id }))

    expect(await call('unknown')).toBe('CONFLICT')
    expect(await call('os_glance_staging_store')).toBe('CONFLICT')
    expect(await call('a', anId(7))).toBe('NOT_FOUND')
    expect(await call('c')).toBe('NOT_FOUND')
    expect(await call('a', imageId, aCaller())).toBe('FORBIDDEN')
    expect(await call('a', imageId, stranger)).toBe('NOT_FOUND')
    world.images.put(anImage())
    expect(await call('a')).toBe('CONFLICT')
    const single = { ...world, settings: { ...world.settings, multiStore: false } }
    expect(await codeOf(() => deleteFromStore(admin, single, { storeId: 'a', imageId }))).toBe('NOT_FOUND')
  })

  it.each([
    ['IN_USE', 'CONFLICT'],
    ['FORBIDDEN', 'FORBIDDEN'],
    ['UNAVAILABLE', 'UNAVAILABLE'],
  ] as const)('keeps the copy when the store says %s', async (fault, code) => {
    const { world, a, b } = await aPlace()
    const before = putActive(world, 'abc', {}, [a, b])
    a.backend.fail('delete', fault)

    expect(await codeOf(() => deleteFromStore(admin, world, { storeId: 'a', imageId }))).toBe(code)

    expect(world.images.peek(imageId)?.locations).toEqual(before.locations)
  })

  it('takes a copy out of the record that is gone from its store already', async () => {
    const { world, a, b } = await aPlace()
    putActive(world, 'abc', {}, [a, b])
    a.backend.objects.clear()

    await deleteFromStore(admin, world, { storeId: 'a', imageId })

    expect(world.images.peek(imageId)?.locations).toHaveLength(1)
  })
})
