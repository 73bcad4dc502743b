import type { ColumnDataType, ColumnDefinitionBuilder, Dialect, Expression, RawBuilder, SqlBool } from 'kysely'
import type { Failure } from './errors.ts'
import type { StoredFlag, StoredTime } from './schema.ts'

/** A comparison of a time column with one moment. */
export type TimeOperator = 'eq' | 'neq' | 'lt' | 'lte' | 'gt' | 'gte'

/** How one database system holds times and booleans. The only place that knows. */
export interface Values {
  time(at: Date): StoredTime
  /** @throws Error when the stored value is no time */
  readTime(stored: StoredTime): Date
  flag(value: boolean): StoredFlag
  readFlag(stored: StoredFlag): boolean
  /** A condition on a time expression, right for every form in which Glance or we may have stored it. */
  compareTime(stored: Expression<StoredTime>, operator: TimeOperator, at: Date): Expression<SqlBool>
}

/** A type as kysely names it, or as the database system does. */
type ColumnType = ColumnDataType | RawBuilder<unknown>

/** The column types and defaults that differ between database systems. */
export interface ColumnTypes {
  readonly time: ColumnType
  readonly flag: ColumnType
  readonly falseDefault: RawBuilder<unknown>
  readonly visibility: ColumnType
  /** Type of a number that the database counts up itself, where Glance has `INTEGER` and where it has `BIGINT`. */
  readonly counter: ColumnType
  readonly bigCounter: ColumnType
  /** Makes a column of such a type count up, where the type alone does not. */
  counting(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder
}

/**
 * One database system: everything that the rest of the package must not know about it.
 *
 * SQLite is `sqlite.ts`. Another system is another object of this shape and a line in `connect.ts`.
 */
export interface Backend {
  readonly dialect: Dialect
  readonly values: Values
  readonly columnTypes: ColumnTypes
  /** Whether a transaction that will write must lock the rows it reads (`for update`); false where it locks the whole database. */
  readonly rowLocks: boolean
  /** How long a transaction that met another writer is tried again, in milliseconds. */
  readonly patienceMs: number
  /** A query for the number of rows of a table, deleted ones too, that does not count them: an estimate that is not far too small will do. */
  roughCount(table: string): RawBuilder<{ count: number | null }>
  /** What a native error means; null when it is not the database's. */
  failureOf(error: unknown): Failure | null
  /** Settings that last in the database itself; called once it is known to be ours to write. */
  prepareForWriting(): void
}
