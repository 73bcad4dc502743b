import { ServiceError } from '@glance/service'

/**
 * The database cannot be used as configured: a connection string of another kind, or a schema that this release does not know.
 *
 * The message tells the operator what to run or to write; it never repeats the connection string, which may hold a password. Nothing in
 * the database was changed.
 */
export class DatabaseSetupError extends Error {
  override readonly name = 'DatabaseSetupError'
}

/**
 * What a native error means to the layers above.
 *
 * `busy`: another writer was faster, the same transaction may work when tried again. `duplicate`: a unique key is taken. `unavailable`: the
 * database does not answer. The message is for users: no path, no SQL.
 */
export interface Failure {
  readonly kind: 'busy' | 'duplicate' | 'unavailable'
  readonly message: string
}

/** The ServiceError UNAVAILABLE for a failure; the native error stays as its cause. */
export function unavailable(failure: Failure, cause: unknown): ServiceError {
  return new ServiceError('UNAVAILABLE', failure.message, { cause })
}
