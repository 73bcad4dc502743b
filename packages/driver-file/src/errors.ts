import { constants } from 'node:os'
import { isStoreError, StoreError, type StoreErrorCode } from '@glance/core'

/** What a call was doing when the file system refused; the same errno means different things to a reader and to a writer. */
export type Doing = 'read' | 'write' | 'delete'

type Meaning = StoreErrorCode | Readonly<Record<Doing, StoreErrorCode>>

const refused: Meaning = { read: 'FORBIDDEN', write: 'WRITE_DENIED', delete: 'FORBIDDEN' }
// Whoever writes found the directory before: it has gone away under him.
const absent: Meaning = { read: 'NOT_FOUND', write: 'UNAVAILABLE', delete: 'NOT_FOUND' }
const noFile: Meaning = { read: 'INVALID_LOCATION', write: 'UNKNOWN', delete: 'INVALID_LOCATION' }
const noName: Meaning = { read: 'NOT_FOUND', write: 'UNKNOWN', delete: 'NOT_FOUND' }
const busy: Meaning = { read: 'UNAVAILABLE', write: 'UNAVAILABLE', delete: 'IN_USE' }
const taken: Meaning = { read: 'UNKNOWN', write: 'ALREADY_EXISTS', delete: 'UNKNOWN' }

/** What each errno means. A share that is away must never look like an image that is gone. */
const meanings: Readonly<Record<string, Meaning>> = {
  ENOSPC: 'STORE_FULL',
  EDQUOT: 'STORE_FULL',
  EFBIG: 'STORE_FULL',
  EACCES: refused,
  EPERM: refused,
  EROFS: refused,
  ENOENT: absent,
  ENOTDIR: absent,
  ENAMETOOLONG: noName,
  EISDIR: noFile,
  ELOOP: noFile,
  ENXIO: noFile,
  EBUSY: busy,
  ETXTBSY: busy,
  EEXIST: taken,
  EIO: 'UNAVAILABLE',
  ESTALE: 'UNAVAILABLE',
  ENOTCONN: 'UNAVAILABLE',
  ESHUTDOWN: 'UNAVAILABLE',
  EHOSTDOWN: 'UNAVAILABLE',
  EHOSTUNREACH: 'UNAVAILABLE',
  ENETDOWN: 'UNAVAILABLE',
  ENETUNREACH: 'UNAVAILABLE',
  ECONNREFUSED: 'UNAVAILABLE',
  ECONNRESET: 'UNAVAILABLE',
  ECONNABORTED: 'UNAVAILABLE',
  EPIPE: 'UNAVAILABLE',
  ENODEV: 'UNAVAILABLE',
  EREMOTEIO: 'UNAVAILABLE',
  EUCLEAN: 'UNAVAILABLE',
  EMFILE: 'UNAVAILABLE',
  ENFILE: 'UNAVAILABLE',
  ENOMEM: 'UNAVAILABLE',
  ENOBUFS: 'UNAVAILABLE',
  EAGAIN: 'UNAVAILABLE',
  ETIMEDOUT: 'UNAVAILABLE',
}

/** Numbers of Linux for which Node has no name at all. */
const unnamed: readonly (readonly [number, string])[] = [
  [117, 'EUCLEAN'],
  [121, 'EREMOTEIO'],
]

/** Names by number, because libuv knows neither EDQUOT nor ESTALE and calls them `Unknown system error -122`. */
const names: ReadonlyMap<number, string> = new Map([
  ...(process.platform === 'linux' ? unnamed : []),
  ...Object.entries(constants.errno).map(([name, number]) => [number, name] as const),
])

/** The errno of an error of node:fs by name, or null. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const { code, errno } = error as Error & { readonly code?: unknown; readonly errno?: unknown }
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return code
  return (typeof errno === 'number' && names.get(Math.abs(errno))) || null
}

/** The code for an errno. */
export function codeOf(errno: string | null, doing: Doing): StoreErrorCode {
  const meaning = errno !== null && Object.hasOwn(meanings, errno) ? meanings[errno] : undefined
  if (meaning === undefined) return 'UNKNOWN'
  return typeof meaning === 'string' ? meaning : meaning[doing]
}

/**
 * A StoreError of whatever was thrown.
 *
 * @param what - the subject, without a path: the message can reach users. The native error, which names paths, is the cause
 */
export function storeErrorOf(thrown: unknown, doing: Doing, what: string): StoreError {
  if (isStoreError(thrown)) return thrown
  const errno = errnoOf(thrown)
  return new StoreError(codeOf(errno, doing), `cannot ${doing} ${what}${errno === null ? '' : ` (${errno})`}`, {
    cause: thrown,
  })
}

/**
 * The error with which a store does not open. A file server that is away may come back; everything else an operator has to put right.
 *
 * @param what - what cannot be used, with its path: the message is for the operator's log
 */
export function openErrorOf(thrown: unknown, what: string): StoreError {
  if (isStoreError(thrown)) return thrown
  const errno = errnoOf(thrown)
  const code = codeOf(errno, 'read') === 'UNAVAILABLE' ? 'UNAVAILABLE' : 'BAD_CONFIGURATION'
  return new StoreError(code, `${what} cannot be used (${errno ?? 'unknown'})`, { cause: thrown })
}
