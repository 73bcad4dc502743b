/**
 * Removing an image: unprotect and remove its snapshot, then the image itself.
 *
 * - Somebody has it open (a download, a virtual machine): nothing is touched. librbd would notice only after the snapshot was gone (LP 1954883).
 * - Clones of format 1 keep the snapshot protected: nothing changes.
 * - Clones of format 2, or snapshots of others, keep the image: it goes to the trash of the pool, as in Glance, and leaves it when Ceph purges the trash after the last of them.
 * - A part of it is gone, because whoever removed it was killed: the rest is removed.
 */
import { StoreError } from '@glance/core'
import { snapshotName } from './location.ts'
import { failedWith, type RbdClient, type RbdImage } from './rbd-client.ts'

/** What is removed. */
export interface RemoveSettings {
  /** The snapshot that has to go as well; null when the location names none. */
  readonly snapshot: string | null
  /** Remove it only if it has no snapshot and nobody has it open, since it may be somebody else's. */
  readonly onlyUnfinished?: boolean
}

/** Why an image is in use: `opened` passes when a dead client's watch runs out, half a minute later. */
export type InUse = 'opened' | 'cloned'

/** IN_USE with its reason. */
export class InUseError extends StoreError {
  readonly why: InUse

  constructor(why: InUse, cause?: unknown) {
    super(
      'IN_USE',
      why === 'opened' ? 'the image is open somewhere' : 'there are clones of the image',
      cause === undefined ? {} : { cause },
    )
    this.why = why
  }
}

/** @throws RbdError (ENOENT when there is nothing); InUseError, and then the image can still be read */
export async function removeImage(client: RbdClient, name: string, settings: RemoveSettings): Promise<void> {
  const image = await openToRemove(client, name)
  let removed = false
  if (image) {
    try {
      const others = (await image.watchers()) - 1
      const snapshots = await image.snapshots()
      if (settings.onlyUnfinished && (others > 0 || snapshots.length > 0)) return
      removed = await freeImage(image, snapshots, others, settings.snapshot)
    } finally {
      await image.close()
    }
  }
  try {
    await client.remove(name)
  } catch (error) {
    if (!failedWith(error, 'EBUSY', 'ENOTEMPTY')) throw error
    await keep(client, name, removed ? settings.snapshot : null, error)
  }
}

/** Opens an image; null when only parts of one may be there. */
async function openToRemove(client: RbdClient, name: string): Promise<RbdImage | null> {
  try {
    return await client.open(name, { snapshot: null, watch: true })
  } catch (error) {
    if (failedWith(error, 'ENOENT')) return null
    throw error
  }
}

/** Removes the snapshot. @returns whether there was one */
async function freeImage(
  image: RbdImage,
  snapshots: readonly string[],
  others: number,
  snapshot: string | null,
): Promise<boolean> {
  if (others > 0) throw new InUseError('opened')
  if (snapshot === null) return false
  if (!snapshots.includes(snapshot)) {
    // Ours went first when the image was removed before; that of a location with another name was never there.
    if (snapshot === snapshotName) return false
    throw new StoreError('NOT_FOUND', 'there is no such snapshot')
  }
  try {
    await image.unprotectSnapshot(snapshot)
  } catch (error) {
    if (failedWith(error, 'EBUSY')) throw new InUseError('cloned', error)
    if (!failedWith(error, 'EINVAL', 'ENOENT')) throw error
  }
  try {
    await image.removeSnapshot(snapshot)
  } catch (error) {
    if (failedWith(error, 'EBUSY')) throw new InUseError('cloned', error)
    if (!failedWith(error, 'ENOENT')) throw error
  }
  return true
}

/** An image that cannot be removed: into the trash if it only has snapshots, else its own snapshot comes back. */
async function keep(client: RbdClient, name: string, snapshot: string | null, cause: unknown): Promise<void> {
  let why = cause
  if (failedWith(cause, 'ENOTEMPTY')) {
    try {
      await client.moveToTrash(name)
      return
    } catch (error) {
      if (!failedWith(error, 'EBUSY')) throw error
      why = error
    }
  }
  if (snapshot !== null) await restoreSnapshot(client, name, snapshot)
  throw new InUseError('opened', why)
}

async function restoreSnapshot(client: RbdClient, name: string, snapshot: string): Promise<void> {
  const image = await client.open(name, { snapshot: null, watch: true })
  try {
    await image.createSnapshot(snapshot)
    await image.protectSnapshot(snapshot)
  } finally {
    await image.close()
  }
}
