import { describe, expect, it } from 'vitest'
import { type Image, type RequestContext, type ServiceSettings, shownLocations } from '../../../src/index.ts'
import { scriptedStore } from '../../support/scripted-store.ts'
import { aCaller, admin, anId, aWorld, putActive, stranger } from '../../support/world.ts'

const light = `scripted://light/${anId(1000)}`
const heavy = `scripted://heavy/${anId(1000)}`

async function shown(settings: Partial<ServiceSettings>, changed: Partial<Image> = {}, context?: RequestContext) {
  const stores = [await scriptedStore('light', { weight: 1 }), await scriptedStore('heavy', { weight: 5 })] as const
  const world = await aWorld({ multiStore: true, ...settings }, stores)
  const image = putActive(world, 'abc', changed, stores)
  const {
    directUrl,
    locations,
    stores: ids,
  } = shownLocations(context ?? aCaller(), world, { image, memberStatus: null })
  return { directUrl, locations: locations?.map(({ url }) => url) ?? null, stores: ids }
}

const open = { showImageDirectUrl: true, showMultipleLocations: true }

describe('shownLocations', () => {
  it('shows none by default, but the stores when there are several', async () => {
    expect(await shown({})).toEqual({ directUrl: null, locations: null, stores: ['heavy', 'light'] })
    expect(await shown({ multiStore: false })).toEqual({ directUrl: null, locations: null, stores: [] })
  })

  it('shows the best location first when the options ask for it', async () => {
    expect(await shown(open)).toMatchObject({ directUrl: heavy, locations: [heavy, light] })
  })

  it('shows an empty list when there are no data', async () => {
    expect(await shown(open, { locations: [] })).toEqual({ directUrl: null, locations: [], stores: [] })
  })

  it('shows none to callers whom policy refuses them', async () => {
    expect(await shown(open, { visibility: 'public' }, stranger)).toMatchObject({ directUrl: null, locations: [] })
  })

  it('shows those of a deactivated image to administrators alone', async () => {
    expect(await shown(open, { status: 'deactivated' })).toMatchObject({ directUrl: null, locations: [] })
    expect(await shown(open, { status: 'deactivated' }, admin)).toMatchObject({ directUrl: heavy })
  })
})
