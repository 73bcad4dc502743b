/**
 * How SQLite answers the lists that people ask for, read off its own plans: the cost of a page must not grow with the number of images.
 */
import type { ImageFilter, ImageQuery } from '@glance/service'
import type SqliteDatabase from 'better-sqlite3'
import type { CompiledQuery } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { admin, aQuery, byName } from './support/images.ts'
import { writeManyImages } from './support/many-images.ts'
import { type OpenImages, openImages } from './support/open.ts'

interface PlanStep {
  readonly id: number
  readonly parent: number
  readonly detail: string
}

const marker = 'p0000000100'
const is = (field: ImageFilter['field'], value: string): readonly ImageFilter[] => [
  { field, operator: 'eq', values: [value] },
]
const oldestFirst: ImageQuery['sort'] = [
  { key: 'created_at', direction: 'asc' },
  { key: 'id', direction: 'asc' },
]

const bySize: ImageQuery['sort'] = [{ key: 'size', direction: 'asc' }, ...oldestFirst]
const byUpdate: ImageQuery['sort'] = [{ key: 'updated_at', direction: 'asc' }, ...oldestFirst]

/** Lists of images of which there are few or none, or too few to look for them among all. */
const rare: readonly (readonly [name: string, query: ImageQuery, index: string])[] = [
  ['a rare tag', aQuery({ tags: ['rare'] }), 'image_tags_value'],
  ['a rare tag, by size, further on', aQuery({ tags: ['rare'], sort: bySize, marker }), 'image_tags_value'],
  ['a tag that nobody has', aQuery({ tags: ['none'], visibility: 'public' }), 'image_tags_value'],
  ['a common and a rare tag', aQuery({ tags: ['x', 'rare'] }), 'image_tags_value'],
  ['a rare property', aQuery({ properties: new Map([['a', 'rare']]) }), 'image_properties_value'],
  ['a value that nobody has', aQuery({ properties: new Map([['a', 'none']]) }), 'image_properties_value'],
  ['an empty value that nobody has', aQuery({ properties: new Map([['a', '']]) }), 'image_properties_value'],
  [
    'a common tag and a rare property',
    aQuery({ tags: ['x'], properties: new Map([['a', 'rare']]) }),
    'image_properties_value',
  ],
]

const lists: readonly (readonly [name: string, query: ImageQuery])[] = [
  ['the default list', aQuery()],
  ['the default list, further on', aQuery({ marker })],
  ['the oldest first, further on', aQuery({ sort: oldestFirst, marker })],
  ['by name', aQuery({ sort: byName })],
  ['by name, further on', aQuery({ sort: byName, marker })],
  ['public images', aQuery({ visibility: 'public', marker })],
  ['community images', aQuery({ visibility: 'community', marker })],
  ['own private images', aQuery({ visibility: 'private', marker })],
  ['shared images', aQuery({ visibility: 'shared', marker })],
  ['all that can be seen', aQuery({ visibility: 'all', marker })],
  ['active images', aQuery({ filters: is('status', 'active'), marker })],
  ['active images by name', aQuery({ filters: is('status', 'active'), sort: byName, marker })],
  ['images of one name', aQuery({ filters: is('name', 'name 7') })],
  ['images of one name, by name', aQuery({ filters: is('name', 'name 7'), sort: byName, marker })],
  ['images of one owner', aQuery({ filters: is('owner', 'others'), marker })],
  ['images of several names', aQuery({ filters: [{ field: 'name', operator: 'in', values: ['name 7', 'name 9'] }] })],
  ['by size', aQuery({ sort: bySize })],
  ['by size, further on', aQuery({ sort: bySize, marker })],
  ['the largest first, further on', aQuery({ sort: bySize.map(({ key }) => ({ key, direction: 'desc' })), marker })],
  ['by update', aQuery({ sort: byUpdate })],
  ['by update, further on', aQuery({ sort: byUpdate, marker })],
  ['hidden images', aQuery({ hidden: true })],
  ['images with a tag and a property', aQuery({ tags: ['x'], properties: new Map([['a', 'b']]), marker })],
  ['images since a time', aQuery({ filters: [{ field: 'created_at', operator: 'gte', values: [new Date()] }] })],
]

let opened: OpenImages

/** The plans of all queries that a list runs. */
async function plansOf(query: ImageQuery): Promise<readonly PlanStep[][]> {
  opened.takeQueries()
  await opened.images.list(query)
  return opened
    .takeQueries()
    .filter(({ sql }) => sql.startsWith('select'))
    .map((compiled) => planOf(opened.handle, compiled))
}

function planOf(handle: SqliteDatabase.Database, { sql, parameters }: CompiledQuery): PlanStep[] {
  return handle.prepare(`explain query plan ${sql}`).all(...parameters) as PlanStep[]
}

/** The steps inside each way into the table (see `image-access.ts`). */
function waysOf(plan: readonly PlanStep[]): readonly string[][] {
  return plan
    .filter(({ detail }) => /^CO-ROUTINE way\d+$/.test(detail))
    .map((way) => plan.filter(({ parent }) => parent === way.id).map(({ detail }) => detail))
}

