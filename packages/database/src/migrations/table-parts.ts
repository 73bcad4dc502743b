import type { CreateTableBuilder, Kysely } from 'kysely'
import type { ColumnTypes } from '../backend.ts'
import type { Tables } from '../schema.ts'

/** What a migration works with. */
export interface MigrationContext {
  readonly db: Kysely<Tables>
  readonly types: ColumnTypes
}

/** Adds `created_at` and `updated_at`. */
export function withTimes<Name extends string, Column extends string>(
  table: CreateTableBuilder<Name, Column>,
  types: ColumnTypes,
): CreateTableBuilder<Name, Column | 'created_at' | 'updated_at'> {
  return table.addColumn('created_at', types.time, (column) => column.notNull()).addColumn('updated_at', types.time)
}

/** Adds `created_at`, `updated_at`, `deleted_at` and `deleted`. */
export function withSoftDeletion<Name extends string, Column extends string>(
  table: CreateTableBuilder<Name, Column>,
  types: ColumnTypes,
): CreateTableBuilder<Name, Column | 'created_at' | 'updated_at' | 'deleted_at' | 'deleted'> {
  return withTimes(table, types)
    .addColumn('deleted_at', types.time)
    .addColumn('deleted', types.flag, (column) => column.notNull())
}

/** Starts a table whose `id` the database counts up. */
export function countedTable<Name extends string>(
  { db, types }: MigrationContext,
  name: Name,
): CreateTableBuilder<Name, 'id'> {
  return db.schema
    .createTable(name)
    .addColumn('id', types.counter, (column) => types.counting(column.notNull().primaryKey()))
}

/** Makes plain indexes of one table, by name. */
export async function createIndexes(
  { db }: MigrationContext,
  table: string,
  indexes: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  for (const [name, columns] of Object.entries(indexes)) {
    await db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns])
      .execute()
  }
}
