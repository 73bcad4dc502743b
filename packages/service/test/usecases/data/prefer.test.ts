import { describe, expect, it } from 'vitest'
import { downloadImageData, type RequestContext } from '../../../src/index.ts'
import { codeOf } from '../../support/refusal.ts'
import { scriptedStore } from '../../support/scripted-store.ts'
import { aCaller, anId, aWorld, putActive, textOf, type World } from '../../support/world.ts'

const imageId = anId(1000)

async function threeCopies(): Promise<World> {
  const stores = [
    await scriptedStore('light', { weight: 1 }),
    await scriptedStore('middle', { weight: 3 }),
    await scriptedStore('heavy', { weight: 5 }),
  ] as const
  const world = await aWorld({ multiStore: true }, stores)
  putActive(world, 'abc', {}, stores)
  return world
}

/** The stores that were read, in the order in which they were. All fail but the given one. */
async function readOrder(world: World, prefer: readonly string[], lasting: string): Promise<readonly string[]> {
  const order: string[] = []
  for (const { store, backend } of world.scripted) {
    backend.before = (operation) => void (operation === 'get' && order.push(store.id))
    backend.fail('get', store.id === lasting ? null : 'UNAVAILABLE')
  }
  const found = await downloadImageData(aCaller(), world, { imageId, range: null, prefer })
  expect(found && (await textOf(found.body))).toBe('abc')
  return order
}

describe('stores that a download prefers', () => {
  it.each([
    [['light'], ['light', 'heavy', 'middle']],
    [
      ['light', 'middle'],
      ['light', 'middle', 'heavy'],
    ],
    [
      ['middle', 'middle'],
      ['middle', 'heavy', 'light'],
    ],
    [[], ['heavy', 'middle', 'light']],
  ])('%j are tried first and the rest after them: %j', async (prefer, order) => {
    expect(await readOrder(await threeCopies(), prefer, order.at(-1) ?? '')).toEqual(order)
  })

  it('have to be there, and to be several', async () => {
    const world = await threeCopies()
    const prefer = (...stores: string[]) =>
      codeOf(() => downloadImageData(aCaller(), world, { imageId, range: null, prefer: stores }))

    expect(await prefer('unknown')).toBe('INVALID')
    expect(await prefer('light', 'os_glance_staging_store')).toBe('INVALID')
    const single = { ...world, settings: { ...world.settings, multiStore: false } }
    expect(await codeOf(() => downloadImageData(aCaller(), single, { imageId, range: null, prefer: ['light'] }))).toBe(
      'INVALID',
    )
  })

  it('are for those whom policy download_from_store lets', async () => {
    const world = await threeCopies()
    const asked: string[] = []
    const enforcer = {
      allows: (rule: string, context: RequestContext, target: never) => {
        asked.push(rule)
        return rule !== 'download_from_store' && world.enforcer.allows(rule, context, target)
      },
    }

    const call = downloadImageData(aCaller(), { ...world, enforcer }, { imageId, range: null, prefer: ['light'] })

    expect(await codeOf(() => call)).toBe('FORBIDDEN')
    expect(asked).toContain('download_from_store')
  })
})

describe('data that nobody has vouched for yet', () => {
  it.each(['importing', 'queued'] as const)('are not read while the image is %s', async (status) => {
    const world = await aWorld()
    putActive(world, 'abc', { status })

    expect(await downloadImageData(aCaller(), world, { imageId, range: null })).toBeNull()
  })
})
