import type { NamespaceQuery } from '@glance/service'
import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely'
import type { MetadefNamespacesTable } from './schema.ts'
import type { Connection } from './transactions.ts'

/**
 * One page of namespaces, or null when the marker does not exist or is not the viewer's to know.
 *
 * There are dozens of them, hundreds at most, so that no index is wanted for the order.
 */
export async function listNamespaceRows(
  connection: Connection,
  { viewer, visibility, resourceTypes, key, direction, limit, marker }: NamespaceQuery,
): Promise<readonly Selectable<MetadefNamespacesTable>[] | null> {
  const order = orderOf(key)
  const start = marker === null ? null : await positionOf(connection, order, marker, viewer)
  if (marker !== null && !start) return null
  const sign = sql.raw(direction === 'asc' ? '>' : '<')
  return await connection
    .selectFrom('metadef_namespaces')
    .selectAll()
    .where(isSeenBy(viewer))
    // Glance's tools leave the visibility of what is private open.
    .$if(visibility !== null, (query) =>
      query.where(
        sql<SqlBool>`(case when ${sql.ref('visibility')} = 'public' then 'public' else 'private' end) = ${visibility}`,
      ),
    )
    .$if(resourceTypes !== null, (query) =>
      query.where('id', 'in', (associations) =>
        associations
          .selectFrom('metadef_namespace_resource_types')
          .innerJoin('metadef_resource_types', 'metadef_resource_types.id', 'resource_type_id')
          .select('namespace_id')
          .where('name', 'in', resourceTypes ?? []),
      ),
    )
    .$if(start !== null, (query) => query.where(sql<SqlBool>`(${sql.join(order)}) ${sign} (${sql.join(start ?? [])})`))
    .orderBy(sql.join(order.map((step) => sql`${step} ${sql.raw(direction)}`)))
    .limit(limit)
    .execute()
}

/** What `isNamespaceVisible` of the service says, in SQL. */
function isSeenBy({ project, admin }: NamespaceQuery['viewer']): RawBuilder<SqlBool> {
  if (admin) return sql<SqlBool>`1 = 1`
  const isPublic = sql<SqlBool>`${sql.ref('visibility')} = 'public'`
  return project === null ? isPublic : sql<SqlBool>`(${isPublic} or ${sql.ref('owner')} = ${project})`
}

/** What a list is sorted by, step by step. What is open counts as the empty text, and what never changed as changed when it was made. */
function orderOf(key: NamespaceQuery['key']): readonly RawBuilder<unknown>[] {
  const made = [sql`${sql.ref('created_at')}`, sql`${sql.ref('id')}`]
  const column = sql.ref(key)
  if (key === 'created_at' || key === 'id') return made
  if (key === 'updated_at') return [sql`coalesce(${column}, ${sql.ref('created_at')})`, ...made]
  if (key === 'protected') return [sql`case when ${column} then 1 else 0 end`, ...made]
  return [sql`coalesce(${column}, '')`, ...made]
}

/** The values of one namespace at each step of an order, as the database holds them; null when there is none that the viewer sees. */
async function positionOf(
  connection: Connection,
  order: readonly RawBuilder<unknown>[],
  name: string,
  viewer: NamespaceQuery['viewer'],
): Promise<readonly unknown[] | null> {
  const row = await connection
    .selectFrom('metadef_namespaces')
    .select(order.map((step, at) => step.as(`step${at}`)))
    .where('namespace', '=', name)
    .where(isSeenBy(viewer))
    .executeTakeFirst()
  return row ? order.map((_step, at) => (row as Readonly<Record<string, unknown>>)[`step${at}`]) : null
}
