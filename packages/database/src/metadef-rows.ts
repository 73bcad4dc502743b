import {
  type Association,
  asciiJson,
  isStorableText,
  type MetadefNamespace,
  type MetadefObject,
  type MetadefProperty,
  type MetadefTag,
  type NamespaceFields,
  type NewMetadefObject,
  type NewMetadefProperty,
  type NewMetadefTag,
  storedDefinition,
  type Timed,
} from '@glance/service'
import type { Selectable } from 'kysely'
import type { Backend, Values } from './backend.ts'
import type {
  MetadefNamespaceResourceTypesTable,
  MetadefNamespacesTable,
  MetadefObjectsTable,
  MetadefPropertiesTable,
  MetadefTagsTable,
  StoredTime,
} from './schema.ts'
import { assertStorable } from './text.ts'
import type { Connection } from './transactions.ts'

/** A namespace with the key that what is in it refers to. */
export interface FoundNamespace {
  readonly id: number
  readonly namespace: MetadefNamespace
}

/** The namespace of a name, held for the transaction when it is to be changed or what is in it is; or null. */
export async function findNamespace(
  connection: Connection,
  backend: Backend,
  name: string,
  toWrite: boolean,
): Promise<FoundNamespace | null> {
  // A name that no database can hold is nobody's.
  if (!isStorableText(name)) return null
  const row = await connection
    .selectFrom('metadef_namespaces')
    .selectAll()
    .where('namespace', '=', name)
    .$if(toWrite && backend.rowLocks, (query) => query.forUpdate())
    .executeTakeFirst()
  return row ? { id: row.id, namespace: namespaceOf(row, backend.values) } : null
}

/** A namespace out of its row. What Glance leaves open is private and not protected. */
export function namespaceOf(row: Selectable<MetadefNamespacesTable>, values: Values): MetadefNamespace {
  return {
    namespace: row.namespace,
    displayName: row.display_name,
    description: row.description,
    visibility: row.visibility === 'public' ? 'public' : 'private',
    protected: row.protected !== null && values.readFlag(row.protected),
    owner: row.owner,
    ...timesOf(row, values),
  }
}

/** The columns of a namespace. @throws ServiceError INVALID for text that cannot be stored as it is */
export function namespaceColumns(fields: NamespaceFields, values: Values) {
  for (const text of [fields.namespace, fields.displayName, fields.description, fields.owner])
    assertStorable(text ?? '')
  return {
    namespace: fields.namespace,
    display_name: fields.displayName,
    description: fields.description,
    visibility: fields.visibility,
    protected: values.flag(fields.protected),
    owner: fields.owner,
  }
}

/** When a row was made and changed. Glance's tools leave the second open. */
export function timesOf(
  { created_at: created, updated_at: updated }: { created_at: StoredTime; updated_at: StoredTime | null },
  values: Values,
): Timed {
  return { createdAt: values.readTime(created), updatedAt: values.readTime(updated ?? created) }
}

/** How one kind of definition lies in its table. */
export interface ItemCodec<Row, New extends { readonly name: string }, Item extends New & Timed> {
  /** But for the keys and times, which all kinds have. */
  readonly columns: (item: New) => { readonly name: string } & Readonly<Record<string, string | null>>
  readonly read: (row: Row, values: Values) => Item
}

export const tagCodec: ItemCodec<Selectable<MetadefTagsTable>, NewMetadefTag, MetadefTag> = {
  columns: ({ name }) => ({ name }),
  read: (row, values) => ({ name: row.name, ...timesOf(row, values) }),
}

export const propertyCodec: ItemCodec<Selectable<MetadefPropertiesTable>, NewMetadefProperty, MetadefProperty> = {
  columns: ({ name, definition }) => ({ name, json_schema: asciiJson(definition) }),
  read: (row, values) => ({
    name: row.name,
    definition: storedDefinition(readJson(row.json_schema)),
    ...timesOf(row, values),
  }),
}

export const objectCodec: ItemCodec<Selectable<MetadefObjectsTable>, NewMetadefObject, MetadefObject> = {
  columns: ({ name, description, required, properties }) => ({
    name,
    description,
    required: required === null || required.length === 0 ? null : required.join(','),
    json_schema: asciiJson(Object.fromEntries(properties ?? [])),
  }),
  read: (row, values) => ({
    name: row.name,
    description: row.description,
    required: row.required ? row.required.split(',') : [],
    properties: new Map(
      Object.entries(readJson(row.json_schema) ?? {}).map(([name, value]) => [name, storedDefinition(value)]),
    ),
    ...timesOf(row, values),
  }),
}

/** An association out of its row and the name of its type. */
export function associationOf(
  row: Selectable<MetadefNamespaceResourceTypesTable> & { name: string },
  values: Values,
): Association {
  return { name: row.name, prefix: row.prefix, propertiesTarget: row.properties_target, ...timesOf(row, values) }
}

/** A JSON column; null for one that cannot be read, so that one bad row does not hide the others. */
function readJson(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}
