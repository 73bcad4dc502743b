import {
  type Contents,
  type ListedNamespace,
  type LoadMode,
  type MetadefNamespace,
  type Metadefs,
  type NamespaceFields,
  type NamespaceQuery,
  type NewContents,
  namespaceTaken,
  type ResourceType,
  type Timed,
} from '@glance/service'
import type { Backend } from './backend.ts'
import { laterThan } from './later-than.ts'
import { associationRows, readAssociations, readResourceTypes, tableRows } from './metadef-item-rows.ts'
import { DatabaseMetadefItems, type ItemRows, insertItems } from './metadef-items.ts'
import { listNamespaceRows } from './metadef-query.ts'
import {
  type FoundNamespace,
  findNamespace,
  namespaceColumns,
  namespaceOf,
  objectCodec,
  propertyCodec,
  tagCodec,
} from './metadef-rows.ts'
import type { Connection, Transactions } from './transactions.ts'

/** Tables of definitions in the order in which Glance empties them: what refers before what is referred to. */
const tables = [
  'metadef_properties',
  'metadef_objects',
  'metadef_tags',
  'metadef_namespace_resource_types',
  'metadef_namespaces',
  'metadef_resource_types',
] as const

/** The metadata definitions in a Glance database: the port `Metadefs` of the service. Rows are deleted for real. */
export class DatabaseMetadefs implements Metadefs {
  readonly associations: Metadefs['associations']
  readonly properties: Metadefs['properties']
  readonly objects: Metadefs['objects']
  readonly tags: Metadefs['tags']
  readonly #transactions: Transactions
  readonly #backend: Backend
  readonly #rows: ReturnType<typeof rowsOf>

  constructor(transactions: Transactions, backend: Backend) {
    this.#transactions = transactions
    this.#backend = backend
    const rows = rowsOf(backend)
    this.#rows = rows
    this.associations = new DatabaseMetadefItems(transactions, backend, rows.associations)
    this.properties = new DatabaseMetadefItems(transactions, backend, rows.properties)
    this.objects = new DatabaseMetadefItems(transactions, backend, rows.objects)
    this.tags = new DatabaseMetadefItems(transactions, backend, rows.tags)
  }

