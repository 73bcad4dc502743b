import type { Logger } from '@glance/core'
import SqliteDatabase from 'better-sqlite3'
import { sql } from 'kysely'
import type { Backend } from './backend.ts'
import type { SqliteAddress } from './connection-url.ts'
import { unavailable } from './errors.ts'
import { HandleDialect } from './sqlite-dialect.ts'
import { sqliteFailure } from './sqlite-errors.ts'
import { sqliteValues } from './sqlite-values.ts'

/**
 * Opens an SQLite file, making it when it does not exist.
 *
 * Settings of the connection, and why:
 * - `synchronous=FULL`: a commit is on the disk before it is acknowledged. With NORMAL, SQLite's usual choice beside a write-ahead log, a
 *   power cut takes back the last commits: a finished upload would be `saving` again, its data deleted at the next start.
 * - `foreign_keys=OFF`: Glance leaves them off in SQLite, so its rows need not satisfy them.
 * - no waiting inside SQLite: that would stop the whole process. `Transactions` waits instead, for as long as the address says.
 *
 * @throws ServiceError UNAVAILABLE when the file cannot be opened
 */
export function openSqlite(address: SqliteAddress, logger: Logger): Backend {
  try {
    const handle = new SqliteDatabase(address.path ?? ':memory:', { timeout: 0 })
    handle.pragma('foreign_keys = OFF')
    handle.pragma('synchronous = FULL')
    handle.pragma('temp_store = MEMORY')
    handle.pragma('cache_size = -32000')
    return sqliteBackend(handle, address.timeoutMs, logger)
  } catch (error) {
    const failure = sqliteFailure(error)
    if (failure === null) throw error
    throw unavailable(failure, error)
  }
}

/** The backend over an open handle, which it owns from now on. */
export function sqliteBackend(handle: SqliteDatabase.Database, patienceMs: number, logger: Logger): Backend {
  return {
    dialect: new HandleDialect(handle),
    values: sqliteValues,
    columnTypes: {
      time: 'datetime',
      flag: 'boolean',
      falseDefault: sql`0`,
      visibility: 'varchar(9)',
      // A primary key of exactly this type counts up by itself in SQLite, and no other type does.
      counter: 'integer',
      bigCounter: 'integer',
      counting: (column) => column,
    },
    rowLocks: false,
    patienceMs,
    // Rows are numbered in the order in which they come; purged ones leave gaps.
    roughCount: (table) => sql`select max(rowid) as count from ${sql.table(table)}`,
    failureOf: sqliteFailure,
    prepareForWriting: () => {
      if (handle.memory) return
      const mode = handle.pragma('journal_mode = WAL', { simple: true })
      // Some file systems have no shared memory. The database works without the log, but readers then wait for writers.
      if (mode !== 'wal') logger.warn({ journalMode: mode }, 'database file takes no write-ahead log')
      handle.pragma(`journal_size_limit = ${64 * 1024 * 1024}`)
    },
  }
}
