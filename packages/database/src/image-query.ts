import { type ImageQuery, type SortStep, unlistedStatuses } from '@glance/service'
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Values } from './backend.ts'
import { type AccessWay, accessWays } from './image-access.ts'
import { filterConditions } from './image-filters.ts'
import {
  afterPosition,
  afterPositionLoosely,
  decidingSteps,
  type PageStart,
  type Position,
  sortExpression,
} from './image-order.ts'
import { isLive, unindexed } from './live.ts'

/**
 * The query for the ids of one page, in order; null when the viewer can see nothing at all.
 *
 * Each way into the table gives its first rows in the order of the list, and the page is the first of those: with the right index the cost
 * is that of the page, not of the table.
 *
 * @param after - position of the image before the page, null for the first page
 * @param few - a condition that few images fulfil, to begin with; null when there is none
 */
export function pageOfIds(
  values: Values,
  query: ImageQuery,
  after: Position | null,
  few: Expression<SqlBool> | null = null,
): RawBuilder<{ id: string }> | null {
  const steps = decidingSteps(query.sort)
  const ways = nameByName(query)
    .flatMap((part) =>
      accessWays(values, part, few).flatMap((way) =>
        startsOf(way, steps, after).map((start) => firstOfWay(values, part, steps, start, way)),
      ),
    )
    .map((way, index) => sql`select * from (${way}) as ${sql.ref(`way${index}`)}`)
  if (ways.length === 0) return null
  const order = steps.map(({ direction }, index) => sql`${keyName(index)} ${sql.raw(direction)}`)
  // `union` and not `union all`: an image that two ways give is there once.
  return sql`select id from (${sql.join(ways, sql` union `)}) as page order by ${sql.join(order)} limit ${query.limit}`
}

/** Most names of which each gets ways of its own. */
const mostNames = 16

/** A list of several names as lists of one name each, whose images an index has in the order of any list. With very many names the images are walked. */
function nameByName(query: ImageQuery): readonly ImageQuery[] {
  const names = query.filters.find(({ field, operator }) => field === 'name' && operator === 'in')
  if (names === undefined || names.values.length === 0 || names.values.length > mostNames) return [query]
  const others = query.filters.filter((filter) => filter !== names)
  return [...new Set(names.values)].map((name) => ({
    ...query,
    filters: [{ ...names, operator: 'eq', values: [name] }, ...others],
  }))
}

/** The query for the position of an image in the order of a list. No row when there is no such image. */
export function positionOf(
  values: Values,
  query: ImageQuery,
  imageId: string,
): RawBuilder<Readonly<Record<string, unknown>>> {
  const keys = decidingSteps(query.sort).map(({ key }, index) => sql`${sortExpression(key)} as ${keyName(index)}`)
  return sql`select ${sql.join(keys)} from images where images.id = ${imageId} and ${isLive(values, 'images')}`
}

/** The values of a row of `positionOf`, step by step. */
export function positionFromRow(query: ImageQuery, row: Readonly<Record<string, unknown>>): Position {
  return decidingSteps(query.sort).map((_, index) => row[`key${index}`])
}

function startsOf(way: AccessWay, steps: readonly SortStep[], after: Position | null): readonly (PageStart | null)[] {
  if (after === null) return [null]
  return way.ordered ? afterPosition(steps, after) : [afterPositionLoosely(steps, after)]
}

function firstOfWay(
  values: Values,
  query: ImageQuery,
  steps: readonly SortStep[],
  start: PageStart | null,
  way: AccessWay,
): RawBuilder<unknown> {
  const keys = steps.map(({ key }, index) => sql`${sortExpression(key)} as ${keyName(index)}`)
  // SQLite does not see that an expression tested for equality is the same in all rows, and would sort by it.
  const order = steps
    .filter(({ key }, index) => !(index === 0 && start?.sharesFirst) && !(key === 'name' && hasOneName(query)))
    .map(({ key, direction }) => {
      const expression = sortExpression(key)
      return sql`${way.ordered ? expression : unindexed(expression, null)} ${sql.raw(direction)}`
    })
  const conditions = [
    ...way.conditions,
    sql`images.status not in (${sql.join(unlistedStatuses)})`,
    ...filterConditions(values, query, way),
    ...(start === null ? [] : [start.condition]),
  ]
  return sql`select images.id as id, ${sql.join(keys)} from images where ${sql.join(conditions, sql` and `)}
    order by ${sql.join(order)} limit ${query.limit}`
}

function hasOneName(query: ImageQuery): boolean {
  return query.filters.some(({ field, operator }) => field === 'name' && operator === 'eq')
}

function keyName(index: number): RawBuilder<unknown> {
  return sql.ref(`key${index}`)
}