  find(name: string): Promise<{ readonly namespace: MetadefNamespace; readonly contents: Contents } | null> {
    return this.#transactions.read(async (connection) => {
      const found = await findNamespace(connection, this.#backend, name, false)
      if (!found) return null
      const contents = {
        associations: await this.#rows.associations.read(connection, found.id, null),
        properties: await this.#rows.properties.read(connection, found.id, null),
        objects: await this.#rows.objects.read(connection, found.id, null),
        tags: await this.#rows.tags.read(connection, found.id, null),
      }
      return { namespace: found.namespace, contents }
    })
  }

  list(query: NamespaceQuery): Promise<readonly ListedNamespace[] | null> {
    const { values } = this.#backend
    return this.#transactions.read(async (connection) => {
      const rows = await listNamespaceRows(connection, query)
      if (!rows) return null
      const ids = rows.map(({ id }) => id)
      const associations = await readAssociations(connection, values, ids)
      return rows.map((row) => ({ namespace: namespaceOf(row, values), associations: associations.get(row.id) ?? [] }))
    })
  }

  insert(namespace: NamespaceFields, contents: NewContents, now: Date): Promise<MetadefNamespace> {
    return this.#transactions.write(async (connection) => {
      const inserted = await this.#insertNamespace(connection, namespace, now)
      await this.#insertContents(connection, inserted, contents, now)
      return inserted.namespace
    })
  }

  change(
    name: string,
    now: Date,
    decide: (namespace: MetadefNamespace) => NamespaceFields,
  ): Promise<MetadefNamespace | null> {
    return this.#transactions.write(async (connection) => {
      const found = await findNamespace(connection, this.#backend, name, true)
      if (!found) return null
      const fields = decide(found.namespace)
      return await this.#updateNamespace(connection, found, fields, now)
    })
  }

  remove(name: string, permit: (namespace: MetadefNamespace) => void): Promise<boolean> {
    return this.#transactions.write(async (connection) => {
      const found = await findNamespace(connection, this.#backend, name, true)
      if (!found) return false
      permit(found.namespace)
      await this.#removeNamespace(connection, found)
      return true
    })
  }

  resourceTypes(): Promise<readonly ResourceType[]> {
    return this.#transactions.read((connection) => readResourceTypes(connection, this.#backend.values))
  }

  load(namespace: NamespaceFields, contents: NewContents, now: Date, mode: LoadMode): Promise<boolean> {
    return this.#transactions.write(async (connection) => {
      const found = await findNamespace(connection, this.#backend, namespace.namespace, true)
      if (found && mode === 'skip') return false
      if (found && mode !== 'overwrite') {
        if (mode === 'prefer-new') await this.#updateNamespace(connection, found, namespace, now)
        await this.#merge(connection, found, contents, now, mode === 'prefer-new')
        return false
      }
      if (found) await this.#removeNamespace(connection, found)
      const inserted = await this.#insertNamespace(connection, namespace, now)
      await this.#insertContents(connection, inserted, contents, now)
      return !found
    })
  }

  names(): Promise<readonly string[]> {
    return this.#transactions.read(async (connection) => {
      const rows = await connection.selectFrom('metadef_namespaces').select('namespace').orderBy('namespace').execute()
      return rows.map(({ namespace }) => namespace)
    })
  }

  clear(): Promise<number> {
    return this.#transactions.write(async (connection) => {
      const { count } = await connection
        .selectFrom('metadef_namespaces')
        .select(({ fn }) => fn.countAll<number | bigint | string>().as('count'))
        .executeTakeFirstOrThrow()
      for (const table of tables) await connection.deleteFrom(table).execute()
      return Number(count)
    })
  }

  async #insertNamespace(connection: Connection, fields: NamespaceFields, now: Date): Promise<FoundNamespace> {
    const at = this.#backend.values.time(now)
    const row = { ...namespaceColumns(fields, this.#backend.values), created_at: at, updated_at: at }
    await this.#refusingTwin(fields, () => connection.insertInto('metadef_namespaces').values(row).execute())
    const inserted = await findNamespace(connection, this.#backend, fields.namespace, false)
    if (!inserted) throw new Error('a namespace vanished inside its own transaction')
    return inserted
  }

  async #updateNamespace(
    connection: Connection,
    { id, namespace }: FoundNamespace,
    fields: NamespaceFields,
    now: Date,
  ): Promise<MetadefNamespace> {
    const { values } = this.#backend
    const updatedAt = laterThan(namespace.updatedAt, now)
    const row = { ...namespaceColumns(fields, values), updated_at: values.time(updatedAt) }
    await this.#refusingTwin(fields, () =>
      connection.updateTable('metadef_namespaces').set(row).where('id', '=', id).execute(),
    )
    return { ...fields, createdAt: namespace.createdAt, updatedAt }
  }

  async #removeNamespace(connection: Connection, { id }: FoundNamespace): Promise<void> {
    for (const rows of Object.values(this.#rows)) await rows.remove(connection, id, null)
    await connection.deleteFrom('metadef_namespaces').where('id', '=', id).execute()
  }

  async #insertContents(
    connection: Connection,
    found: FoundNamespace,
    { associations, properties, objects, tags }: NewContents,
    now: Date,
  ): Promise<void> {
    const backend = this.#backend
    await insertItems(this.#rows.associations, connection, backend, found, associations ?? [], now)
    await insertItems(this.#rows.objects, connection, backend, found, objects ?? [], now)
    await insertItems(this.#rows.tags, connection, backend, found, tags ?? [], now)
    await insertItems(this.#rows.properties, connection, backend, found, properties ?? [], now)
  }

  /** Adds what is missing, and puts the new in the place of the old if that is wanted. */
  async #merge(
    connection: Connection,
    found: FoundNamespace,
    contents: NewContents,
    now: Date,
    preferNew: boolean,
  ): Promise<void> {
    const missing = async <New extends { readonly name: string }, Item extends New & Timed>(
      rows: ItemRows<New, Item>,
      items: readonly New[] | null,
    ): Promise<readonly New[]> => {
      const present = new Set((await rows.read(connection, found.id, null)).map(({ name }) => name))
      for (const item of items ?? [])
        if (preferNew && present.has(item.name)) await rows.update(connection, found.id, item.name, item, now)
      return (items ?? []).filter(({ name }) => !present.has(name))
    }
    await this.#insertContents(
      connection,
      found,
      {
        associations: await missing(this.#rows.associations, contents.associations),
        objects: await missing(this.#rows.objects, contents.objects),
        tags: await missing(this.#rows.tags, contents.tags),
        properties: await missing(this.#rows.properties, contents.properties),
      },
      now,
    )
  }

  async #refusingTwin({ namespace }: NamespaceFields, write: () => Promise<unknown>): Promise<void> {
    try {
      await write()
    } catch (error) {
      if (this.#backend.failureOf(error)?.kind !== 'duplicate') throw error
      throw namespaceTaken(namespace)
    }
  }
}

function rowsOf({ values }: Backend) {
  return {
    associations: associationRows(values),
    properties: tableRows('property', 'metadef_properties', propertyCodec, values),
    objects: tableRows('object', 'metadef_objects', objectCodec, values),
    tags: tableRows('tag', 'metadef_tags', tagCodec, values),
  }
}
