import { isStoreError, StoreError, type StoreErrorCode } from '@glance/core'
import { RbdError } from './rbd-client.ts'

/** What a call was doing when Ceph refused; the same errno means different things to a reader and to a writer. */
export type Doing = 'open' | 'read' | 'write' | 'delete'

type Meaning = StoreErrorCode | Readonly<Record<Doing, StoreErrorCode>>

const refused: Meaning = {
  open: 'BAD_CONFIGURATION',
  read: 'FORBIDDEN',
  write: 'WRITE_DENIED',
  delete: 'FORBIDDEN',
}
// Opening finds no pool, no keyring or no configuration; whoever writes made the image and somebody took it away.
const absent: Meaning = { open: 'BAD_CONFIGURATION', read: 'NOT_FOUND', write: 'UNAVAILABLE', delete: 'NOT_FOUND' }
const busy: Meaning = { open: 'UNAVAILABLE', read: 'UNAVAILABLE', write: 'UNAVAILABLE', delete: 'IN_USE' }
const taken: Meaning = { open: 'UNKNOWN', read: 'UNKNOWN', write: 'ALREADY_EXISTS', delete: 'UNKNOWN' }
// Ceph says so to a key that it does not know.
const malformed: Meaning = { open: 'BAD_CONFIGURATION', read: 'UNKNOWN', write: 'UNKNOWN', delete: 'UNKNOWN' }

/** What each errno means. A cluster that is away must never look like an image that is gone. */
const meanings: Readonly<Record<string, Meaning>> = {
  ENOSPC: 'STORE_FULL',
  EDQUOT: 'STORE_FULL',
  EFBIG: 'STORE_FULL',
  EPERM: refused,
  EACCES: refused,
  EROFS: refused,
  ENOENT: absent,
  EBUSY: busy,
  ENOTEMPTY: busy,
  EEXIST: taken,
  EINVAL: malformed,
  EDOM: malformed,
  ENOTSUP: malformed,
  ETIMEDOUT: 'UNAVAILABLE',
  EIO: 'UNAVAILABLE',
  ENOTCONN: 'UNAVAILABLE',
  ECONNREFUSED: 'UNAVAILABLE',
  ECONNRESET: 'UNAVAILABLE',
  EHOSTUNREACH: 'UNAVAILABLE',
  ENETUNREACH: 'UNAVAILABLE',
  // The OSDs do not take this client's calls any more; a new connection is a new client.
  ESHUTDOWN: 'UNAVAILABLE',
  EAGAIN: 'UNAVAILABLE',
  ENOMEM: 'UNAVAILABLE',
  EMFILE: 'UNAVAILABLE',
}

/** The code for an errno. */
export function codeOf(errno: string, doing: Doing): StoreErrorCode {
  const meaning = Object.hasOwn(meanings, errno) ? meanings[errno] : undefined
  if (meaning === undefined) return 'UNKNOWN'
  return typeof meaning === 'string' ? meaning : meaning[doing]
}

/**
 * A StoreError of whatever was thrown.
 *
 * @param what - the subject, without names of the cluster: the message can reach users
 */
export function storeErrorOf(thrown: unknown, doing: Doing, what: string): StoreError {
  if (isStoreError(thrown)) return thrown
  const errno = thrown instanceof RbdError ? thrown.errno : null
  const code = errno === null ? 'UNKNOWN' : codeOf(errno, doing)
  return new StoreError(code, `cannot ${doing} ${what}${errno === null ? '' : ` (${errno})`}`, { cause: thrown })
}

/** Waits for native calls, and names what Ceph refuses. */
export async function naming<T>(work: Promise<T>, doing: Doing, what: string): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw storeErrorOf(error, doing, what)
  }
}
