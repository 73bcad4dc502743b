import type { MemberChange } from '@glance/service'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../src/index.ts'
import { anImage, aQuery, birth } from './support/images.ts'
import { openImages, temporaryFolder } from './support/open.ts'
import { systems } from './support/systems.ts'

const later = (ms: number): Date => new Date(birth.getTime() + ms)
const add = (memberId: string) => (): MemberChange => ({ kind: 'add', memberId })
const remove = (memberId: string) => (): MemberChange => ({ kind: 'remove', memberId })
const accept = (memberId: string) => (): MemberChange => ({ kind: 'answer', memberId, status: 'accepted' })

describe.each(systems)('member records in $name', ({ open }) => {
  it('are added as pending, in order, and leave the image as it was', async () => {
    await using records = await open()
    const image = await records.images.insert(anImage())

    const added = await records.members.change(image.id, later(1), add('名前'))
    await records.members.change(image.id, later(2), add('a'))

    expect(added).toEqual({
      imageId: image.id,
      memberId: '名前',
      status: 'pending',
      createdAt: later(1),
      updatedAt: later(1),
    })
    expect((await records.members.list(image.id)).map(({ memberId }) => memberId)).toEqual(['名前', 'a'])
    expect((await records.images.find(image.id, '名前'))?.memberStatus).toBe('pending')
    expect((await records.images.find(image.id, null))?.image).toEqual(image)
  })

  it('put an image into the list of the member once it accepted', async () => {
    await using records = await open()
    const { id } = await records.images.insert(anImage())
    const listed = async () => (await records.images.list(aQuery())).length

    await records.members.change(id, later(1), add('viewer-project'))
    const before = await listed()
    const answered = await records.members.change(id, later(2), accept('viewer-project'))

    expect(answered).toMatchObject({ status: 'accepted', createdAt: later(1), updatedAt: later(2) })
    expect([before, await listed()]).toEqual([0, 1])
  })

  it('are found by nobody once removed, and start anew when they come back', async () => {
    await using records = await open()
    const { id } = await records.images.insert(anImage())
    await records.members.change(id, later(1), add('m'))
    const accepted = await records.members.change(id, later(2), accept('m'))

    expect(await records.members.change(id, later(3), remove('m'))).toEqual(accepted)
    expect(await records.members.list(id)).toEqual([])
    expect((await records.images.find(id, 'm'))?.memberStatus).toBeNull()

    const again = await records.members.change(id, later(4), add('m'))
    expect(again).toMatchObject({ status: 'pending', createdAt: later(4), updatedAt: later(4) })
  })

  it('can be removed and come back many times while the clock stands still', async () => {
    await using records = await open()
    const { id } = await records.images.insert(anImage())

    for (let round = 0; round < 3; round += 1) {
      await records.members.change(id, birth, add('m'))
      await records.members.change(id, birth, remove('m'))
    }

    expect(await records.members.list(id)).toEqual([])
  })

  it('show a decision the image and all its members, and stay as they are when it throws', async () => {
    await using records = await open()
    const image = await records.images.insert(anImage({ tags: ['t'] }))
    await records.members.change(image.id, later(1), add('m'))
    const other = await records.images.insert(anImage())
    await records.members.change(other.id, later(1), add('elsewhere'))

    const refused = records.members.change(image.id, later(2), (seen, members) => {
      expect(seen).toEqual(image)
      expect(members.map(({ memberId }) => memberId)).toEqual(['m'])
      throw new RangeError('no')
    })

    await expect(refused).rejects.toThrow(RangeError)
    expect(await records.members.list(image.id)).toHaveLength(1)
  })

  it('go with their image', async () => {
    await using records = await open()
    const { id } = await records.images.insert(anImage())
    await records.members.change(id, later(1), add('m'))

    await records.images.remove(id, later(2), () => {})

    expect(await records.members.list(id)).toEqual([])
    expect(await records.members.change(id, later(3), add('n'))).toBeNull()
    expect(await records.members.change('never-was', later(3), add('n'))).toBeNull()
  })

  it('refuse what does not fit the members there are, and text that cannot be stored', async () => {
    await using records = await open()
    const { id } = await records.images.insert(anImage())
    await records.members.change(id, later(1), add('m'))

    await expect(records.members.change(id, later(2), add('m'))).rejects.toThrow(TypeError)
    await expect(records.members.change(id, later(2), remove('n'))).rejects.toThrow(TypeError)
    await expect(records.members.change(id, later(2), accept('n'))).rejects.toThrow(TypeError)
    await expect(records.members.change(id, later(2), add('a\0'))).rejects.toMatchObject({ code: 'INVALID' })
  })
})

describe('member rows', () => {
  it('are one for each project, whatever happens to it', async () => {
    await using opened = await openImages()
    const { id } = await opened.images.insert(anImage())
    await opened.members.change(id, later(1), add('m'))
    await opened.members.change(id, later(2), remove('m'))
    await opened.members.change(id, later(3), add('m'))

    expect(opened.handle.prepare('select * from image_members').all()).toEqual([
      {
        id: 1,
        image_id: id,
        member: 'm',
        can_share: 0,
        status: 'pending',
        created_at: '2024-05-06 07:08:09.126000',
        updated_at: '2024-05-06 07:08:09.126000',
        deleted_at: null,
        deleted: 0,
      },
    ])
  })

  it('that Glance left behind twice count as one member, and can both be removed', async () => {
    await using opened = await openImages()
    const { id } = await opened.images.insert(anImage())
    const insert = opened.handle.prepare(
      `insert into image_members (image_id, member, can_share, created_at, deleted, deleted_at, status) values (?, 'm', 0, '2024-01-01 00:00:00', ?, ?, 'accepted')`,
    )
    insert.run(id, 0, null)
    insert.run(id, 0, null)
    insert.run(id, 1, '2024-05-06 07:08:09.124000')

    expect(await opened.members.list(id)).toHaveLength(1)
    await opened.members.change(id, later(1), remove('m'))
    expect(await opened.members.list(id)).toEqual([])
  })
})

describe('two connections to one file', () => {
  it('hold a quota together', async () => {
    await using folder = await temporaryFolder()
    const connection = `sqlite:///${folder.file('glance.sqlite')}`
    await using first = await openDatabase({ connection })
    await using second = await openDatabase({ connection })
    const { id } = await first.images.insert(anImage())

    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? first : second).members.change(id, birth, (_image, members) => {
          if (members.length >= 5) throw new RangeError('full')
          return { kind: 'add', memberId: `m${index}` }
        }),
      ),
    )

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    expect(await second.members.list(id)).toHaveLength(5)
  })
})
