import type { FilterField, ImageFilter, ImageQuery } from '@glance/service'
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Values } from './backend.ts'
import type { AccessWay } from './image-access.ts'
import { sortExpression } from './image-order.ts'
import { isLive, unindexed } from './live.ts'
import { hasValue } from './rare-filters.ts'
import type { StoredTime } from './schema.ts'

const signs = { eq: '=', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

/** Columns that Glance has an index on, and that filters may test without being the way into the table. */
const indexed: readonly FilterField[] = ['owner', 'checksum', 'os_hash_value']

/** The conditions of a query's filters, properties and tags, for one way into the table. */
export function filterConditions(values: Values, query: ImageQuery, way: AccessWay): Expression<SqlBool>[] {
  return [
    ...query.filters.map((filter) => filterCondition(values, filter, way)),
    ...[...query.properties].map(([name, value]) => hasProperty(values, name, value)),
    ...query.tags.map((tag) => hasTag(values, tag)),
  ]
}

function filterCondition(values: Values, filter: ImageFilter, way: AccessWay): RawBuilder<SqlBool> {
  if (filter.field === 'created_at' || filter.field === 'updated_at') return timeCondition(values, filter, way)
  const operands = filter.values.map((value) => (typeof value === 'boolean' ? values.flag(value) : value))
  if (filter.field === 'name') return nameCondition(filter, operands, way)
  const column = `images.${filter.field}`
  const plain = filter === way.entry || (way.ordered && !indexed.includes(filter.field))
  return compare(plain ? sql.ref(column) : unindexed(column, null), filter, operands)
}

function compare(column: Expression<unknown>, filter: ImageFilter, operands: readonly unknown[]): RawBuilder<SqlBool> {
  if (operands.length === 0) return sql<SqlBool>`1 = 0`
  if (filter.operator === 'in') return sql<SqlBool>`${column} in (${sql.join(operands)})`
  if (filter.operator === 'neq') return sql<SqlBool>`(${column} <> ${operands[0]} or ${column} is null)`
  return sql<SqlBool>`${column} ${sql.raw(signs[filter.operator])} ${operands[0]}`
}

/** Written with the expression that the name indexes hold. There a missing name is the empty text; a filter tells the two apart. */
function nameCondition(filter: ImageFilter, operands: readonly unknown[], way: AccessWay): RawBuilder<SqlBool> {
  if (filter.operator === 'neq' || !way.ordered) return compare(sql.ref('images.name'), filter, operands)
  return sql<SqlBool>`(${compare(sortExpression('name'), filter, operands)} and ${sql.ref('images.name')} is not null)`
}

function timeCondition(values: Values, filter: ImageFilter, way: AccessWay): RawBuilder<SqlBool> {
  const key = filter.field === 'created_at' ? 'created_at' : 'updated_at'
  const expression = sortExpression(key) as RawBuilder<StoredTime>
  const column = way.ordered ? expression : unindexed(expression, null)
  const operator = filter.operator === 'in' ? 'eq' : filter.operator
  const conditions = filter.values.map((value) => {
    const at = value instanceof Date ? value : new Date(String(value))
    return values.compareTime(column, operator, at)
  })
  return conditions.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`(${sql.join(conditions, sql` or `)})`
}

function hasProperty(values: Values, name: string, value: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`exists (select 1 from image_properties where image_properties.image_id = ${sql.ref('images.id')}
    and image_properties.name = ${name} and ${hasValue(value)} and ${isLive(values, 'image_properties')})`
}

function hasTag(values: Values, tag: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`exists (select 1 from image_tags where image_tags.image_id = ${sql.ref('images.id')}
    and image_tags.value = ${tag} and ${isLive(values, 'image_tags')})`
}
