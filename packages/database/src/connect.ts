import { type Logger, noopLogger } from '@glance/core'
import type { Images, Members, Metadefs, Usage } from '@glance/service'
import { Kysely } from 'kysely'
import { parseConnection } from './connection-url.ts'
import { DatabaseImages } from './images.ts'
import { DatabaseMembers } from './member-records.ts'
import { DatabaseMetadefs } from './metadefs.ts'
import { bringToHead, readRevision } from './migrations/index.ts'
import { DatabaseUsage } from './quota-usage.ts'
import type { Tables } from './schema.ts'
import { openSqlite } from './sqlite.ts'
import { Transactions } from './transactions.ts'

/** What `openDatabase` needs. */
export interface DatabaseSettings {
  /** Where the database is, as Glance's `[database] connection` has it: `sqlite:////absolute/path`, `sqlite:///relative/path`, `sqlite://`. */
  readonly connection: string
  readonly logger?: Logger
}

/**
 * Opens the database of a deployment, making the schema or taking it over from Glance.
 *
 * @throws DatabaseSetupError when the connection string or the schema is not one that this release works with; nothing is changed then
 * @throws ServiceError UNAVAILABLE when the database cannot be opened
 */
export async function openDatabase({ connection, logger = noopLogger }: DatabaseSettings): Promise<Database> {
  const address = parseConnection(connection)
  if (address.ignored.length > 0) {
    logger.warn({ parameters: address.ignored }, 'parameters of the database connection have no meaning here')
  }
  const backend = openSqlite(address, logger)
  const transactions = new Transactions(new Kysely<Tables>({ dialect: backend.dialect }), backend)
  try {
    await bringToHead(transactions, backend)
  } catch (error) {
    await transactions.close()
    throw error
  }
  return new Database(transactions, {
    images: new DatabaseImages(transactions, backend),
    members: new DatabaseMembers(transactions, backend),
    usage: new DatabaseUsage(transactions, backend),
    metadefs: new DatabaseMetadefs(transactions, backend),
  })
}

/** An open database. Belongs to whoever opened it, who closes it. */
export class Database {
  readonly images: Images
  readonly members: Members
  readonly usage: Usage
  readonly metadefs: Metadefs
  readonly #transactions: Transactions

  constructor(transactions: Transactions, ports: Pick<Database, 'images' | 'members' | 'usage' | 'metadefs'>) {
    this.#transactions = transactions
    this.images = ports.images
    this.members = ports.members
    this.usage = ports.usage
    this.metadefs = ports.metadefs
  }

  /** The revision of the schema in Glance's counting, e.g. `2024_1_contract01`. @throws ServiceError UNAVAILABLE */
  schemaVersion(): Promise<string> {
    return this.#transactions.read(readRevision)
  }

  /** Ends the work under way and closes the database; later calls reject with UNAVAILABLE. May be called twice. */
  close(): Promise<void> {
    return this.#transactions.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
