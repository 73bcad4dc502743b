import type { ImageLocation, NewImage, Usage } from '@glance/service'
import { describe, expect, it } from 'vitest'
import { anImage, birth } from './support/images.ts'
import { openImages } from './support/open.ts'
import { systems } from './support/systems.ts'

const mib = 1_048_576
const at = (name: string): ImageLocation => ({ url: `file:///${name}`, metadata: {}, status: 'active' })
const copying = (stores: string): NewImage['properties'] => new Map([['os_glance_importing_to_stores', stores]])

/** All four numbers of an owner. */
async function all(usage: Usage, owner: string | null): Promise<readonly number[]> {
  return [
    await usage.storedBytes(owner, null),
    await usage.stagedBytes(owner),
    await usage.imageCount(owner),
    await usage.uploadingCount(owner),
  ]
}

describe.each(systems)('usage in $name', ({ open }) => {
  it('is nothing for whoever has nothing', async () => {
    await using records = await open()

    expect(await all(records.usage, 'nobody')).toEqual([0, 0, 0, 0])
    expect(await all(records.usage, null)).toEqual([0, 0, 0, 0])
  })

  it('counts size times locations, without the image that is asked to be left out', async () => {
    await using records = await open()
    const twice = await records.images.insert(anImage({ size: 10 * mib, locations: [at('a'), at('b')] }))
    await records.images.insert(anImage({ size: 5, locations: [at('c'), { ...at('d'), status: 'pending_delete' }] }))
    await records.images.insert(anImage({ size: null, status: 'queued' }))
    await records.images.insert(anImage({ size: 7, status: 'saving' }))
    await records.images.insert(anImage({ size: 99, locations: [at('e')], owner: 'others' }))
    await records.images.insert(anImage({ size: 3, locations: [at('f')], owner: null }))

    expect(await records.usage.storedBytes('owner-project', null)).toBe(20 * mib + 10)
    expect(await records.usage.storedBytes('owner-project', twice.id)).toBe(10)
    expect(await records.usage.storedBytes(null, null)).toBe(3)
  })

  it('forgets locations that were removed, and images that are deleted or killed', async () => {
    await using records = await open()
    const kept = await records.images.insert(anImage({ size: 10, locations: [at('a'), at('b')] }))
    const gone = await records.images.insert(anImage({ size: 1000, locations: [at('c')] }))
    await records.images.insert(anImage({ size: 100, status: 'killed', locations: [at('d')] }))
    await records.images.change(kept.id, birth, () => ({ locations: [at('b')] }))
    await records.images.remove(gone.id, birth, () => {})

    expect(await all(records.usage, 'owner-project')).toEqual([10, 0, 1, 0])
  })

  it('counts images that wait for their deletion as long as their data may be there', async () => {
    await using records = await open()
    await records.images.insert(anImage({ size: 10, status: 'pending_delete', locations: [at('a')] }))

    expect(await all(records.usage, 'owner-project')).toEqual([10, 0, 1, 0])
  })

  it('counts staged bytes and uploads by state, and images that are being copied once', async () => {
    await using records = await open()
    await records.images.insert(anImage({ size: 1, status: 'uploading' }))
    await records.images.insert(anImage({ size: 2, status: 'importing', properties: copying('b') }))
    await records.images.insert(anImage({ size: 4, status: 'active', properties: copying('b,c') }))
    await records.images.insert(anImage({ size: 8, status: 'active', properties: copying('') }))
    await records.images.insert(anImage({ size: null, status: 'saving' }))
    const ended = await records.images.insert(anImage({ size: 16, status: 'active', properties: copying('b') }))
    await records.images.change(ended.id, birth, () => ({ properties: new Map() }))

    expect(await all(records.usage, 'owner-project')).toEqual([0, 7, 6, 4])
  })
})

describe('usage in SQLite', () => {
  it("finds its way by the index of owners, so that it costs as much as one owner's images", async () => {
    await using opened = await openImages()
    await all(opened.usage, 'owner-project')

    const queries = opened.takeQueries().filter(({ sql }) => sql.startsWith('select coalesce'))
    const plans = queries.map(({ sql, parameters }) =>
      opened.handle.prepare(`explain query plan ${sql}`).all(...(parameters as string[])),
    )

    expect(plans).toHaveLength(4)
    for (const plan of plans) {
      const steps = (plan as { detail: string }[]).map(({ detail }) => detail)
      expect(steps[0]).toMatch(/^SEARCH images USING INDEX owner_image_idx/)
      expect(steps.filter((step) => step.startsWith('SCAN'))).toEqual([])
    }
  })
})
