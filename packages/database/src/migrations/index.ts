/**
 * Bringing a database to the schema that this release works with.
 *
 * A new database gets all of Glance's tables. A database of Glance Wallaby or later gets the two tables that are missing before 2024.1,
 * and its revision moves to the head; nothing else of it is touched. Both get our indexes. Anything else is refused before the first write.
 */
import type { Kysely } from 'kysely'
import type { Backend } from '../backend.ts'
import { DatabaseSetupError } from '../errors.ts'
import type { Tables } from '../schema.ts'
import type { Transactions } from '../transactions.ts'
import { createCacheTables } from './cache-tables.ts'
import { createImageTables } from './image-tables.ts'
import { createMetadefTables } from './metadef-tables.ts'
import { createOwnIndexes } from './own-indexes.ts'
import { assertKnownRevisions, headRevision } from './revisions.ts'

/** Tables that every revision from Wallaby on has. */
const required: readonly (keyof Tables)[] = [
  'images',
  'image_properties',
  'image_tags',
  'image_locations',
  'image_members',
  'tasks',
  'task_info',
  'metadef_namespaces',
  'metadef_resource_types',
  'metadef_namespace_resource_types',
  'metadef_objects',
  'metadef_properties',
  'metadef_tags',
]

/**
 * Makes or takes over the schema, in one transaction: it is wholly there or wholly as before. Two servers may start at once.
 *
 * @throws DatabaseSetupError when the database is not one that this release can work with; nothing is changed then
 */
export async function bringToHead(transactions: Transactions, backend: Backend): Promise<void> {
  await transactions.read(async (db) => assertOurs(await inspect(db)))
  backend.prepareForWriting()
  await transactions.write(async (db) => {
    // Once more: another server may have made the schema since.
    const state = await inspect(db)
    assertOurs(state)
    const context = { db, types: backend.columnTypes }
    if (state.tables.length === 0) {
      await createImageTables(context)
      await createMetadefTables(context)
      await db.schema
        .createTable('alembic_version')
        .addColumn('version_num', 'varchar(32)', (column) => column.notNull())
        .addPrimaryKeyConstraint('alembic_version_pkc', ['version_num'])
        .execute()
    }
    await createCacheTables(context)
    await createOwnIndexes(context)
    if (state.revisions.length !== 1 || state.revisions[0] !== headRevision) {
      await db.deleteFrom('alembic_version').execute()
      await db.insertInto('alembic_version').values({ version_num: headRevision }).execute()
    }
  })
}

/** The revision of the schema. */
export async function readRevision(db: Kysely<Tables>): Promise<string> {
  const rows = await db.selectFrom('alembic_version').select('version_num').orderBy('version_num').execute()
  return rows.map((row) => row.version_num).join(', ')
}

interface State {
  readonly tables: readonly string[]
  readonly revisions: readonly string[]
}

async function inspect(db: Kysely<Tables>): Promise<State> {
  const tables = (await db.introspection.getTables()).map(({ name }) => name)
  if (!tables.includes('alembic_version')) return { tables, revisions: [] }
  const rows = await db.selectFrom('alembic_version').select('version_num').execute()
  return { tables, revisions: rows.map((row) => row.version_num) }
}

function assertOurs({ tables, revisions }: State): void {
  if (tables.length === 0) return
  if (!tables.includes('alembic_version')) {
    throw new DatabaseSetupError(
      'the database has tables but no alembic_version, so it is not one of Glance since Ocata: name an empty database, or run "glance-manage db sync" on this one',
    )
  }
  assertKnownRevisions(revisions)
  const missing = required.find((table) => !tables.includes(table))
  if (missing !== undefined) {
    throw new DatabaseSetupError(
      `the database has revision ${revisions.join(' and ')} but no table ${missing}: restore it from a backup`,
    )
  }
}
