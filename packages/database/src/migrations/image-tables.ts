import type { ColumnDefinitionBuilder } from 'kysely'
import { countedTable, createIndexes, type MigrationContext, withSoftDeletion } from './table-parts.ts'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()
const ofImage = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().references('images.id')

/** The tables of images, their parts and tasks, as Glance has them since Wallaby. */
export async function createImageTables(context: MigrationContext): Promise<void> {
  await createImages(context)
  await createImageParts(context)
  await createImageMembers(context)
  await createTasks(context)
}

async function createImages(context: MigrationContext): Promise<void> {
  const { db, types } = context
  await withSoftDeletion(
    db.schema
      .createTable('images')
      .addColumn('id', 'varchar(36)', (column) => column.notNull().primaryKey())
      .addColumn('name', 'varchar(255)')
      .addColumn('size', 'bigint')
      .addColumn('status', 'varchar(30)', required),
    types,
  )
    .addColumn('disk_format', 'varchar(20)')
    .addColumn('container_format', 'varchar(20)')
    .addColumn('checksum', 'varchar(32)')
    .addColumn('owner', 'varchar(255)')
    .addColumn('min_disk', 'integer', required)
    .addColumn('min_ram', 'integer', required)
    .addColumn('protected', types.flag, (column) => column.notNull().defaultTo(types.falseDefault))
    .addColumn('virtual_size', 'bigint')
    .addColumn('visibility', types.visibility, (column) => column.notNull().defaultTo('shared'))
    .addColumn('os_hidden', types.flag, (column) => column.notNull().defaultTo(types.falseDefault))
    .addColumn('os_hash_algo', 'varchar(64)')
    .addColumn('os_hash_value', 'varchar(128)')
    .execute()
  await createIndexes(context, 'images', {
    checksum_image_idx: ['checksum'],
    created_at_image_idx: ['created_at'],
    ix_images_deleted: ['deleted'],
    os_hash_value_image_idx: ['os_hash_value'],
    os_hidden_image_idx: ['os_hidden'],
    owner_image_idx: ['owner'],
    updated_at_image_idx: ['updated_at'],
    visibility_image_idx: ['visibility'],
  })
}

async function createImageParts(context: MigrationContext): Promise<void> {
  const { types } = context
  await withSoftDeletion(
    countedTable(context, 'image_properties')
      .addColumn('image_id', 'varchar(36)', ofImage)
      .addColumn('name', 'varchar(255)', required)
      .addColumn('value', 'text'),
    types,
  )
    .addUniqueConstraint('ix_image_properties_image_id_name', ['image_id', 'name'])
    .execute()
  await createIndexes(context, 'image_properties', {
    ix_image_properties_deleted: ['deleted'],
    ix_image_properties_image_id: ['image_id'],
  })

  await withSoftDeletion(
    countedTable(context, 'image_tags')
      .addColumn('image_id', 'varchar(36)', ofImage)
      .addColumn('value', 'varchar(255)', required),
    types,
  ).execute()
  await createIndexes(context, 'image_tags', {
    ix_image_tags_image_id_tag_value: ['image_id', 'value'],
    ix_image_tags_image_id: ['image_id'],
  })

  await withSoftDeletion(
    countedTable(context, 'image_locations')
      .addColumn('image_id', 'varchar(36)', ofImage)
      .addColumn('value', 'text', required),
    types,
  )
    .addColumn('meta_data', 'text')
    .addColumn('status', 'varchar(30)', (column) => column.notNull().defaultTo('active'))
    .execute()
  await createIndexes(context, 'image_locations', {
    ix_image_locations_deleted: ['deleted'],
    ix_image_locations_image_id: ['image_id'],
  })
}

async function createImageMembers(context: MigrationContext): Promise<void> {
  const { types } = context
  await withSoftDeletion(
    countedTable(context, 'image_members')
      .addColumn('image_id', 'varchar(36)', ofImage)
      .addColumn('member', 'varchar(255)', required)
      .addColumn('can_share', types.flag, required),
    types,
  )
    .addColumn('status', 'varchar(20)', (column) => column.notNull().defaultTo('pending'))
    .addUniqueConstraint('image_members_image_id_member_deleted_at_key', ['image_id', 'member', 'deleted_at'])
    .execute()
  await createIndexes(context, 'image_members', {
    ix_image_members_deleted: ['deleted'],
    ix_image_members_image_id_member: ['image_id', 'member'],
    ix_image_members_image_id: ['image_id'],
  })
}

async function createTasks(context: MigrationContext): Promise<void> {
  const { db, types } = context
  await withSoftDeletion(
    db.schema
      .createTable('tasks')
      .addColumn('id', 'varchar(36)', (column) => column.notNull().primaryKey())
      .addColumn('type', 'varchar(30)', required)
      .addColumn('status', 'varchar(30)', required)
      .addColumn('owner', 'varchar(255)', required)
      .addColumn('expires_at', types.time),
    types,
  )
    .addColumn('image_id', 'varchar(36)')
    .addColumn('request_id', 'varchar(64)')
    .addColumn('user_id', 'varchar(64)')
    .execute()
  await createIndexes(context, 'tasks', {
    ix_tasks_deleted: ['deleted'],
    ix_tasks_image_id: ['image_id'],
    ix_tasks_owner: ['owner'],
    ix_tasks_status: ['status'],
    ix_tasks_type: ['type'],
    ix_tasks_updated_at: ['updated_at'],
  })
  await db.schema
    .createTable('task_info')
    .addColumn('task_id', 'varchar(36)', (column) => column.notNull().primaryKey().references('tasks.id'))
    .addColumn('input', 'text')
    .addColumn('result', 'text')
    .addColumn('message', 'text')
    .execute()
}
