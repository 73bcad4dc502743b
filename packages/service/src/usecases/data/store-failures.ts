/**
 * What the failures of stores mean to users, by what was going on (Image API v2, "Image data").
 *
 * The text of a store's error stays in the log: a backend may have put names of hosts or accounts into it.
 */
import { isStoreError, type StoreErrorCode } from '@glance/core'
import { ServiceError, type ServiceErrorCode } from '../../domain/errors.ts'

/** Which use case a store failed. */
export type DataAction = 'upload' | 'download' | 'delete'

type Meaning = readonly [code: ServiceErrorCode, message: string]

const away: Meaning = ['UNAVAILABLE', 'The store of the image data does not answer. Try again later.']
const foreign: Meaning = ['INVALID', 'The image data lie at a location that no store of this service reads.']
const denied: Meaning = ['FORBIDDEN', 'The store does not let this service do that.']
const stopped: Meaning = ['UNAVAILABLE', 'The call was stopped before it was over.']
const inUse: Meaning = ['CONFLICT', 'The image data are in use in the backend, outside of this service.']

/** Null: nothing that a user can act on, the error rises as it is. */
const meanings: Readonly<Record<StoreErrorCode, Readonly<Record<DataAction, Meaning | null>>>> = {
  NOT_FOUND: {
    upload: ['GONE', 'The image data were deleted while they were being stored.'],
    download: ['NOT_FOUND', 'The store does not have the image data.'],
    delete: ['NOT_FOUND', 'The store does not have the image data.'],
  },
  ALREADY_EXISTS: {
    upload: ['CONFLICT', 'The store already has data for this image.'],
    download: null,
    delete: null,
  },
  INVALID_LOCATION: { upload: foreign, download: foreign, delete: foreign },
  SIZE_MISMATCH: {
    upload: ['INVALID', 'The image data are not as long as announced.'],
    download: null,
    delete: null,
  },
  TOO_LARGE: {
    upload: ['OVER_LIMIT', 'The provided image is too large.'],
    download: null,
    delete: null,
  },
  STORE_FULL: {
    upload: ['OVER_LIMIT', 'There is not enough space left in the store.'],
    download: null,
    delete: null,
  },
  WRITE_DENIED: {
    upload: ['UNAVAILABLE', 'The store refuses to be written to.'],
    download: null,
    delete: ['UNAVAILABLE', 'The store refuses to be written to.'],
  },
  FORBIDDEN: { upload: denied, download: denied, delete: denied },
  READ_ONLY: {
    upload: ['GONE', 'The store does not take new image data.'],
    download: null,
    delete: null,
  },
  UNSUPPORTED: {
    upload: ['INVALID', 'The store does not take image data in this way.'],
    download: ['INVALID', 'The store cannot read the image data in this way.'],
    delete: null,
  },
  IN_USE: { upload: inUse, download: inUse, delete: inUse },
  UNAVAILABLE: { upload: away, download: away, delete: away },
  TIMEOUT: { upload: away, download: away, delete: away },
  ABORTED: { upload: stopped, download: stopped, delete: stopped },
  BAD_CONFIGURATION: { upload: null, download: null, delete: null },
  UNKNOWN: { upload: null, download: null, delete: null },
}

/** The error for the user of whatever was thrown: a ServiceError with the store's as its cause, or what was thrown when it is not a store's or has no meaning to users. */
export function storeFailure(thrown: unknown, action: DataAction): unknown {
  const meaning = isStoreError(thrown) ? meanings[thrown.code]?.[action] : null
  return meaning ? new ServiceError(meaning[0], meaning[1], { cause: thrown }) : thrown
}
