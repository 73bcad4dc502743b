import type { MigrationContext } from './table-parts.ts'

/** The two tables that came with Glance 2024.1, where they are missing. */
export async function createCacheTables({ db, types }: MigrationContext): Promise<void> {
  await db.schema
    .createTable('node_reference')
    .ifNotExists()
    .addColumn('node_reference_id', types.bigCounter, (column) => types.counting(column.notNull().primaryKey()))
    .addColumn('node_reference_url', 'varchar(255)', (column) => column.notNull())
    .addUniqueConstraint('uq_node_reference_node_reference_url', ['node_reference_url'])
    .execute()
  await db.schema
    .createTable('cached_images')
    .ifNotExists()
    .addColumn('id', types.bigCounter, (column) => types.counting(column.notNull().primaryKey()))
    .addColumn('image_id', 'varchar(36)', (column) => column.notNull())
    .addColumn('last_accessed', types.time, (column) => column.notNull())
    .addColumn('last_modified', types.time, (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('hits', 'integer', (column) => column.notNull())
    .addColumn('checksum', 'varchar(32)')
    .addColumn('node_reference_id', 'bigint', (column) =>
      column.notNull().references('node_reference.node_reference_id'),
    )
    .addUniqueConstraint('ix_cached_images_image_id_node_reference_id', ['image_id', 'node_reference_id'])
    .execute()
}
