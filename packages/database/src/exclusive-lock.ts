/**
 * A lock between processes that ends with its process.
 *
 * The lock is an exclusive transaction on a small SQLite file of its own. SQLite holds it as locks of the operating system on the open file,
 * so the kernel releases it however the process ends: nothing to clean up after a crash, no process ids that were given out again, no time
 * after which somebody guesses that the holder is dead. The file stays behind, empty; removing it would let two processes lock two files of
 * the same name. Works on local file systems, where SQLite databases belong anyway.
 */
import SqliteDatabase from 'better-sqlite3'
import { unavailable } from './errors.ts'
import { sqliteFailure } from './sqlite-errors.ts'

/** A lock that is held. */
export interface Lock extends Disposable {
  /** Gives the lock up. May be called twice. */
  release(): void
}

/** Locks of this process. A handle that nobody refers to is closed by the garbage collector, and the lock would be gone with it. */
const held = new Set<SqliteDatabase.Database>()

/**
 * Takes the lock of a path if nobody has it. At most one holder exists among all processes and inside each.
 *
 * @param path - the lock's own file, made when missing; its folder must exist
 * @returns null when somebody else holds it; never waits
 * @throws ServiceError UNAVAILABLE when the file cannot be used
 */
export function acquireLock(path: string): Lock | null {
  let handle: SqliteDatabase.Database | undefined
  try {
    handle = new SqliteDatabase(path, { timeout: 0 })
    // The journal stays in memory: nothing is written, and a file beside this one would only outlive a crash.
    handle.pragma('journal_mode = MEMORY')
    handle.exec('begin exclusive')
  } catch (error) {
    handle?.close()
    const failure = sqliteFailure(error)
    if (failure === null) throw error
    if (failure.kind === 'busy') return null
    throw unavailable(failure, error)
  }
  const owned = handle
  held.add(owned)
  const release = (): void => {
    held.delete(owned)
    owned.close()
  }
  return { release, [Symbol.dispose]: release }
}
