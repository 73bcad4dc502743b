import SqliteDatabase from 'better-sqlite3'
import type { Failure } from './errors.ts'

/** Primary result codes of SQLite ("Result and Error Codes") by what they mean here. Extended codes begin with their primary code. */
const failures: readonly (readonly [code: string, failure: Failure])[] = [
  ['SQLITE_BUSY', { kind: 'busy', message: 'the database is locked by another process' }],
  ['SQLITE_LOCKED', { kind: 'busy', message: 'the database is locked by another process' }],
  ['SQLITE_CONSTRAINT_PRIMARYKEY', { kind: 'duplicate', message: 'a record with this key exists already' }],
  ['SQLITE_CONSTRAINT_UNIQUE', { kind: 'duplicate', message: 'a record with this key exists already' }],
  ['SQLITE_CORRUPT', { kind: 'unavailable', message: 'the database file is damaged' }],
  ['SQLITE_NOTADB', { kind: 'unavailable', message: 'the database file is not an SQLite database' }],
  ['SQLITE_READONLY', { kind: 'unavailable', message: 'the database cannot be written' }],
  ['SQLITE_FULL', { kind: 'unavailable', message: 'there is no space left for the database' }],
  ['SQLITE_CANTOPEN', { kind: 'unavailable', message: 'the database file cannot be opened' }],
  ['SQLITE_PERM', { kind: 'unavailable', message: 'the database file cannot be opened' }],
  ['SQLITE_AUTH', { kind: 'unavailable', message: 'the database file cannot be opened' }],
  ['SQLITE_IOERR', { kind: 'unavailable', message: 'the database file cannot be read or written' }],
  ['SQLITE_PROTOCOL', { kind: 'unavailable', message: 'the database file cannot be locked' }],
  ['SQLITE_NOLFS', { kind: 'unavailable', message: 'the database file is too large for its file system' }],
  ['SQLITE_NOMEM', { kind: 'unavailable', message: 'there is no memory left for the database' }],
]

/** What an error of better-sqlite3 means; null for any other error and for codes that only a mistake in our own SQL can cause. */
export function sqliteFailure(error: unknown): Failure | null {
  if (!(error instanceof SqliteDatabase.SqliteError)) return missingFolder(error)
  const entry = failures.find(([code]) => error.code === code || error.code.startsWith(`${code}_`))
  return entry === undefined ? null : entry[1]
}

/** better-sqlite3 looks for the folder itself before SQLite can, and throws a TypeError. */
function missingFolder(error: unknown): Failure | null {
  const missing = error instanceof TypeError && error.message.includes('directory does not exist')
  return missing ? { kind: 'unavailable', message: 'the folder of the database file does not exist' } : null
}
