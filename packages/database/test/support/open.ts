import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { noopLogger } from '@glance/core'
import type { Images, Members, Metadefs, Usage } from '@glance/service'
import SqliteDatabase from 'better-sqlite3'
import { type CompiledQuery, Kysely } from 'kysely'
import { DatabaseImages } from '../../src/images.ts'
import { DatabaseMembers } from '../../src/member-records.ts'
import { DatabaseMetadefs } from '../../src/metadefs.ts'
import { bringToHead } from '../../src/migrations/index.ts'
import { DatabaseUsage } from '../../src/quota-usage.ts'
import type { Tables } from '../../src/schema.ts'
import { sqliteBackend } from '../../src/sqlite.ts'
import { Transactions } from '../../src/transactions.ts'

/** A folder that goes away with the scope. */
export interface Folder extends AsyncDisposable {
  file(name: string): string
}

/** Makes a folder for database files. */
export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'glance-database-'))
  return {
    file: (name) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

/** Records over a handle that the test can look into and write to as Glance would. */
export interface OpenImages extends AsyncDisposable {
  readonly images: Images
  readonly members: Members
  readonly usage: Usage
  readonly metadefs: Metadefs
  readonly handle: SqliteDatabase.Database
  /** Every query that ran since the last call. */
  takeQueries(): CompiledQuery[]
}

/** Opens records over a handle; a database in memory unless a handle is given, which is closed with the records. */
export async function openImages(
  handle: SqliteDatabase.Database = new SqliteDatabase(':memory:'),
  { migrate = true, patienceMs = 0 }: { readonly migrate?: boolean; readonly patienceMs?: number } = {},
): Promise<OpenImages> {
  let queries: CompiledQuery[] = []
  handle.pragma('foreign_keys = OFF')
  const backend = sqliteBackend(handle, patienceMs, noopLogger)
  const kysely = new Kysely<Tables>({ dialect: backend.dialect, log: ({ query }) => void queries.push(query) })
  const transactions = new Transactions(kysely, backend)
  if (migrate) await bringToHead(transactions, backend)
  return {
    images: new DatabaseImages(transactions, backend),
    members: new DatabaseMembers(transactions, backend),
    usage: new DatabaseUsage(transactions, backend),
    metadefs: new DatabaseMetadefs(transactions, backend),
    handle,
    takeQueries: () => {
      const taken = queries
      queries = []
      return taken
    },
    [Symbol.asyncDispose]: () => transactions.close(),
  }
}
