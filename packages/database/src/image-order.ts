/**
 * The order of a list, and where a page begins in it.
 *
 * A page begins after the position of its marker, compared key by key in SQL. So rows that appear or vanish before the marker move
 * nothing, and with an index in the same order the database starts reading at the marker.
 */
import type { SortKey, SortStep } from '@glance/service'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { unindexed } from './live.ts'

/** The values of one image at each step of an order, as the database holds them. */
export type Position = readonly unknown[]

/**
 * The expression that a list is sorted by. Nulls count as the empty text or 0, and an image that never changed as changed when it was made.
 *
 * `name`, `size` and `updated_at` must stay letter for letter what `migrations/own-indexes.ts` indexes.
 */
export function sortExpression(key: SortKey): RawBuilder<unknown> {
  const column = sql.ref(`images.${key}`)
  if (key === 'name' || key === 'container_format' || key === 'disk_format') return sql`coalesce(${column}, '')`
  if (key === 'size') return sql`coalesce(${column}, 0)`
  if (key === 'updated_at') return sql`coalesce(${column}, ${sql.ref('images.created_at')})`
  return sql`${column}`
}

/** The steps that decide anything: each key once, and none behind the id, which no two images share. */
export function decidingSteps(sort: readonly SortStep[]): readonly SortStep[] {
  const steps: SortStep[] = []
  for (const step of sort) {
    if (!steps.some(({ key }) => key === step.key)) steps.push(step)
    if (step.key === 'id') break
  }
  return steps
}

/** A part of what comes after a position. */
export interface PageStart {
  readonly condition: RawBuilder<SqlBool>
  /** Whether all images of the part share the value of the first step. */
  readonly sharesFirst: boolean
}

/**
 * What comes after a position, in parts that have no image in common.
 *
 * Where the list begins with a column, one comparison of rows does: an index in the same order is entered at the position. An index on an
 * expression is entered only by comparisons with that expression alone, so those lists get two parts: the same first value and further on,
 * and beyond it. Without that, a page among many images of one name would read all of them.
 */
export function afterPosition(steps: readonly SortStep[], position: Position): readonly PageStart[] {
  const [first, ...others] = steps
  if (first === undefined) return []
  if (isColumn(first.key) && isUniform(steps)) return [{ condition: isAfter(steps, position), sharesFirst: false }]
  const key = sortExpression(first.key)
  const beyond = { condition: sql<SqlBool>`${key} ${sign(first)} ${position[0]}`, sharesFirst: false }
  if (others.length === 0) return [beyond]
  const further = sql<SqlBool>`${key} = ${position[0]} and ${isAfter(others, position.slice(1))}`
  return [{ condition: further, sharesFirst: true }, beyond]
}

/** What comes after a position as one condition, for ways that no index gives in order: it uses none. */
export function afterPositionLoosely(steps: readonly SortStep[], position: Position): PageStart {
  return { condition: isAfter(steps, position, (key) => unindexed(key, null)), sharesFirst: false }
}

function isAfter(
  steps: readonly SortStep[],
  position: Position,
  wrap: (key: RawBuilder<unknown>) => RawBuilder<unknown> = (key) => key,
): RawBuilder<SqlBool> {
  const keys = steps.map(({ key }) => wrap(sortExpression(key)))
  const [first] = steps
  if (first !== undefined && isUniform(steps)) {
    return sql<SqlBool>`(${sql.join(keys)}) ${sign(first)} (${sql.join(position)})`
  }
  const alternatives = steps.map((step, index) => {
    const equal = keys.slice(0, index).map((key, before) => sql`${key} = ${position[before]}`)
    const beyond = sql`${keys[index]} ${sign(step)} ${position[index]}`
    return sql`(${sql.join([...equal, beyond], sql` and `)})`
  })
  return sql<SqlBool>`(${sql.join(alternatives, sql` or `)})`
}

function sign(step: SortStep): RawBuilder<unknown> {
  return sql.raw(step.direction === 'asc' ? '>' : '<')
}

function isColumn(key: SortKey): boolean {
  return key === 'created_at' || key === 'id' || key === 'status'
}

function isUniform(steps: readonly SortStep[]): boolean {
  return steps.every(({ direction }) => direction === steps[0]?.direction)
}
