import { StoreError } from '@glance/core'

/**
 * The permissions that image files get, from octal digits; null when they are left to the umask.
 *
 * @throws StoreError BAD_CONFIGURATION when they are no octal digits up to 777 or keep the owner from reading (Glance's rule)
 */
export function parseFilePerm(digits: string): number | null {
  if (!/^0*[0-7]{1,3}$/.test(digits.trim()))
    throw new StoreError('BAD_CONFIGURATION', 'filesystem_store_file_perm must be octal digits up to 777')
  const mode = Number.parseInt(digits, 8)
  if (mode === 0) return null
  if ((mode & 0o400) === 0)
    throw new StoreError('BAD_CONFIGURATION', 'filesystem_store_file_perm must let the owner read')
  return mode
}

/** The mode of a directory in which all those find files who may read them: whoever has r on the files gets x on the directory. */
export function directoryMode(mode: number, filePerm: number): number {
  return mode | ((filePerm & 0o444) >> 2)
}
