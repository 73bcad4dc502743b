import {
  type Association,
  isStorableText,
  type MetadefKind,
  type NewAssociation,
  type ResourceType,
  type Timed,
} from '@glance/service'
import type { Values } from './backend.ts'
import type { ItemRows } from './metadef-items.ts'
import { associationOf, type ItemCodec, timesOf } from './metadef-rows.ts'
import type { Connection } from './transactions.ts'

/** Tables whose rows are definitions: an id that counts up, the namespace's, a name and times, and what `ItemCodec` knows. */
type ItemTable = 'metadef_properties' | 'metadef_objects' | 'metadef_tags'

/** The rows of properties, of objects or of tags. */
export function tableRows<Row, New extends { readonly name: string }, Item extends New & Timed>(
  kind: MetadefKind,
  tableName: ItemTable,
  codec: ItemCodec<Row, New, Item>,
  values: Values,
): ItemRows<New, Item> {
  // kysely cannot type a table that is one of three. What is named below all three have, and the columns are the codec's.
  const table = tableName as 'metadef_tags'
  return {
    kind,
    async read(connection, namespaceId, name) {
      if (name !== null && !isStorableText(name)) return []
      const rows = connection
        .selectFrom(table)
        .selectAll()
        .where('namespace_id', '=', namespaceId)
        .$if(name !== null, (query) => query.where('name', '=', name ?? ''))
      const ordered =
        tableName === 'metadef_tags' ? rows.orderBy('created_at', 'desc').orderBy('id', 'desc') : rows.orderBy('name')
      return (await ordered.execute()).map((row) => codec.read(row as Row, values))
    },
    async insert(connection, namespaceId, item, now) {
      const at = values.time(now)
      await connection
        .insertInto(table)
        .values({ namespace_id: namespaceId, ...codec.columns(item), created_at: at, updated_at: at })
        .execute()
    },
    async update(connection, namespaceId, name, item, now) {
      await connection
        .updateTable(table)
        .set({ ...codec.columns(item), updated_at: values.time(now) })
        .where('namespace_id', '=', namespaceId)
        .where('name', '=', name)
        .execute()
    },
    async remove(connection, namespaceId, name) {
      await connection
        .deleteFrom(table)
        .where('namespace_id', '=', namespaceId)
        .$if(name !== null, (query) => query.where('name', '=', name ?? ''))
        .execute()
    },
  }
}

/** The rows of associations. An association has no name of its own but that of its type. */
export function associationRows(values: Values): ItemRows<NewAssociation, Association> {
  return {
    kind: 'association',
    read: async (connection, namespaceId, name) =>
      (await readAssociations(connection, values, [namespaceId], name)).get(namespaceId) ?? [],
    async insert(connection, namespaceId, { name, prefix, propertiesTarget }, now) {
      const at = values.time(now)
      const type = await typeId(connection, values, name, now)
      await connection
        .insertInto('metadef_namespace_resource_types')
        .values({
          namespace_id: namespaceId,
          resource_type_id: type,
          prefix,
          properties_target: propertiesTarget,
          created_at: at,
          updated_at: at,
        })
        .execute()
    },
    async update(connection, namespaceId, name, { prefix, propertiesTarget }, now) {
      await connection
        .updateTable('metadef_namespace_resource_types')
        .set({ prefix, properties_target: propertiesTarget, updated_at: values.time(now) })
        .where('namespace_id', '=', namespaceId)
        .where('resource_type_id', 'in', (query) =>
          query.selectFrom('metadef_resource_types').select('id').where('name', '=', name),
        )
        .execute()
    },
    async remove(connection, namespaceId, name) {
      await connection
        .deleteFrom('metadef_namespace_resource_types')
        .where('namespace_id', '=', namespaceId)
        .$if(name !== null, (query) =>
          query.where('resource_type_id', 'in', (types) =>
            types
              .selectFrom('metadef_resource_types')
              .select('id')
              .where('name', '=', name ?? ''),
          ),
        )
        .execute()
    },
  }
}

/** Associations of several namespaces, by their keys, oldest first. @param name - of a type; null for all */
export async function readAssociations(
  connection: Connection,
  values: Values,
  namespaceIds: readonly number[],
  name: string | null = null,
): Promise<ReadonlyMap<number, readonly Association[]>> {
  if (namespaceIds.length === 0 || (name !== null && !isStorableText(name))) return new Map()
  const rows = await connection
    .selectFrom('metadef_namespace_resource_types as association')
    .innerJoin('metadef_resource_types as type', 'type.id', 'association.resource_type_id')
    .selectAll('association')
    .select('type.name')
    .where('association.namespace_id', 'in', namespaceIds)
    .$if(name !== null, (query) => query.where('type.name', '=', name ?? ''))
    .orderBy('association.created_at')
    .orderBy('association.resource_type_id')
    .execute()
  const found = Map.groupBy(rows, (row) => row.namespace_id)
  return new Map([...found].map(([id, own]) => [id, own.map((row) => associationOf(row, values))]))
}

/** Every type of resources, oldest first. */
export async function readResourceTypes(connection: Connection, values: Values): Promise<readonly ResourceType[]> {
  const rows = await connection.selectFrom('metadef_resource_types').selectAll().orderBy('id').execute()
  return rows.map((row) => ({ name: row.name, ...timesOf(row, values) }))
}

/** The key of a type of resources, which comes into being when it is named first. */
async function typeId(connection: Connection, values: Values, name: string, now: Date): Promise<number> {
  const types = connection.selectFrom('metadef_resource_types').select('id').where('name', '=', name)
  const present = await types.executeTakeFirst()
  if (present) return present.id
  const at = values.time(now)
  await connection
    .insertInto('metadef_resource_types')
    .values({ name, protected: values.flag(false), created_at: at, updated_at: at })
    .execute()
  return (await types.executeTakeFirstOrThrow()).id
}
