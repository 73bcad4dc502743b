import type SqliteDatabase from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type TransactionSettings,
} from 'kysely'

/** Statements kept ready. A page of each length is one of its own, so the number has to be bounded. */
const preparedLimit = 300

/**
 * Kysely over one better-sqlite3 handle.
 *
 * Other than kysely's own SQLite dialect it begins writing transactions with `begin immediate`, so that what a transaction read is still
 * true when it writes, and keeps prepared statements. Kysely hands the one connection to one user at a time. The handle stays the
 * caller's until `destroy` of kysely closes it.
 */
export class HandleDialect implements Dialect {
  readonly #handle: SqliteDatabase.Database

  constructor(handle: SqliteDatabase.Database) {
    this.#handle = handle
  }

  createAdapter(): DialectAdapter {
    return new SqliteAdapter()
  }

  createDriver(): Driver {
    return new HandleDriver(this.#handle)
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db)
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler()
  }
}

class HandleDriver implements Driver {
  readonly #handle: SqliteDatabase.Database
  readonly #connection: HandleConnection

  constructor(handle: SqliteDatabase.Database) {
    this.#handle = handle
    this.#connection = new HandleConnection(handle)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const begin = settings.accessMode === 'read only' ? 'begin' : 'begin immediate'
    await connection.executeQuery(CompiledQuery.raw(begin))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // SQLite itself ends a transaction on a full disk and the like; a second end would hide the error that tells why.
    if (this.#handle.inTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#handle.close()
  }
}

class HandleConnection implements DatabaseConnection {
  readonly #handle: SqliteDatabase.Database
  readonly #prepared = new Map<string, SqliteDatabase.Statement<unknown[]>>()

  constructor(handle: SqliteDatabase.Database) {
    this.#handle = handle
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = this.#prepare(query.sql)
    if (statement.reader) {
      // Kysely's types say what a row looks like; the statement was made from the same query.
      return { rows: statement.all(...query.parameters) as Row[] }
    }
    const { changes, lastInsertRowid } = statement.run(...query.parameters)
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query)
  }

  #prepare(text: string): SqliteDatabase.Statement<unknown[]> {
    const known = this.#prepared.get(text)
    if (known !== undefined) {
      // Back to the end of the queue: the first in the map is the one not used for longest.
      this.#prepared.delete(text)
      this.#prepared.set(text, known)
      return known
    }
    const statement = this.#handle.prepare<unknown[]>(text)
    this.#prepared.set(text, statement)
    if (this.#prepared.size > preparedLimit) {
      for (const oldest of this.#prepared.keys()) {
        this.#prepared.delete(oldest)
        break
      }
    }
    return statement
  }
}
