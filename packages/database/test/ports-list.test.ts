import type { Image, ImageFilter, ImageQuery, ImageStatus, MemberStatus, Visibility } from '@glance/service'
import { sortKeys } from '@glance/service'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admin, anImage, aQuery, birth, byName } from './support/images.ts'
import { type ModelImage, modelPage } from './support/list-model.ts'
import { systems, type TestRecords } from './support/systems.ts'

const visibilities: readonly Visibility[] = ['public', 'community', 'shared', 'private']
const answers: readonly MemberStatus[] = ['pending', 'accepted', 'rejected']
const owners = ['viewer-project', 'admin-project', 'other-project', null]
const statuses: readonly ImageStatus[] = ['active', 'active', 'active', 'queued', 'killed', 'pending_delete']

/** The same pseudo-random numbers at every run. */
function dice(): (sides: number) => number {
  let state = 12345
  return (sides) => {
    state = (state * 1103515245 + 12345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * sides)
  }
}

/** Stores images of every kind with few different values, so that orders have ties and filters have matches. */
async function store(records: TestRecords, count: number): Promise<ModelImage[]> {
  const roll = dice()
  const pick = <T>(values: readonly T[]): T => values[roll(values.length)] as T
  const stored: ModelImage[] = []
  for (let index = 0; index < count; index += 1) {
    const image = await records.images.insert(
      anImage({
        id: `image-${String((index * 37) % count).padStart(4, '0')}`,
        name: pick(['alpha', 'beta', 'Beta', '', null]),
        status: pick(statuses),
        visibility: pick(visibilities),
        owner: pick(owners),
        hidden: roll(5) === 0,
        protected: roll(2) === 0,
        size: pick([null, 0, 5, 10_000_000_000]),
        checksum: pick([null, 'aa', 'bb']),
        diskFormat: pick([null, 'raw', 'qcow2']),
        minRam: roll(3),
        createdAt: new Date(birth.getTime() + roll(6) * 1000),
        tags: ['x', 'y', 'z'].filter(() => roll(2) === 0),
        properties: new Map(['p', 'q'].filter(() => roll(2) === 0).map((name) => [name, pick(['1', '2', '', null])])),
      }),
    )
    const members = new Map<string, MemberStatus>()
    for (const project of ['viewer-project', 'other-project']) {
      if (roll(2) === 0) continue
      const status = pick(answers)
      records.share(image.id, project, status)
      members.set(project, status)
    }
    stored.push({ image, members })
  }
  return stored
}

const time = fc.integer({ min: -1, max: 6 }).map((second) => new Date(birth.getTime() + second * 1000))
const filter: fc.Arbitrary<ImageFilter> = fc.oneof(
  fc.record({
    field: fc.constantFrom('name' as const),
    operator: fc.constantFrom('eq' as const, 'in' as const),
    values: fc.uniqueArray(fc.constantFrom('alpha', 'beta', 'Beta', ''), { minLength: 1, maxLength: 1 }),
  }),
  fc.record({
    field: fc.constantFrom(
      'name' as const,
      'disk_format' as const,
      'owner' as const,
      'checksum' as const,
      'id' as const,
    ),
    operator: fc.constant('in' as const),
    values: fc.array(fc.constantFrom('alpha', 'raw', 'viewer-project', 'other-project', 'aa', 'bb', 'image-0007'), {
      maxLength: 4,
    }),
  }),
  fc.record({
    field: fc.constantFrom('owner' as const, 'checksum' as const, 'status' as const, 'disk_format' as const),
    operator: fc.constantFrom('eq' as const, 'neq' as const),
    values: fc.constantFrom('viewer-project', 'other-project', 'aa', 'active', 'raw').map((value) => [value]),
  }),
  fc.record({
    field: fc.constantFrom('size' as const, 'min_ram' as const),
    operator: fc.constantFrom(
      'eq' as const,
      'neq' as const,
      'lt' as const,
      'lte' as const,
      'gt' as const,
      'gte' as const,
    ),
    values: fc.constantFrom(0, 1, 5).map((value) => [value]),
  }),
  fc.record({
    field: fc.constant('protected' as const),
    operator: fc.constant('eq' as const),
    values: fc.tuple(fc.boolean()),
  }),
  fc.record({
    field: fc.constantFrom('created_at' as const, 'updated_at' as const),
    operator: fc.constantFrom(
      'eq' as const,
      'neq' as const,
      'lt' as const,
      'lte' as const,
      'gt' as const,
      'gte' as const,
    ),
    values: fc.tuple(time),
  }),
)

const direction = fc.constantFrom('asc' as const, 'desc' as const)
const sort: fc.Arbitrary<ImageQuery['sort']> = fc
  .tuple(fc.array(fc.record({ key: fc.constantFrom(...sortKeys), direction }), { maxLength: 2 }), direction)
  .map(([steps, last]) => [...steps, { key: 'created_at', direction: last }, { key: 'id', direction: last }])

