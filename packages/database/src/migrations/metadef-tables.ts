import type { ColumnDefinitionBuilder } from 'kysely'
import { countedTable, createIndexes, type MigrationContext, withTimes } from './table-parts.ts'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()
const ofNamespace = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
  column.notNull().references('metadef_namespaces.id')

/** The tables of metadata definitions, as Glance has them since Wallaby. */
export async function createMetadefTables(context: MigrationContext): Promise<void> {
  await createNamespaces(context)
  await createResourceTypes(context)
  await createItems(context)
}

async function createNamespaces(context: MigrationContext): Promise<void> {
  const { types } = context
  await withTimes(
    countedTable(context, 'metadef_namespaces')
      .addColumn('namespace', 'varchar(80)', required)
      .addColumn('display_name', 'varchar(80)')
      .addColumn('description', 'text')
      .addColumn('visibility', 'varchar(32)')
      .addColumn('protected', types.flag)
      .addColumn('owner', 'varchar(255)', required),
    types,
  )
    .addUniqueConstraint('uq_metadef_namespaces_namespace', ['namespace'])
    .execute()
  await createIndexes(context, 'metadef_namespaces', { ix_metadef_namespaces_owner: ['owner'] })
}

async function createResourceTypes(context: MigrationContext): Promise<void> {
  const { db, types } = context
  await withTimes(
    countedTable(context, 'metadef_resource_types')
      .addColumn('name', 'varchar(80)', required)
      .addColumn('protected', types.flag, required),
    types,
  )
    .addUniqueConstraint('uq_metadef_resource_types_name', ['name'])
    .execute()
  await withTimes(
    db.schema
      .createTable('metadef_namespace_resource_types')
      .addColumn('resource_type_id', 'integer', (column) => column.notNull().references('metadef_resource_types.id'))
      .addColumn('namespace_id', 'integer', ofNamespace)
      .addColumn('properties_target', 'varchar(80)')
      .addColumn('prefix', 'varchar(80)'),
    types,
  )
    .addPrimaryKeyConstraint('pk_metadef_namespace_resource_types', ['resource_type_id', 'namespace_id'])
    .execute()
  await createIndexes(context, 'metadef_namespace_resource_types', {
    ix_metadef_ns_res_types_namespace_id: ['namespace_id'],
  })
}

async function createItems(context: MigrationContext): Promise<void> {
  const { types } = context
  await withTimes(
    countedTable(context, 'metadef_objects')
      .addColumn('namespace_id', 'integer', ofNamespace)
      .addColumn('name', 'varchar(80)', required)
      .addColumn('description', 'text')
      .addColumn('required', 'text')
      .addColumn('json_schema', 'text', required),
    types,
  )
    .addUniqueConstraint('uq_metadef_objects_namespace_id_name', ['namespace_id', 'name'])
    .execute()
  await createIndexes(context, 'metadef_objects', { ix_metadef_objects_name: ['name'] })

  await withTimes(
    countedTable(context, 'metadef_properties')
      .addColumn('namespace_id', 'integer', ofNamespace)
      .addColumn('name', 'varchar(80)', required)
      .addColumn('json_schema', 'text', required),
    types,
  )
    .addUniqueConstraint('uq_metadef_properties_namespace_id_name', ['namespace_id', 'name'])
    .execute()
  await createIndexes(context, 'metadef_properties', { ix_metadef_properties_name: ['name'] })

  await withTimes(
    countedTable(context, 'metadef_tags')
      .addColumn('namespace_id', 'integer', ofNamespace)
      .addColumn('name', 'varchar(80)', required),
    types,
  )
    .addUniqueConstraint('uq_metadef_tags_namespace_id_name', ['namespace_id', 'name'])
    .execute()
  await createIndexes(context, 'metadef_tags', { ix_metadef_tags_name: ['name'] })
}
