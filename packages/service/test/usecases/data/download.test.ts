import type { StoreErrorCode } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { type ByteRange, downloadImageData, type RequestContext } from '../../../src/index.ts'
import { codeOf, refusalOf } from '../../support/refusal.ts'
import { scriptedStore } from '../../support/scripted-store.ts'
import { aCaller, admin, anId, anImage, aWorld, putActive, stranger, textOf, type World } from '../../support/world.ts'

const id = anId(1000)

async function download(world: World, range: ByteRange | null = null, context: RequestContext = aCaller()) {
  const found = await downloadImageData(context, world, { imageId: id, range })
  if (!found) return null
  const { size, offset, length, body } = found
  return { size, offset, length, text: await textOf(body) }
}

async function twoCopies(): Promise<World> {
  const stores = [await scriptedStore('light', { weight: 1 }), await scriptedStore('heavy', { weight: 5 })] as const
  const world = await aWorld({ multiStore: true }, stores)
  putActive(world, 'abcdef', {}, stores)
  return world
}

const callsOf = (world: World): string[] => world.scripted.map(({ backend }) => backend.calls.join(','))

describe('downloadImageData', () => {
  it('gives the whole image', async () => {
    const world = await aWorld()
    putActive(world, 'abcdef')

    expect(await download(world)).toEqual({ size: 6, offset: 0, length: 6, text: 'abcdef' })
  })

  it('gives an image of no bytes', async () => {
    const world = await aWorld()
    putActive(world, '')

    expect(await download(world)).toEqual({ size: 0, offset: 0, length: 0, text: '' })
  })

  it.each<[ByteRange, number, string]>([
    [{ kind: 'from', first: 0, last: 0 }, 0, 'a'],
    [{ kind: 'from', first: 1, last: 3 }, 1, 'bcd'],
    [{ kind: 'from', first: 4, last: 100 }, 4, 'ef'],
    [{ kind: 'from', first: 5, last: null }, 5, 'f'],
    [{ kind: 'from', first: 0, last: null }, 0, 'abcdef'],
    [{ kind: 'suffix', length: 2 }, 4, 'ef'],
    [{ kind: 'suffix', length: 100 }, 0, 'abcdef'],
  ])('gives the part %j', async (range, offset, text) => {
    const world = await aWorld()
    putActive(world, 'abcdef')

    expect(await download(world, range)).toEqual({ size: 6, offset, length: text.length, text })
  })

  it.each<ByteRange>([
    { kind: 'from', first: 6, last: null },
    { kind: 'from', first: 7, last: 9 },
    { kind: 'suffix', length: 0 },
  ])('refuses %j of six bytes', async (range) => {
    const world = await aWorld()
    putActive(world, 'abcdef')

    expect(await codeOf(() => download(world, range))).toBe('RANGE')
    expect(callsOf(world)).toEqual([''])
  })

  it('refuses every part of an empty image', async () => {
    const world = await aWorld()
    putActive(world, '')

    expect(await codeOf(() => download(world, { kind: 'from', first: 0, last: null }))).toBe('RANGE')
    expect(await codeOf(() => download(world, { kind: 'suffix', length: 5 }))).toBe('RANGE')
  })

  it('finds no data in a queued image, whatever part is asked for', async () => {
    const world = await aWorld()
    world.images.put(anImage())

    expect(await download(world)).toBeNull()
    expect(await download(world, { kind: 'from', first: 9, last: null })).toBeNull()
  })

  it('asks the store for a size that the record does not have', async () => {
    const world = await aWorld()
    putActive(world, 'abcdef', { size: null })

    expect(await download(world, { kind: 'suffix', length: 1 })).toEqual({ size: 6, offset: 5, length: 1, text: 'f' })
  })

  it('reads the copy in the heaviest store', async () => {
    const world = await twoCopies()

    expect(await download(world)).toMatchObject({ text: 'abcdef' })
    expect(callsOf(world)).toEqual(['', 'get'])
  })

  it('leaves out copies that wait for their deletion', async () => {
    const world = await twoCopies()
    const image = world.images.peek(id)
    if (image)
      world.images.put({ ...image, locations: image.locations.map((each) => ({ ...each, status: 'pending_delete' })) })

    expect(await download(world)).toBeNull()
  })

  it.each<StoreErrorCode>(['NOT_FOUND', 'UNAVAILABLE', 'TIMEOUT', 'UNKNOWN'])(
    'goes on to the next copy when a store fails with %s',
    async (fault) => {
      const world = await twoCopies()
      world.scripted[1]?.backend.fail('get', fault)

      expect(await download(world)).toMatchObject({ text: 'abcdef' })
      expect(callsOf(world)).toEqual(['get', 'get'])
    },
  )

  it('goes on to the next copy when a body breaks off before its first byte', async () => {
    const world = await twoCopies()
    if (world.scripted[1]) world.scripted[1].backend.breakAfter = 0

    expect(await download(world)).toMatchObject({ text: 'abcdef' })
  })

  it('goes on to the next copy when one is not as long as the image', async () => {
    const world = await twoCopies()
    world.scripted[1]?.backend.objects.set(`scripted://heavy/${id}`, new Uint8Array(5))

    expect(await download(world)).toMatchObject({ text: 'abcdef' })
  })

  it('passes over a location that no configured store has', async () => {
    const world = await twoCopies()
    const image = world.images.peek(id)
    const foreign = { url: 'elsewhere://x/y', metadata: { store: 'removed' }, status: 'active' } as const
    if (image) world.images.put({ ...image, locations: [foreign, ...image.locations] })

    expect(await download(world)).toMatchObject({ text: 'abcdef' })
  })

  it('breaks off after the first byte instead of ending as if it were whole', async () => {
    const world = await twoCopies()
    if (world.scripted[1]) world.scripted[1].backend.breakAfter = 2

    await expect(download(world)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('finds no data when no store has them', async () => {
    const world = await twoCopies()
    for (const { backend } of world.scripted) backend.objects.clear()

    expect(await download(world)).toBeNull()
  })

  it.each<[StoreErrorCode, string]>([
    ['UNAVAILABLE', 'UNAVAILABLE'],
    ['TIMEOUT', 'UNAVAILABLE'],
    ['UNSUPPORTED', 'INVALID'],
    ['FORBIDDEN', 'FORBIDDEN'],
    ['INVALID_LOCATION', 'INVALID'],
  ])('answers %s of the only store that has it with %s, without its words', async (fault, code) => {
    const world = await twoCopies()
    world.scripted[0].backend.objects.clear()
    world.scripted[1]?.backend.fail('get', fault)

    const refusal = await refusalOf(() => download(world))

    expect(refusal.code).toBe(code)
    expect(refusal.message).not.toContain('secret-host')
  })

  it('can be left before the first byte is read', async () => {
    const world = await aWorld()
    putActive(world, 'abcdef')
    const found = await downloadImageData(aCaller(), world, { imageId: id, range: null })

    await found?.body.return?.()

    expect(await found?.body.next()).toMatchObject({ done: true })
  })

  it('is closed for a deactivated image but to administrators', async () => {
    const world = await aWorld()
    putActive(world, 'abcdef', { status: 'deactivated' })

    expect(await refusalOf(() => download(world))).toEqual({
      code: 'FORBIDDEN',
      message: 'The requested image has been deactivated. Image data download is forbidden.',
    })
    expect(await download(world, null, admin)).toMatchObject({ text: 'abcdef' })
  })

  it('is for members, and tells others no more than they know', async () => {
    const world = await aWorld()
    putActive(world, 'abcdef')

    expect(await codeOf(() => download(world, null, aCaller({ roles: ['reader'] })))).toBe('FORBIDDEN')
    expect(await codeOf(() => download(world, null, stranger))).toBe('NOT_FOUND')
    world.images.share(id, 'theirs', 'pending')
    expect(await download(world, null, stranger)).toMatchObject({ text: 'abcdef' })
  })
})