const someQuery: fc.Arbitrary<ImageQuery> = fc.record({
  viewer: fc.record({ project: fc.constantFrom('viewer-project', 'admin-project', null), admin: fc.boolean() }),
  visibility: fc.constantFrom(...visibilities, 'all' as const, null),
  memberStatus: fc.constantFrom(...answers, 'all' as const),
  hidden: fc.boolean(),
  filters: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(filter, { maxLength: 2 }) },
  ),
  properties: fc
    .array(fc.tuple(fc.constantFrom('p', 'q'), fc.constantFrom('1', '')), { maxLength: 1 })
    .map((pairs) => new Map(pairs)),
  tags: fc.subarray(['x', 'y'], { maxLength: 2 }),
  sort,
  limit: fc.constantFrom(0, 1, 5, 25, 1000),
  marker: fc.constant(null),
})

describe.each(systems)('lists in $name', ({ open }) => {
  it('hold, for any query and after any marker, what the rules say', async () => {
    await using records = await open()
    const stored = await store(records, 150)
    let shown = 0

    await fc.assert(
      fc.asyncProperty(someQuery, fc.nat(), async (query, choice) => {
        const whole = modelPage(stored, { ...query, limit: 1000 })
        const marker = whole[choice % (whole.length + 1)] ?? null
        for (const asked of [query, { ...query, marker }]) {
          const page = await records.images.list(asked)

          expect(page.map(({ image }) => image.id)).toEqual(modelPage(stored, asked))
          shown += page.length
        }
      }),
      { numRuns: 1500 },
    )

    expect(shown).toBeGreaterThan(2000)
  }, 120_000)

  it('page through every image once, in any order of keys with ties', async () => {
    await using records = await open()
    const stored = await store(records, 60)
    for (const key of sortKeys) {
      for (const last of ['asc', 'desc'] as const) {
        const query = aQuery({
          viewer: admin,
          visibility: 'all',
          limit: 7,
          sort: [
            { key, direction: 'asc' },
            { key: 'created_at', direction: last },
            { key: 'id', direction: last },
          ],
        })
        const seen: string[] = []
        for (let marker: string | null = null; ; marker = seen.at(-1) ?? null) {
          const page = await records.images.list({ ...query, marker })
          seen.push(...page.map(({ image }) => image.id))
          if (page.length < query.limit) break
        }

        expect(seen).toEqual(modelPage(stored, { ...query, limit: 1000 }))
      }
    }
  })

  it.each([
    ['created_at', aQuery().sort],
    ['name', byName],
  ])('by %s neither skip nor repeat an image while others appear and vanish', async (_, sort) => {
    await using records = await open()
    const at = (second: number): Date => new Date(birth.getTime() + second * 1000)
    const stay: Image[] = []
    for (let index = 0; index < 30; index += 1) {
      stay.push(
        await records.images.insert(anImage({ visibility: 'public', name: `n${index}`, createdAt: at(index * 10) })),
      )
    }
    const seen: string[] = []

    for (let round = 0; ; round += 1) {
      const page = await records.images.list(aQuery({ limit: 4, sort, marker: seen.at(-1) ?? null }))
      seen.push(...page.map(({ image }) => image.id))
      if (page.length < 4) break
      // Before and behind the place in the list; some go away again.
      for (const second of [round, 150, 299 - round]) {
        const extra = anImage({ visibility: 'public', name: `n${second}x`, createdAt: at(second) })
        await records.images.insert(extra)
        if (second === 150) await records.images.remove(extra.id, at(400), () => {})
      }
    }

    const kept = new Set(stay.map(({ id }) => id))
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => kept.has(id)).sort()).toEqual([...kept].sort())
  })

  it('give each image with its own tags, properties, locations and answer', async () => {
    await using records = await open()
    const images: Image[] = []
    for (const name of ['a', 'b', 'c']) {
      images.push(
        await records.images.insert(
          anImage({
            name,
            tags: [`tag ${name}`],
            properties: new Map([['p', name]]),
            locations: [{ url: `file:///${name}`, metadata: {}, status: 'active' }],
          }),
        ),
      )
    }
    for (const { id } of images) records.share(id, 'viewer-project', 'accepted')

    const page = await records.images.list(aQuery({ sort: byName }))

    expect(page).toEqual(images.map((image) => ({ image, memberStatus: 'accepted' })))
  })

  it('reject a marker that does not exist or was deleted', async () => {
    await using records = await open()
    const { id } = await records.images.insert(anImage())
    await records.images.remove(id, birth, () => {})

    for (const marker of ['missing', id]) {
      await expect(records.images.list(aQuery({ marker }))).rejects.toMatchObject({ code: 'INVALID' })
    }
  })
})
