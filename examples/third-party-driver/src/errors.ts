import { StoreError, type StoreErrorCode } from '@glance/core'

const codes: Readonly<Record<string, StoreErrorCode>> = {
  ENOENT: 'NOT_FOUND',
  ENOSPC: 'STORE_FULL',
  EDQUOT: 'STORE_FULL',
  EFBIG: 'STORE_FULL',
  EACCES: 'FORBIDDEN',
  EPERM: 'FORBIDDEN',
  EROFS: 'WRITE_DENIED',
  EIO: 'UNAVAILABLE',
  ESTALE: 'UNAVAILABLE',
}

/**
 * Waits for a call of the file system and classifies its failure.
 *
 * Only such calls go through here: an error of the source of an upload must leave the driver as it is, whatever code it has.
 *
 * @param special - what some codes of the system mean for this very call
 */
export async function native<T>(
  what: string,
  call: Promise<T>,
  special: Readonly<Record<string, StoreErrorCode>> = {},
): Promise<T> {
  try {
    return await call
  } catch (cause) {
    const name = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    throw new StoreError(special[name] ?? codes[name] ?? 'UNKNOWN', `${what} failed (${name || 'no code'})`, { cause })
  }
}
