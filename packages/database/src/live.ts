import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Values } from './backend.ts'

/**
 * A column, or another expression, in a form that no index serves.
 *
 * Without statistics SQLite takes every index for equally selective, so `deleted = 0` on Glance's index of that column looks as good as the
 * id of the image, and reads the whole table. Conditions that must not choose the way into a table are written with this.
 */
export function unindexed<T>(column: string | RawBuilder<T>, whenNull: unknown): RawBuilder<T> {
  return sql<T>`coalesce(${typeof column === 'string' ? sql.ref(column) : column}, ${whenNull})`
}

/** The condition that a row of a table is not softly deleted; never the way into the table. */
export function isLive(values: Values, table: string): RawBuilder<SqlBool> {
  const no = values.flag(false)
  return sql<SqlBool>`${unindexed(`${table}.deleted`, no)} = ${no}`
}
