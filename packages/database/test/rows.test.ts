import { describe, expect, it } from 'vitest'
import { anImage } from './support/images.ts'
import { openImages } from './support/open.ts'

const born = '2024-05-06 07:08:09.123000'
const changed = '2024-05-06 08:00:00.000000'
const now = new Date('2024-05-06T08:00:00Z')

/** An image with one of each part, and its rows. */
async function oneImage() {
  const opened = await openImages()
  const image = await opened.images.insert(
    anImage({
      tags: ['kept', 'dropped'],
      properties: new Map([
        ['kept', '1'],
        ['dropped', '2'],
        ['changed', '3'],
      ]),
      locations: [
        { url: 'file:///kept', metadata: { store: 'a' }, status: 'active' },
        { url: 'file:///dropped', metadata: {}, status: 'active' },
      ],
    }),
  )
  const rows = (table: string): unknown[] => opened.handle.prepare(`select * from ${table} order by id`).all()
  return { opened, id: image.id, rows, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }
}

describe('rows', () => {
  it('of a new image are those that Glance would write', async () => {
    await using made = await oneImage()
    const times = { created_at: born, updated_at: born, deleted_at: null, deleted: 0 }

    expect(made.rows('images')).toEqual([
      expect.objectContaining({ id: made.id, status: 'active', protected: 0, os_hidden: 0, ...times }),
    ])
    expect(made.rows('image_properties')[0]).toEqual({ id: 1, image_id: made.id, name: 'kept', value: '1', ...times })
    expect(made.rows('image_tags')[0]).toEqual({ id: 1, image_id: made.id, value: 'kept', ...times })
    expect(made.rows('image_locations')[0]).toEqual({
      id: 1,
      image_id: made.id,
      value: 'file:///kept',
      meta_data: '{"store":"a"}',
      status: 'active',
      ...times,
    })
  })

  it('that a change does not name are not written', async () => {
    await using made = await oneImage()

    await made.opened.images.change(made.id, now, () => ({
      tags: ['kept', 'new'],
      properties: new Map([
        ['kept', '1'],
        ['changed', '4'],
        ['new', '5'],
      ]),
      locations: [{ url: 'file:///kept', metadata: { store: 'a' }, status: 'active' }],
    }))

    const live = { updated_at: born, deleted: 0 }
    const gone = { updated_at: changed, deleted: 1, deleted_at: changed }
    expect(made.rows('image_tags')).toMatchObject([
      { value: 'kept', ...live },
      { value: 'dropped', ...gone },
      { value: 'new', created_at: changed },
    ])
    expect(made.rows('image_properties')).toMatchObject([
      { name: 'kept', value: '1', ...live },
      { name: 'dropped', value: '2', ...gone },
      { name: 'changed', value: '4', created_at: born, updated_at: changed },
      { name: 'new', value: '5', created_at: changed },
    ])
    expect(made.rows('image_locations')).toMatchObject([
      { value: 'file:///kept', status: 'active', ...live },
      { value: 'file:///dropped', status: 'deleted', ...gone },
    ])
  })

  it('of a property that was removed are used again when it comes back', async () => {
    await using made = await oneImage()
    await made.opened.images.change(made.id, now, () => ({ properties: new Map() }))

    await made.opened.images.change(made.id, now, () => ({ properties: new Map([['dropped', 'again']]) }))

    expect(made.rows('image_properties')).toHaveLength(3)
    expect(made.rows('image_properties')[1]).toMatchObject({ value: 'again', deleted: 0, deleted_at: null })
  })

  it('of one member that Glance left twice do not keep an image from being deleted', async () => {
    await using made = await oneImage()
    const insert = made.opened.handle.prepare(
      `insert into image_members (image_id, member, can_share, created_at, deleted, status) values (?, 'm', 0, ?, 0, 'pending')`,
    )
    for (let twice = 0; twice < 2; twice += 1) insert.run(made.id, born)

    await made.opened.images.remove(made.id, new Date('2024-05-06T09:00:00Z'), () => {})

    expect(made.rows('image_members')).toMatchObject([
      { deleted: 1, deleted_at: '2024-05-06 09:00:00.000000' },
      { deleted: 1, deleted_at: '2024-05-06 09:00:00.001000' },
    ])
  })

  it('of a deleted image are all marked deleted, and those deleted before keep their time', async () => {
    await using made = await oneImage()
    made.opened.handle
      .prepare(
        `insert into image_members (image_id, member, can_share, created_at, deleted, status) values (?, 'm', 0, ?, 0, 'pending')`,
      )
      .run(made.id, born)
    await made.opened.images.change(made.id, now, () => ({ tags: ['kept'] }))

    await made.opened.images.remove(made.id, new Date('2024-05-06T09:00:00Z'), () => {})

    const gone = { deleted: 1, deleted_at: '2024-05-06 09:00:00.000000' }
    expect(made.rows('images')).toMatchObject([{ status: 'deleted', ...gone }])
    expect(made.rows('image_properties')).toMatchObject([gone, gone, gone])
    expect(made.rows('image_members')).toMatchObject([gone])
    expect(made.rows('image_locations')).toMatchObject([
      { ...gone, status: 'deleted' },
      { ...gone, status: 'deleted' },
    ])
    expect(made.rows('image_tags')).toMatchObject([gone, { deleted: 1, deleted_at: changed }])
  })

  it('of an image get a later time than Glance gave them, to the microsecond', async () => {
    await using made = await oneImage()
    made.opened.handle.exec(`update images set updated_at = '2024-05-06 08:00:00.000999'`)

    await made.opened.images.change(made.id, now, () => ({ name: 'new' }))

    expect(made.rows('images')).toMatchObject([{ updated_at: '2024-05-06 08:00:00.001000' }])
  })

  it('of an image that Glance holds for delayed deletion can be found, and deleted for good', async () => {
    await using made = await oneImage()
    made.opened.handle.exec(`update images set status = 'pending_delete', deleted = 1, deleted_at = '${born}'`)

    expect((await made.opened.images.find(made.id, null))?.image.status).toBe('pending_delete')
    await made.opened.images.remove(made.id, now, () => {})
    expect(await made.opened.images.find(made.id, null)).toBeNull()
  })

  it.each([['not json'], ['[]'], ['null'], ['7']])(
    'with metadata %j show none and are left as they are',
    async (text) => {
      await using made = await oneImage()
      made.opened.handle.prepare('update image_locations set meta_data = ?').run(text)

      const image = await made.opened.images.change(made.id, now, (present) => ({
        locations: present.locations,
        name: 'x',
      }))

      expect(image?.locations.map(({ metadata }) => metadata)).toEqual([{}, {}])
      expect(made.rows('image_locations')).toMatchObject([{ meta_data: text }, { meta_data: text }])
    },
  )

  it('with one tag twice, as two writers of Glance can leave it, count once and go together', async () => {
    await using made = await oneImage()
    made.opened.handle
      .prepare(`insert into image_tags (image_id, value, created_at, deleted) values (?, 'kept', ?, 0)`)
      .run(made.id, born)

    expect((await made.opened.images.find(made.id, null))?.image.tags).toEqual(['kept', 'dropped'])
    const image = await made.opened.images.change(made.id, now, () => ({ tags: [] }))
    expect(image?.tags).toEqual([])
  })
})
