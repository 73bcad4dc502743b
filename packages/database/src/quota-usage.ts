import type { ImageStatus, Usage } from '@glance/service'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Backend } from './backend.ts'
import { isLive, unindexed } from './live.ts'
import type { Connection, Transactions } from './transactions.ts'

/** Images in these states are gone. */
const gone: readonly ImageStatus[] = ['killed', 'deleted']

/** Images in these states have data in the staging area. */
const staged: readonly ImageStatus[] = ['uploading', 'importing']

/** Holds, while data are copied into more stores, the names of those that are still to come. */
const copyingProperty = 'os_glance_importing_to_stores'

/** What projects use, counted over the images of one owner: the port `Usage` of the service. The way in is Glance's index of owners. */
export class DatabaseUsage implements Usage {
  readonly #transactions: Transactions
  readonly #backend: Backend

  constructor(transactions: Transactions, backend: Backend) {
    this.#transactions = transactions
    this.#backend = backend
  }

  storedBytes(owner: string | null, except: string | null): Promise<number> {
    const { values } = this.#backend
    const locations = sql<number>`(select count(*) from image_locations where image_locations.image_id = images.id
      and ${isLive(values, 'image_locations')} and ${unindexed('image_locations.status', 'active')} <> 'deleted')`
    return this.#sum(owner, sql`images.size * ${locations}`, [
      inNone(gone),
      sql`images.size > 0`,
      ...(except === null ? [] : [sql<SqlBool>`images.id <> ${except}`]),
    ])
  }

  stagedBytes(owner: string | null): Promise<number> {
    return this.#sum(owner, sql`images.size`, [
      inNone(gone),
      sql`images.size > 0`,
      sql`(${inAny(staged)} or ${this.#isCopied()})`,
    ])
  }

  imageCount(owner: string | null): Promise<number> {
    return this.#sum(owner, sql`1`, [inNone(gone)])
  }

  uploadingCount(owner: string | null): Promise<number> {
    return this.#sum(owner, sql`1`, [inNone(gone), sql`(${inAny(['saving', ...staged])} or ${this.#isCopied()})`])
  }

  #isCopied(): RawBuilder<SqlBool> {
    return sql`exists (select 1 from image_properties where image_properties.image_id = images.id
      and image_properties.name = ${copyingProperty} and image_properties.value <> ''
      and ${isLive(this.#backend.values, 'image_properties')})`
  }

  #sum(owner: string | null, what: RawBuilder<unknown>, conditions: readonly RawBuilder<SqlBool>[]): Promise<number> {
    const live = isLive(this.#backend.values, 'images')
    const owned = owner === null ? sql<SqlBool>`images.owner is null` : sql<SqlBool>`images.owner = ${owner}`
    const query = sql<{ total: unknown }>`select coalesce(sum(${what}), 0) as total from images
      where ${sql.join([owned, live, ...conditions], sql` and `)}`
    // Sums of big numbers come as texts from some database systems.
    return this.#transactions.read(async (connection: Connection) =>
      Number((await query.execute(connection)).rows[0]?.total ?? 0),
    )
  }
}

function inAny(statuses: readonly ImageStatus[]): RawBuilder<SqlBool> {
  return sql`${unindexed('images.status', '')} in (${sql.join(statuses)})`
}

function inNone(statuses: readonly ImageStatus[]): RawBuilder<SqlBool> {
  return sql`${unindexed('images.status', '')} not in (${sql.join(statuses)})`
}
