/**
 * Filters by tag or property that few images pass, found out before a list is made.
 *
 * A list walks the images in its order until its page is full. That is quick when many images fit, and reads every image when few do or none. For those it is better to begin with the images that have
 * the tag and sort them. Which way costs less follows from two numbers: of `n` images of which `m` fit, a page of `p` is found after some `p·n/m` images of the walk, or after the `m` that fit. So the
 * few are taken when `m² ≤ p·n`, and no more than `most` of them in any case.
 */
import type { ImageQuery } from '@glance/service'
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Backend, Values } from './backend.ts'
import { isLive } from './live.ts'
import type { Connection } from './transactions.ts'

/** Most images that are found by a tag or property and sorted; on a page of 25 of 100,000 images the walk is as quick then. */
const most = 1500

/**
 * The condition that an image is one of the few that have the rarest of the tags and properties asked for; null when none is rare enough to begin with.
 */
export async function fewImages(
  connection: Connection,
  backend: Backend,
  query: ImageQuery,
): Promise<Expression<SqlBool> | null> {
  const candidates = [
    ...query.tags.map((tag) => withTag(backend.values, tag)),
    ...[...query.properties].map(([name, value]) => withProperty(backend.values, name, value)),
  ]
  if (candidates.length === 0) return null
  let rarest: { readonly ids: RawBuilder<unknown>; readonly count: number } | null = null
  for (const ids of candidates) {
    // The rest need not be counted further than the rarest so far.
    const count = await countUpTo(connection, ids, (rarest?.count ?? most + 1) as number)
    if (rarest === null || count < rarest.count) rarest = { ids, count }
  }
  if (rarest === null || rarest.count > most) return null
  if (rarest.count ** 2 > query.limit * (await imagesAbout(connection, backend))) return null
  return sql<SqlBool>`images.id in (${rarest.ids})`
}

function withTag(values: Values, tag: string): RawBuilder<unknown> {
  return sql`select image_tags.image_id from image_tags where image_tags.value = ${tag} and ${isLive(values, 'image_tags')}`
}

function withProperty(values: Values, name: string, value: string): RawBuilder<unknown> {
  return sql`select image_properties.image_id from image_properties
    where image_properties.name = ${name} and ${hasValue(value)} and ${isLive(values, 'image_properties')}`
}

/** A property's value as the API shows it: what is missing is the empty text. Written so that an index on the column serves. */
export function hasValue(value: string): RawBuilder<SqlBool> {
  const column = sql.ref('image_properties.value')
  return value === '' ? sql<SqlBool>`(${column} = '' or ${column} is null)` : sql<SqlBool>`${column} = ${value}`
}

async function countUpTo(connection: Connection, ids: RawBuilder<unknown>, limit: number): Promise<number> {
  const counted = sql<{ count: number }>`select count(*) as count from (${ids} limit ${limit}) as found`
  return Number((await counted.execute(connection)).rows[0]?.count ?? 0)
}

async function imagesAbout(connection: Connection, backend: Backend): Promise<number> {
  return Number((await backend.roughCount('images').execute(connection)).rows[0]?.count ?? 0)
}
