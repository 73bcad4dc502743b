import { isStoreError, type Requester, type Store } from '@glance/core'
import type { Deps } from '../../deps.ts'
import { ServiceError } from '../../domain/errors.ts'
import { storeFailure } from './store-failures.ts'

/** Longest that one copy may take. A deletion goes on when its caller has left: half of one is worth less than either end. */
const longestMs = 600_000

/** Data to delete. */
export interface DataToDelete {
  readonly imageId: string
  readonly store: Store
  readonly url: string
  readonly requester: Requester | undefined
}

/** What became of data that were to be deleted; `error` is for the user. */
export type Deletion =
  /** Also when they were not there any more, or lie in a store that never deletes. */
  { readonly kind: 'gone' } | { readonly kind: 'there' | 'unknown'; readonly error: unknown }

/** Deletes data in a store. When that fails, the store is asked whether they are still there. Never rejects. */
export async function deleteData(
  { logger }: Pick<Deps, 'logger'>,
  { imageId, store, url, requester }: DataToDelete,
): Promise<Deletion> {
  const call = requester === undefined ? {} : { requester }
  try {
    await store.delete(url, { ...call, signal: AbortSignal.timeout(longestMs) })
    return { kind: 'gone' }
  } catch (thrown) {
    const code = isStoreError(thrown) ? thrown.code : 'UNKNOWN'
    if (code === 'NOT_FOUND' || code === 'UNSUPPORTED') return { kind: 'gone' }
    const there = code === 'IN_USE' || (await isThere(store, url, call))
    if (there === false) return { kind: 'gone' }
    logger.warn({ imageId, store: store.id, code, err: thrown }, 'image data were not deleted')
    return {
      kind: there ? 'there' : 'unknown',
      error: code === 'IN_USE' ? inUse(imageId, thrown) : storeFailure(thrown, 'delete'),
    }
  }
}

/** Whether data are at a location; null when the store cannot tell. */
async function isThere(store: Store, url: string, call: { readonly requester?: Requester }): Promise<boolean | null> {
  try {
    const size = await store.getSize(url, { ...call, signal: AbortSignal.timeout(longestMs) })
    return size === null ? null : true
  } catch (error) {
    return isStoreError(error) && error.code === 'NOT_FOUND' ? false : null
  }
}

function inUse(imageId: string, cause: unknown): ServiceError {
  return new ServiceError(
    'CONFLICT',
    `Image ${imageId} could not be deleted because it is in use: the backend store uses its data outside of Glance.`,
    { cause },
  )
}