describe.each([
  ['without statistics', false],
  ['with statistics', true],
])('a list in SQLite %s', (_, analyze) => {
  beforeAll(async () => {
    opened = await openImages()
    writeManyImages(opened.handle, { count: 3000, visibility: 'public', owner: 'others', idPrefix: 'p' })
    writeManyImages(opened.handle, { count: 300, visibility: 'private', owner: 'viewer-project', idPrefix: 'v' })
    writeManyImages(opened.handle, { count: 300, visibility: 'shared', owner: 'admin-project', idPrefix: 'a' })
    writeManyImages(opened.handle, { count: 300, visibility: 'community', owner: 'others', idPrefix: 'c' })
    opened.handle.exec(`
      insert into image_members (image_id, member, can_share, created_at, deleted, status)
        select id, 'viewer-project', 0, created_at, 0, 'accepted' from images where visibility = 'shared' limit 20;
      insert into image_members (image_id, member, can_share, created_at, deleted, status)
        select id, 'other-project', 0, created_at, 0, 'accepted' from images where visibility = 'shared';
      insert into image_properties (image_id, name, value, created_at, deleted) select id, 'a', 'b', created_at, 0 from images;
      insert into image_tags (image_id, value, created_at, deleted) select id, 'x', created_at, 0 from images;
      insert into image_tags (image_id, value, created_at, deleted) select id, 'rare', created_at, 0 from images where id like '%77';
      update image_properties set value = 'rare' where image_id like '%88';
      insert into image_locations (image_id, value, created_at, deleted) select id, 'file:///', created_at, 0 from images;`)
    if (analyze) opened.handle.exec('analyze')
    return () => opened[Symbol.asyncDispose]()
  })

  it.each(
    lists.flatMap(([name, query]) => [
      [`a project asks for ${name}`, query] as const,
      [`an administrator asks for ${name}`, { ...query, viewer: admin }] as const,
    ]),
  )('sorts and reads no more than a page when %s', async (__, query) => {
    const plans = await plansOf(query)

    const ways = plans.flatMap(waysOf)
    expect(ways.length).toBeGreaterThan(0)
    for (const steps of ways) {
      const entry = steps.find((step) => step.startsWith('SEARCH images')) ?? `no entry: ${steps.join('; ')}`
      // What is shared with a project is found through its memberships; their number is the cost, not that of all images.
      const throughMembers = steps.some((step) => step.startsWith('LIST SUBQUERY')) && entry.includes('(id=?)')
      if (throughMembers) continue
      expect(entry).toContain('glance_server_images_')
      expect(steps.join('; ')).not.toContain('TEMP B-TREE')
    }
    const everything = plans.flat().map(({ detail }) => detail)
    for (const detail of everything.filter((step) => step.startsWith('SEARCH image_members'))) {
      expect(detail).toMatch(/glance_server_image_members_member \(member=\?|\(image_id=\? AND member=\?/)
    }
    // Counting what nearly every image has stops soon, however it begins.
    expect(everything.filter((detail) => /^SCAN (?!way|page|found|image_tags|image_properties)/.test(detail))).toEqual(
      [],
    )
  })

  it.each(
    rare.flatMap(([name, query, index]) => [
      [`a project asks for ${name}`, query, index] as const,
      [`an administrator asks for ${name}`, { ...query, viewer: admin }, index] as const,
    ]),
  )('begins with the few that fit when %s', async (__, query, index) => {
    const details = (await plansOf(query)).flat().map(({ detail }) => detail)

    // The images of the page, its marker, and those that fit: all by their ids. (The last row tells how many there may be.)
    const entries = details.filter((step) => /^(SEARCH|SCAN) images ./.test(step))
    for (const entry of entries) expect(entry).toContain('(id=?)')
    expect(details.filter((step) => step.includes(`glance_server_${index}`)).length).toBeGreaterThan(0)
    expect(details.filter((step) => /^SCAN (?!way|page|found|image_)/.test(step))).toEqual([])
  })

  it.each([
    ['a project', aQuery({ sort: byName, marker })],
    ['an administrator', aQuery({ viewer: admin, sort: byName, marker })],
  ])('by name is entered at the marker, among images of the same name too, when %s asks', async (__, query) => {
    const entries = (await plansOf(query)).flatMap(waysOf).map((steps) => steps.join('; '))

    const named = entries.filter((entry) => entry.includes('_name '))
    expect(named.filter((entry) => /<expr>=\? AND \(created_at,id\)>\(\?,\?\)/.test(entry))).toHaveLength(
      named.length / 2,
    )
    expect(named.filter((entry) => entry.includes('<expr>>?'))).toHaveLength(named.length / 2)
  })

  it.each([['id'], ['checksum'], ['os_hash_value']] as const)('by %s is entered at that column', async (field) => {
    const [plan] = await plansOf(aQuery({ filters: is(field, 'p0000000007') }))

    const entry = plan?.map(({ detail }) => detail).find((detail) => detail.startsWith('SEARCH images'))
    expect(entry).toContain(`(${field}=?)`)
  })

  it('runs at most six queries and one for the marker, however many images are on the page', async () => {
    expect(await plansOf(aQuery({ limit: 500 }))).toHaveLength(6)
    expect((await plansOf(aQuery({ limit: 500, marker }))).length).toBeLessThanOrEqual(7)
  })

  it('reads the parts of its images by the ids of the images', async () => {
    const plans = await plansOf(aQuery({ limit: 500 }))

    const details = plans.flat().map(({ detail }) => detail)
    for (const table of ['image_properties', 'image_tags', 'image_locations']) {
      expect(
        details.filter((detail) => detail.startsWith(`SEARCH ${table} `) && detail.includes('(image_id=?')),
      ).toHaveLength(1)
    }
  })
})
