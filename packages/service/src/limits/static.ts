/**
 * `user_storage_quota`: the most bytes that all images of one project may take in all stores.
 *
 * It counts for the owner of the image, whoever stores the data, and not at all when Keystone has the limits.
 */
import type { Deps } from '../deps.ts'
import { ServiceError } from '../domain/errors.ts'
import type { RunningUpload } from './running-bytes.ts'

/** What the quota looks at. */
export type QuotaDeps = Pick<Deps, 'usage' | 'limits' | 'runningBytes' | 'settings'>

/** Whose bytes are asked for. */
export interface StorageQuestion {
  readonly owner: string | null
  /** Image whose present bytes do not count, as they are replaced; null when all do. */
  readonly except: string | null
}

/**
 * Asks whether an owner may store so many bytes more: for whatever adds data or locations. A location of an image of known size takes that size.
 *
 * @param bytes - null when nobody knows yet; that is refused only when nothing at all is left
 * @throws ServiceError OVER_LIMIT
 */
export async function assertStorageQuota(
  deps: QuotaDeps,
  question: StorageQuestion,
  bytes: number | null,
): Promise<void> {
  const left = await storageLeft(deps, question)
  if (left !== null) assertFits(bytes, left(null))
}

/**
 * Bytes that an owner may still store, as a function of the upload that asks (null for none): what the records say is looked up once, running uploads each time it is called. The number is
 * negative when a quota was lowered below what is there.
 *
 * @returns null when there is no quota
 */
export async function storageLeft(
  { usage, limits, runningBytes, settings }: QuotaDeps,
  { owner, except }: StorageQuestion,
): Promise<((upload: RunningUpload | null) => number) | null> {
  const { userStorageQuota: quota } = settings
  if (quota <= 0 || limits !== null) return null
  const stored = await usage.storedBytes(owner, except)
  return (upload) => quota - stored - runningBytes.of(owner, upload)
}

/** Refuses bytes of which fewer are left. @throws ServiceError OVER_LIMIT */
export function assertFits(bytes: number | null, left: number): void {
  if (bytes === null ? left <= 0 : bytes > left) throw storageQuotaFull(bytes, left)
}

/** In Glance's words. */
function storageQuotaFull(bytes: number | null, left: number): ServiceError {
  return new ServiceError(
    'OVER_LIMIT',
    `Image exceeds the storage quota: The size of the data ${bytes ?? '(unknown)'} will exceed the limit. ${Math.max(0, left)} bytes remaining.`,
  )
}
