/**
 * The upload of image data.
 *
 * 1. The record goes from `queued` to `saving`, in one transaction: of two uploads of one image one wins. The limits of its owner are asked.
 * 2. The store takes the data, wholly or not at all.
 * 3. The record goes from `saving` to `active` with size, hashes and location, if it is still `saving`.
 *
 * A failure in between takes the data away and puts the record back to `queued`, so that the user may try again. An image that was deleted meanwhile stays deleted, and its
 * data are taken away. What a process that dies leaves behind is cleared by `maintenance/recover.ts`. When the database fails in step 3 so that it is not known whether the
 * record is active, the data stay, for losing what may have been acknowledged is worse than keeping what was not.
 */
import type { Store, StoredData } from '@glance/core'
import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import type { Image, ImageChanges } from '../../domain/image.ts'
import { quote } from '../../domain/json-schema.ts'
import { statusChange } from '../../domain/status.ts'
import { admitUpload } from '../../limits/upload.ts'
import { assertMayWrite, changeVisible } from '../../policy/access.ts'
import { requesterOf } from '../../policy/requester.ts'
import { publishAcls } from '../locations/acls.ts'
import { storeFailure } from './store-failures.ts'

/** Input of `uploadImageData`. */
export interface UploadInput {
  readonly imageId: string
  /** Read once. Left by `return()` when the upload ends early. What it throws comes out of the upload as it is. */
  readonly data: AsyncIterable<Uint8Array>
  /** Announced bytes; null when unknown. */
  readonly size: number | null
  /** Store that the user chose; null for the default one. Without effect when there is a single store. */
  readonly storeId: string | null
}

/** Longest that taking data away after a failure may last. The caller's own signal has fired by then as a rule. */
const cleanUpMs = 60_000

/**
 * Stores the data of a queued image and makes it active.
 *
 * @throws ServiceError INVALID (formats not set, size, unknown store), NOT_FOUND, FORBIDDEN, CONFLICT when the image is not queued, OVER_LIMIT, GONE when the image was deleted
 *   meanwhile or the store takes no data, UNAVAILABLE; what the data's source throws. After each of them but NOT_FOUND, FORBIDDEN and CONFLICT the image is queued or deleted.
 */
export async function uploadImageData(context: RequestContext, deps: Deps, input: UploadInput): Promise<void> {
  assertMayWrite(context)
  const { imageId: id } = input
  const store = chosenStore(deps, input.storeId)
  const { image } = await changeVisible(context, deps, { id, rule: 'upload_image' }, (present) =>
    statusChange(present, 'saving', 'CONFLICT'),
  )
  const running = deps.uploads.begin(id)
  const failed = async (thrown: unknown): Promise<never> => {
    throw await afterFailure(deps, id, running.signal, thrown)
  }
  try {
    const admission = await admitUpload(context, deps, image, input.size).catch(failed)
    try {
      const stored = await store
        .add(id, admission.meter(input.data), {
          size: input.size,
          limit: deps.settings.imageSizeCap < 0 ? null : deps.settings.imageSizeCap,
          hashAlgorithm: deps.settings.hashingAlgorithm,
          signal: AbortSignal.any([context.signal, running.signal]),
          requester: requesterOf(context),
        })
        .catch(failed)
      await admission.recheck(stored.size).catch(async (refusal: unknown) => {
        await takeAway(context, deps, id, { store, stored })
        return failed(refusal)
      })
      await activate(context, deps, id, { store, stored })
      await publishAcls(context, deps, id)
    } finally {
      admission.end()
    }
  } finally {
    running.end()
  }
}

function chosenStore({ stores, settings }: Deps, wanted: string | null): Store {
  if (!settings.multiStore || wanted === null) return stores.default
  const store = stores.get(wanted)
  if (!store) throw new ServiceError('INVALID', `Failed to find a store with the identifier ${quote(wanted)}.`)
  return store
}

/** Puts the record back after the store kept nothing, and finds the error for the user. */
async function afterFailure(deps: Deps, id: string, deleted: AbortSignal, thrown: unknown): Promise<unknown> {
  const there = await putBack(deps, id)
  if (deleted.aborted || !there) return gone(id, thrown)
  return storeFailure(thrown, 'upload')
}

/** `saving` to `queued`. Whether the image is still there; a database that fails leaves it as it is, to be recovered at the next start. */
async function putBack(deps: Deps, id: string): Promise<boolean> {
  try {
    const image = await deps.images.change(id, deps.clock.now(), (present) =>
      present.status === 'saving' ? statusChange(present, 'queued', 'CONFLICT') : null,
    )
    return isThere(image)
  } catch (error) {
    deps.logger.error({ imageId: id, err: error }, 'image stays in state saving')
    return true
  }
}

function isThere(image: Image | null): image is Image {
  return image !== null && image.status !== 'pending_delete'
}

interface Upload {
  readonly store: Store
  readonly stored: StoredData
}

async function activate(context: RequestContext, deps: Deps, id: string, { store, stored }: Upload): Promise<void> {
  const { changed, image, error } = await tryToActivate(deps, id, store, stored)
  if (changed) return
  if (error !== null) {
    // Whether the change was made is not known: the record itself tells, if it can be read.
    const found = await deps.images.find(id, null).catch(() => undefined)
    if (found?.image.locations.some(({ url }) => url === stored.location)) return
    if (found === undefined) throw error
  }
  await takeAway(context, deps, id, { store, stored })
  if (error !== null && (await putBack(deps, id))) throw error
  if (!isThere(image)) throw gone(id, error)
  throw new ServiceError('CONFLICT', `Image status transition from ${image.status} to active is not allowed`)
}

interface Activation {
  readonly changed: boolean
  readonly image: Image | null
  readonly error: unknown
}

async function tryToActivate(deps: Deps, id: string, store: Store, stored: StoredData): Promise<Activation> {
  let changed = false
  try {
    const image = await deps.images.change(id, deps.clock.now(), (present) => {
      changed = present.status === 'saving'
      return changed ? withData(deps, store, stored) : null
    })
    return { changed: changed && image !== null, image, error: null }
  } catch (error) {
    return { changed: false, image: null, error }
  }
}

function withData({ settings }: Deps, store: Store, stored: StoredData): ImageChanges {
  const { location, metadata, size, checksum, hashAlgorithm, hashValue } = stored
  const named = settings.multiStore ? { ...metadata, store: store.id } : metadata
  return {
    status: 'active',
    size,
    checksum,
    hashAlgorithm,
    hashValue,
    locations: [{ url: location, metadata: named, status: 'active' }],
  }
}

async function takeAway(context: RequestContext, deps: Deps, id: string, { store, stored }: Upload): Promise<void> {
  try {
    const requester = requesterOf(context)
    await store.delete(stored.location, { requester, signal: AbortSignal.timeout(cleanUpMs) })
  } catch (error) {
    deps.logger.error({ imageId: id, store: store.id, err: error }, 'image data without an image stay in the store')
  }
}

function gone(id: string, cause: unknown): ServiceError {
  return new ServiceError(
    'GONE',
    `Image ${id} could not be found after upload. It may have been deleted during the upload; the data uploaded were removed.`,
    { cause },
  )
}
