import type { ImageLocation } from '@glance/service'
import { describe, expect, it } from 'vitest'
import { anImage, birth } from './support/images.ts'
import { systems } from './support/systems.ts'

const location = (url: string, members: Partial<ImageLocation> = {}): ImageLocation => ({
  url,
  metadata: {},
  status: 'active',
  ...members,
})
const later = new Date(birth.getTime() + 1000)

describe.each(systems)('locations of image records in $name', ({ open }) => {
  it('are rewritten in place: order and updatedAt stay', async () => {
    await using records = await open()
    const before = await records.images.insert(
      anImage({
        locations: [location('s3://key:secret@host/a'), location('s3://host/b'), location('s3://k:s@host/c')],
      }),
    )

    const after = await records.images.rewriteLocations(before.id, ({ url, ...rest }) => ({
      ...rest,
      url: url.replace(/\/\/.*@/, '//'),
      metadata: { store: 'fast' },
    }))

    const metadata = { store: 'fast' }
    expect(after).toEqual({
      ...before,
      locations: ['a', 'b', 'c'].map((name) => location(`s3://host/${name}`, { metadata })),
    })
    expect((await records.images.find(before.id, null))?.image).toEqual(after)
    // The text is overwritten, not kept in a deleted row.
    expect(await records.images.idsAt('s3://key:secret@host/a')).toEqual([])
    expect(await records.images.rewriteLocations('00000000-0000-4000-8000-000000000000', (same) => same)).toBeNull()
  })

  it('tell whose they are', async () => {
    await using records = await open()
    const [one, two, gone] = [
      await records.images.insert(
        anImage({ createdAt: later, locations: [location('s3://host/a'), location('s3://host/a')] }),
      ),
      await records.images.insert(anImage({ locations: [location('s3://host/a'), location('s3://host/b')] })),
      await records.images.insert(anImage({ locations: [location('s3://host/a')] })),
    ]
    await records.images.remove(gone.id, later, () => {})

    expect(await records.images.idsAt('s3://host/a')).toEqual([two.id, one.id])
    expect(await records.images.idsAt('s3://HOST/a')).toEqual([])

    await records.images.change(two.id, later, () => ({ locations: [location('s3://host/b')] }))
    expect(await records.images.idsAt('s3://host/a')).toEqual([one.id])
  })

  it('tell which are being removed while their image is not', async () => {
    await using records = await open()
    const pending = [location('s3://host/a', { status: 'pending_delete' }), location('s3://host/b')]
    const image = await records.images.insert(anImage({ status: 'active', locations: pending }))
    await records.images.insert(anImage({ status: 'pending_delete', locations: pending }))
    await records.images.insert(anImage({ status: 'active', locations: [location('s3://host/c')] }))

    expect(await records.images.idsWithPendingLocations()).toEqual([image.id])

    await records.images.change(image.id, later, () => ({ locations: [location('s3://host/b')] }))
    expect(await records.images.idsWithPendingLocations()).toEqual([])
  })

  it('images are found by the name of a property, exactly', async () => {
    await using records = await open()
    const mark = (name: string) => anImage({ properties: new Map([[name, '']]) })
    const image = await records.images.insert(mark('os_glance_hash_op_host'))
    await records.images.insert(mark('os_glance_hash_op_hosts'))

    expect(await records.images.idsWithProperty('os_glance_hash_op_host')).toEqual([image.id])

    await records.images.change(image.id, later, () => ({ properties: new Map() }))
    expect(await records.images.idsWithProperty('os_glance_hash_op_host')).toEqual([])
  })
})
