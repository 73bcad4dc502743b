import { itemTaken, type MetadefItems, type MetadefKind, type MetadefNamespace, type Timed } from '@glance/service'
import type { Backend } from './backend.ts'
import { laterThan } from './later-than.ts'
import { type FoundNamespace, findNamespace } from './metadef-rows.ts'
import type { Connection, Transactions } from './transactions.ts'

/** The rows of one kind of definition. Everything happens in the transaction that is passed in. */
export interface ItemRows<New extends { readonly name: string }, Item extends New & Timed> {
  readonly kind: MetadefKind
  /** In the order of the port. @param name - null for all */
  read(connection: Connection, namespaceId: number, name: string | null): Promise<readonly Item[]>
  /** @throws what the database throws when the name is taken */
  insert(connection: Connection, namespaceId: number, item: New, now: Date): Promise<void>
  update(connection: Connection, namespaceId: number, name: string, item: New, now: Date): Promise<void>
  /** @param name - null for all */
  remove(connection: Connection, namespaceId: number, name: string | null): Promise<void>
}

/** Adds items. @throws ServiceError CONFLICT for a name that is taken */
export async function insertItems<New extends { readonly name: string }, Item extends New & Timed>(
  rows: ItemRows<New, Item>,
  connection: Connection,
  backend: Backend,
  { id, namespace }: FoundNamespace,
  items: readonly New[],
  now: Date,
): Promise<void> {
  for (const item of items)
    await refusingTwins(rows.kind, item.name, namespace, backend, () => rows.insert(connection, id, item, now))
}

/** The definitions of one kind in a Glance database: the port `MetadefItems` of the service. */
export class DatabaseMetadefItems<New extends { readonly name: string }, Item extends New & Timed>
  implements MetadefItems<New, Item>
{
  readonly #transactions: Transactions
  readonly #backend: Backend
  readonly #rows: ItemRows<New, Item>

  constructor(transactions: Transactions, backend: Backend, rows: ItemRows<New, Item>) {
    this.#transactions = transactions
    this.#backend = backend
    this.#rows = rows
  }

  list(name: string): Promise<{ readonly namespace: MetadefNamespace; readonly items: readonly Item[] } | null> {
    return this.#transactions.read(async (connection) => {
      const found = await findNamespace(connection, this.#backend, name, false)
      return found && { namespace: found.namespace, items: await this.#rows.read(connection, found.id, null) }
    })
  }

  find(
    namespace: string,
    name: string,
  ): Promise<{ readonly namespace: MetadefNamespace; readonly item: Item | null } | null> {
    return this.#transactions.read(async (connection) => {
      const found = await findNamespace(connection, this.#backend, namespace, false)
      return found && { namespace: found.namespace, item: await this.#one(connection, found, name) }
    })
  }

  add(
    namespace: string,
    items: readonly New[],
    now: Date,
    permit: (namespace: MetadefNamespace) => void,
    instead = false,
  ): Promise<readonly Item[] | null> {
    return this.#change(namespace, permit, async (connection, found) => {
      if (instead) await this.#rows.remove(connection, found.id, null)
      await insertItems(this.#rows, connection, this.#backend, found, items, now)
      // As they were given: what was not is null, though it will be read as empty.
      return items.map((item) => ({ ...item, createdAt: now, updatedAt: now }) as unknown as Item)
    })
  }

  replace(
    namespace: string,
    name: string,
    item: New,
    now: Date,
    permit: (namespace: MetadefNamespace) => void,
  ): Promise<Item | 'missing' | null> {
    return this.#change(namespace, permit, async (connection, found) => {
      const present = await this.#one(connection, found, name)
      if (!present) return 'missing'
      const at = laterThan(present.updatedAt, now)
      await refusingTwins(this.#rows.kind, item.name, found.namespace, this.#backend, () =>
        this.#rows.update(connection, found.id, name, item, at),
      )
      return { ...item, createdAt: present.createdAt, updatedAt: at } as unknown as Item
    })
  }

  remove(
    namespace: string,
    name: string,
    permit: (namespace: MetadefNamespace, item: Item | null) => void,
  ): Promise<boolean | null> {
    const all = (): void => {}
    return this.#change(namespace, all, async (connection, found) => {
      const item = await this.#one(connection, found, name)
      permit(found.namespace, item)
      if (item) await this.#rows.remove(connection, found.id, name)
      return item !== null
    })
  }

  clear(namespace: string, permit: (namespace: MetadefNamespace) => void): Promise<true | null> {
    return this.#change(namespace, permit, async (connection, found) => {
      await this.#rows.remove(connection, found.id, null)
      return true as const
    })
  }

  async #one(connection: Connection, { id }: FoundNamespace, name: string): Promise<Item | null> {
    return (await this.#rows.read(connection, id, name))[0] ?? null
  }

  /** Work on a namespace that is held meanwhile, after permission. */
  #change<T>(
    name: string,
    permit: (namespace: MetadefNamespace) => void,
    work: (connection: Connection, found: FoundNamespace) => Promise<T>,
  ): Promise<T | null> {
    return this.#transactions.write(async (connection) => {
      const found = await findNamespace(connection, this.#backend, name, true)
      if (!found) return null
      permit(found.namespace)
      return await work(connection, found)
    })
  }
}

/** What makes two names one, such as their case, is the database's to say. */
async function refusingTwins(
  kind: MetadefKind,
  name: string,
  { namespace }: MetadefNamespace,
  backend: Backend,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write()
  } catch (error) {
    if (backend.failureOf(error)?.kind !== 'duplicate') throw error
    throw itemTaken(kind, name, namespace)
  }
}
