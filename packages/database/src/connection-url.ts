import { DatabaseSetupError } from './errors.ts'

/** An SQLite database as a connection string names it. */
export interface SqliteAddress {
  /** Path of the file, relative to the working directory or absolute; null for a database in memory. */
  readonly path: string | null
  /** How long to wait for another writer, in milliseconds. */
  readonly timeoutMs: number
  /** Parameters that were given and mean nothing here. */
  readonly ignored: readonly string[]
}

/** What Python's sqlite3 waits unless told otherwise, so a database moved over from Glance behaves the same. */
const defaultTimeoutMs = 5000

/**
 * Reads a connection string in SQLAlchemy's form: `sqlite:////absolute/path`, `sqlite:///relative/path`, `sqlite://` for memory.
 *
 * The path is taken as it stands up to a `?`, without percent decoding, as SQLAlchemy does. `?timeout=` is in seconds, as in Python's
 * sqlite3; other parameters steer the Python driver and are only listed.
 *
 * @throws DatabaseSetupError for any other database system or form; the message holds no part of the string but its scheme
 */
export function parseConnection(connection: string): SqliteAddress {
  const scheme = /^([a-z0-9]+)(?:\+[a-z0-9_]+)?:\/\//i.exec(connection)
  const system = scheme?.[1]?.toLowerCase()
  if (scheme === null || system === undefined) {
    throw new DatabaseSetupError('the database connection must look like sqlite:////absolute/path/glance.sqlite')
  }
  if (system !== 'sqlite') {
    throw new DatabaseSetupError(
      `this release keeps its records in SQLite only: the database connection begins with ${system}, it must begin with sqlite:///`,
    )
  }
  const rest = connection.slice(scheme[0].length)
  const mark = rest.indexOf('?')
  const parameters = new URLSearchParams(mark === -1 ? '' : rest.slice(mark + 1))
  return {
    path: parsePath(mark === -1 ? rest : rest.slice(0, mark)),
    timeoutMs: parseTimeout(parameters.get('timeout')),
    ignored: [...parameters.keys()].filter((name) => name !== 'timeout'),
  }
}

function parsePath(rest: string): string | null {
  if (rest === '' || rest === '/' || rest === '/:memory:') return null
  if (!rest.startsWith('/')) {
    throw new DatabaseSetupError(
      'the SQLite connection names a host: write three slashes, and four before an absolute path',
    )
  }
  const path = rest.slice(1)
  if (path.startsWith('file:')) {
    throw new DatabaseSetupError('the SQLite connection must hold a path, not a file: address')
  }
  return path
}

function parseTimeout(seconds: string | null): number {
  if (seconds === null) return defaultTimeoutMs
  const value = Number(seconds)
  if (seconds.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new DatabaseSetupError('the timeout of the database connection must be a number of seconds')
  }
  return value * 1000
}
