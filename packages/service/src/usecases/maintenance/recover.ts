/**
 * Clears or takes up what a process left that died in the middle of an upload, a deletion or a hashing.
 *
 * For the start of a service, before it takes requests. No other process may use the same records meanwhile: its running uploads could not be told from dead ones.
 */
import type { Deps } from '../../deps.ts'
import { hashingProperty } from '../../domain/properties.ts'
import { statusChange } from '../../domain/status.ts'
import { finishDeletion, isBeingDeleted } from '../images/finish-deletion.ts'
import { deleteCopies, dropCopies } from '../locations/remove-copies.ts'

type RecoverDeps = Pick<Deps, 'images' | 'stores' | 'clock' | 'logger'>
type HashingDeps = Pick<Deps, 'images' | 'hashJobs'>

/** Input of `recoverInterruptedUploads` and `recoverInterruptedDeletions`. */
export interface RecoverInput {
  /** Ends the work between two images. */
  readonly signal?: AbortSignal
}

/** What was done, as ids of images. */
export interface Recovered {
  readonly recovered: readonly string[]
  /** What is as it was, since a store or the database failed; the log says why. To be tried again later. */
  readonly failed: readonly string[]
}

/**
 * Puts images whose upload was interrupted back to `queued`, without data. One that fails does not keep others from being recovered.
 *
 * An image whose bytes cannot be discarded, as its store is away, stays in `saving`: a new upload would meet what is left of the old one.
 *
 * @throws what the listing of the images throws
 */
export async function recoverInterruptedUploads(deps: RecoverDeps, input: RecoverInput = {}): Promise<Recovered> {
  return eachOf(deps, await deps.images.idsInStatus('saving'), input, async (id) => {
    // Before the record: from then on a new upload may write data of this id.
    await discardEverywhere(deps, id, input)
    let changed = false
    await deps.images.change(id, deps.clock.now(), (image) => {
      changed = image.status === 'saving'
      return changed ? statusChange(image, 'queued', 'CONFLICT') : null
    })
    return changed
  })
}

/**
 * Finishes deletions that were interrupted; images whose deletion an operator delays are left alone. One that fails does not keep others from being recovered.
 *
 * @throws what the listing of the images throws
 */
export async function recoverInterruptedDeletions(deps: RecoverDeps, input: RecoverInput = {}): Promise<Recovered> {
  return eachOf(deps, await deps.images.idsInStatus('pending_delete'), input, async (id) => {
    const image = (await deps.images.find(id, null))?.image
    if (!image || !isBeingDeleted(image)) return false
    // An upload may have been under way when the deletion began.
    if (image.locations.length === 0) await discardEverywhere(deps, id, input)
    await finishDeletion(deps, image)
    return true
  })
}

/**
 * Finishes removals of single copies that were interrupted. One that fails does not keep others from being recovered.
 *
 * @throws what the listing of the images throws
 */
export async function recoverInterruptedRemovals(deps: RecoverDeps, input: RecoverInput = {}): Promise<Recovered> {
  return eachOf(deps, await deps.images.idsWithPendingLocations(), input, async (id) => {
    const image = (await deps.images.find(id, null))?.image
    const pending = image?.locations.filter(({ status }) => status === 'pending_delete') ?? []
    if (pending.length === 0) return false
    await deleteCopies(null, deps, id, pending)
    await dropCopies(deps, id, pending)
    return true
  })
}

/**
 * Takes up the hashing that was interrupted. It goes on behind the start.
 *
 * @returns the images concerned
 * @throws what the listing of the images throws
 */
export async function resumeHashing({ images, hashJobs }: HashingDeps): Promise<readonly string[]> {
  const ids = await images.idsWithProperty(hashingProperty)
  for (const id of ids) hashJobs.enqueue(id, null)
  return ids
}

async function eachOf(
  { logger }: RecoverDeps,
  ids: readonly string[],
  { signal }: RecoverInput,
  recover: (id: string) => Promise<boolean>,
): Promise<Recovered> {
  const recovered: string[] = []
  const failed: string[] = []
  for (const id of ids) {
    signal?.throwIfAborted()
    try {
      if (await recover(id)) recovered.push(id)
    } catch (error) {
      failed.push(id)
      logger.error({ imageId: id, err: error }, 'image could not be recovered')
    }
  }
  return { recovered, failed }
}

async function discardEverywhere({ stores }: RecoverDeps, id: string, { signal }: RecoverInput): Promise<void> {
  for (const store of stores.all) await store.discard(id, signal ? { signal } : {})
}
