import { type RawBuilder, sql } from 'kysely'
import type { MigrationContext } from './table-parts.ts'

/** As `sortExpression` has them; there the name of the table stands before the column, which SQLite sees as the same. */
const sortedName = sql`coalesce(${sql.ref('name')}, '')`
const sortedSize = sql`coalesce(${sql.ref('size')}, 0)`
const sortedUpdate = sql`coalesce(${sql.ref('updated_at')}, ${sql.ref('created_at')})`

/**
 * Indexes of ours, which Glance does not have and does not mind.
 *
 * Each gives one way into `images` (see `image-access.ts`) in the order of a list. Behind the order stand the columns that lists test most,
 * so that a row that does not fit is passed over without reading it. `test/list-plans.test.ts` shows which list needs which.
 */
const indexes: readonly {
  readonly name: string
  readonly table: string
  readonly columns: readonly (string | RawBuilder<unknown>)[]
}[] = [
  {
    name: 'glance_server_images_visibility_created_at',
    table: 'images',
    columns: ['deleted', 'os_hidden', 'visibility', 'created_at', 'id', 'status'],
  },
  {
    name: 'glance_server_images_owner_created_at',
    table: 'images',
    columns: ['deleted', 'os_hidden', 'owner', 'created_at', 'id', 'status', 'visibility'],
  },
  {
    name: 'glance_server_images_visibility_name',
    table: 'images',
    columns: ['deleted', 'os_hidden', 'visibility', sortedName, 'created_at', 'id', 'status'],
  },
  {
    name: 'glance_server_images_owner_name',
    table: 'images',
    columns: ['deleted', 'os_hidden', 'owner', sortedName, 'created_at', 'id', 'status', 'visibility'],
  },
  {
    name: 'glance_server_images_visibility_size',
    table: 'images',
    columns: ['deleted', 'os_hidden', 'visibility', sortedSize, 'created_at', 'id', 'status'],
  },
  {
    name: 'glance_server_images_owner_size',
    table: 'images',
    columns: ['deleted', 'os_hidden', 'owner', sortedSize, 'created_at', 'id', 'status', 'visibility'],
  },
  {
    name: 'glance_server_images_visibility_updated_at',
    table: 'images',
    columns: ['deleted', 'os_hidden', 'visibility', sortedUpdate, 'created_at', 'id', 'status'],
  },
  {
    name: 'glance_server_images_owner_updated_at',
    table: 'images',
    columns: ['deleted', 'os_hidden', 'owner', sortedUpdate, 'created_at', 'id', 'status', 'visibility'],
  },
  {
    name: 'glance_server_image_tags_value',
    table: 'image_tags',
    columns: ['value', 'image_id', 'deleted'],
  },
  {
    name: 'glance_server_image_properties_value',
    table: 'image_properties',
    columns: ['name', 'value', 'image_id', 'deleted'],
  },
  {
    name: 'glance_server_image_members_member',
    table: 'image_members',
    columns: ['member', 'status', 'image_id', 'deleted'],
  },
]

/** Makes those of our indexes that are missing. */
export async function createOwnIndexes({ db }: MigrationContext): Promise<void> {
  for (const { name, table, columns } of indexes) {
    await db.schema
      .createIndex(name)
      .ifNotExists()
      .on(table)
      .columns([...columns])
      .execute()
  }
}
