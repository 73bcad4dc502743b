import type { Image, ImageLocation, NewImage } from '@glance/service'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anImage, birth } from './support/images.ts'
import { systems } from './support/systems.ts'

const later = (ms: number): Date => new Date(birth.getTime() + ms)
const location = (url: string, members: Partial<ImageLocation> = {}): ImageLocation => ({
  url,
  metadata: { store: 'fast' },
  status: 'active',
  ...members,
})

/** An image in which every member has a value. */
function aFullImage(): NewImage {
  return anImage({
    name: 'Ünïcode 名前',
    visibility: 'community',
    protected: true,
    hidden: true,
    size: 2 ** 40,
    virtualSize: 2 ** 41,
    checksum: 'c8fc807773e5354afe61636071771906',
    hashAlgorithm: 'sha512',
    hashValue: 'ab'.repeat(64),
    minDisk: 7,
    minRam: 2 ** 31 - 1,
    tags: ['one', 'two'],
    properties: new Map([
      ['os_distro', 'cirros'],
      ['nothing', null],
      ['empty', ''],
    ]),
    locations: [location('file:///a', { metadata: { store: 'a', nested: { list: ['x'] } } }), location('file:///b')],
  })
}

describe.each(systems)('image records in $name', ({ open }) => {
  describe('insert', () => {
    it('returns the record, which find gives back whole', async () => {
      await using records = await open()
      const image = aFullImage()

      const inserted = await records.images.insert(image)

      expect(inserted).toEqual({ ...image, updatedAt: image.createdAt })
      expect(await records.images.find(image.id, null)).toEqual({ image: inserted, memberStatus: null })
    })

    it('refuses an id that is taken and leaves the first record alone', async () => {
      await using records = await open()
      const image = await records.images.insert(anImage({ name: 'first', tags: ['kept'] }))

      const again = records.images.insert(anImage({ id: image.id, name: 'second', tags: ['other'] }))

      await expect(again).rejects.toMatchObject({ code: 'CONFLICT', message: `Image ID ${image.id} already exists!` })
      expect((await records.images.find(image.id, null))?.image).toEqual(image)
    })

    it('refuses the id of a deleted image', async () => {
      await using records = await open()
      const { id } = await records.images.insert(anImage())
      await records.images.remove(id, later(1), () => {})

      await expect(records.images.insert(anImage({ id }))).rejects.toMatchObject({ code: 'CONFLICT' })
      expect(await records.images.isTaken(id)).toBe(true)
      expect(await records.images.isTaken('never-used')).toBe(false)
    })

    it.each([
      ['U+0000', 'a\u0000b'],
      ['half a surrogate pair', 'a\ud800b'],
    ])('refuses %s wherever it stands, and stores nothing', async (_, text) => {
      await using records = await open()
      const images = [
        anImage({ name: text }),
        anImage({ owner: text }),
        anImage({ tags: [text] }),
        anImage({ properties: new Map([[text, 'value']]) }),
        anImage({ properties: new Map([['name', text]]) }),
        anImage({ locations: [location(text)] }),
      ]

      for (const image of images) {
        await expect(records.images.insert(image)).rejects.toMatchObject({ code: 'INVALID' })
        expect(await records.images.isTaken(image.id)).toBe(false)
      }
    })
  })

  describe('stored text', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => !value.includes('\u0000'))

    it('comes back as it was, through insert and through change', async () => {
      await using records = await open()
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(text, fc.option(text))),
          fc.array(fc.tuple(text, fc.option(text))),
          fc.uniqueArray(text),
          fc.option(text),
          async (before, after, tags, name) => {
            const { id } = await records.images.insert(anImage({ name, tags, properties: new Map(before) }))
            const inserted = await records.images.find(id, null)

            await records.images.change(id, later(1), () => ({ properties: new Map(after) }))
            const changed = await records.images.find(id, null)

            expect(inserted?.image.name).toBe(name)
            expect([...(inserted?.image.tags ?? [])].sort()).toEqual([...tags].sort())
            expect(inserted?.image.properties).toEqual(new Map(before))
            expect(changed?.image.properties).toEqual(new Map(after))
          },
        ),
        { numRuns: 150 },
      )
    })

    it('keeps names apart that only look or sort alike', async () => {
      await using records = await open()
      const names = ['a', 'A', 'a ', ' a', 'é', 'e\u0301', 'ﬁ', 'fi', '1', '01', '1.0', '__proto__', 'constructor']
      const properties = new Map(names.map((name, index) => [name, `value ${index}`]))

      const { id } = await records.images.insert(anImage({ tags: names, properties }))

      const found = await records.images.find(id, null)
      expect(found?.image.properties).toEqual(properties)
      expect(new Set(found?.image.tags)).toEqual(new Set(names))
    })
  })

  describe('change', () => {
    it('gives the decision the present record and returns the new one', async () => {
      await using records = await open()
      const before = await records.images.insert(aFullImage())
      let seen: Image | null = null

      const after = await records.images.change(before.id, later(5), (image) => {
        seen = image
        return { name: null, protected: false, size: 0, status: 'deactivated' }
      })

      expect(seen).toEqual(before)
      expect(after).toEqual({
        ...before,
        name: null,
        protected: false,
        size: 0,
        status: 'deactivated',
        updatedAt: later(5),
      })
      expect((await records.images.find(before.id, null))?.image).toEqual(after)
    })

    it('replaces tags, properties and locations as whole sets', async () => {
      await using records = await open()
      const before = await records.images.insert(aFullImage())
      const tags = ['two', 'three', 'three']
      const properties = new Map<string, string | null>([
        ['os_distro', 'debian'],
        ['nothing', ''],
        ['new', null],
      ])
      const locations = [location('file:///b', { status: 'pending_delete' }), location('file:///c')]

      const after = await records.images.change(before.id, later(5), () => ({ tags, properties, locations }))

      expect(after).toEqual({ ...before, tags: ['two', 'three'], properties, locations, updatedAt: later(5) })
    })

    it('brings back properties, tags and locations that were removed before', async () => {
      await using records = await open()
      const before = await records.images.insert(aFullImage())
      await records.images.change(before.id, later(5), () => ({ tags: [], properties: new Map(), locations: [] }))
      const { tags, properties, locations } = before

      const after = await records.images.change(before.id, later(6), () => ({ tags, properties, locations }))

      expect(after).toEqual({ ...before, updatedAt: later(6) })
    })

    it('keeps two locations of one URI apart by their metadata', async () => {
      await using records = await open()
      const first = location('file:///a', { metadata: { store: 'one' } })
      const second = location('file:///a', { metadata: { store: 'two' } })
      const { id } = await records.images.insert(anImage({ locations: [first, second] }))

      const after = await records.images.change(id, later(1), () => ({ locations: [second] }))

      expect(after?.locations).toEqual([second])
    })

    it.each([
      ['null', () => null],
      ['no members', () => ({})],
      [
        'what is there already',
        (image: Image) => ({ name: image.name, tags: image.tags, properties: image.properties }),
      ],
    ])('changes nothing, not even the time, when the decision gives %s', async (_, decide) => {
      await using records = await open()
      const before = await records.images.insert(aFullImage())

      const after = await records.images.change(before.id, later(5), decide)

      expect(after).toEqual(before)
      expect((await records.images.find(before.id, null))?.image).toEqual(before)
    })

    it('rejects with what the decision threw, and changes nothing', async () => {
      await using records = await open()
      const before = await records.images.insert(aFullImage())
      const refusal = new RangeError('no')

      const changing = records.images.change(before.id, later(5), () => {
        throw refusal
      })

      await expect(changing).rejects.toBe(refusal)
      expect((await records.images.find(before.id, null))?.image).toEqual(before)
    })

    it('writes nothing when a part of the change cannot be stored', async () => {
      await using records = await open()
      const before = await records.images.insert(aFullImage())

      const changing = records.images.change(before.id, later(5), () => ({
        name: 'new',
        tags: [],
        locations: [location('file:///\u0000')],
      }))

      await expect(changing).rejects.toMatchObject({ code: 'INVALID' })
      expect((await records.images.find(before.id, null))?.image).toEqual(before)
    })

    it('gives each change a later time though the clock stands still or goes back', async () => {
      await using records = await open()
      const { id } = await records.images.insert(anImage())
      const times: number[] = []

      for (const now of [birth, birth, later(-5000), later(2)]) {
        const image = await records.images.change(id, now, ({ minRam }) => ({ minRam: minRam + 1 }))
        times.push(image?.updatedAt.getTime() ?? Number.NaN)
      }

      expect(times).toEqual([1, 2, 3, 4].map((ms) => later(ms).getTime()))
    })

    it('loses nothing of a hundred changes at once', async () => {
      await using records = await open()
      const { id } = await records.images.insert(anImage())
      const numbers = Array.from({ length: 100 }, (_, index) => index)

      await Promise.all(
        numbers.map((number) =>
          records.images.change(id, later(1), (image) => ({
            minRam: image.minRam + 1,
            tags: [...image.tags, `tag ${number}`],
            properties: new Map([...image.properties, [`property ${number}`, `${number}`]]),
          })),
        ),
      )

      const image = (await records.images.find(id, null))?.image
      expect(image?.minRam).toBe(100)
      expect(image?.tags).toHaveLength(100)
      expect(image?.properties.size).toBe(100)
    })

    it('returns null for an image that is not there or deleted, without asking', async () => {
      await using records = await open()
      const { id } = await records.images.insert(anImage())
      await records.images.remove(id, later(1), () => {})
      const decide = (): never => {
        throw new Error('asked')
      }

      expect(await records.images.change(id, later(2), decide)).toBeNull()
      expect(await records.images.change('missing', later(2), decide)).toBeNull()
    })
  })

  describe('remove', () => {
    it('returns the record as it was; then nobody finds it', async () => {
      await using records = await open()
      const before = await records.images.insert(aFullImage())

      const removed = await records.images.remove(before.id, later(5), () => {})

      expect(removed).toEqual(before)
      expect(await records.images.find(before.id, null)).toBeNull()
      expect(await records.images.remove(before.id, later(6), () => {})).toBeNull()
    })

    it('rejects with what the decision threw, and removes nothing', async () => {
      await using records = await open()
      const before = await records.images.insert(aFullImage())
      const refusal = new RangeError('protected')

      const removing = records.images.remove(before.id, later(5), () => {
        throw refusal
      })

      await expect(removing).rejects.toBe(refusal)
      expect((await records.images.find(before.id, null))?.image).toEqual(before)
    })
  })

  describe('find', () => {
    it.each(['pending', 'accepted', 'rejected'] as const)('tells that a project answered %s', async (status) => {
      await using records = await open()
      const { id } = await records.images.insert(anImage({ visibility: 'shared' }))
      records.share(id, 'asking', status)
      records.share(id, 'other', 'accepted')

      expect((await records.images.find(id, 'asking'))?.memberStatus).toBe(status)
      expect((await records.images.find(id, 'stranger'))?.memberStatus).toBeNull()
      expect((await records.images.find(id, null))?.memberStatus).toBeNull()
    })

    it('counts no members of an image that is no longer shared', async () => {
      await using records = await open()
      const { id } = await records.images.insert(anImage({ visibility: 'private' }))
      records.share(id, 'asking', 'accepted')

      expect((await records.images.find(id, 'asking'))?.memberStatus).toBeNull()
    })

    it.each(['killed', 'pending_delete'] as const)('gives images in %s', async (status) => {
      await using records = await open()
      const { id } = await records.images.insert(anImage({ status }))

      expect((await records.images.find(id, null))?.image.status).toBe(status)
    })
  })

  it('gives the ids in a state, oldest first', async () => {
    await using records = await open()
    const young = await records.images.insert(anImage({ status: 'saving', createdAt: later(2) }))
    const old = await records.images.insert(anImage({ status: 'saving', createdAt: later(1) }))
    await records.images.insert(anImage({ status: 'active' }))

    expect(await records.images.idsInStatus('saving')).toEqual([old.id, young.id])
  })

  it('says that it can be reached', async () => {
    await using records = await open()

    await expect(records.images.check()).resolves.toBeUndefined()
  })
})
