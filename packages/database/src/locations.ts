import { isDeepStrictEqual } from 'node:util'
import type { ImageLocation } from '@glance/service'
import type { Values } from './backend.ts'
import { isLive } from './live.ts'
import { assertStorable } from './text.ts'
import type { Connection } from './transactions.ts'

interface StoredLocation {
  readonly id: number
  readonly location: ImageLocation
}

/** The live locations of several images, by image id, in the order in which they were added. Images without any are absent. */
export async function readLocations(
  connection: Connection,
  values: Values,
  imageIds: readonly string[],
): Promise<Map<string, ImageLocation[]>> {
  const found = new Map<string, ImageLocation[]>()
  for (const [imageId, stored] of await readStored(connection, values, imageIds)) {
    found.set(
      imageId,
      stored.map(({ location }) => location),
    )
  }
  return found
}

/**
 * Makes the live locations of an image what `wanted` says: rows that are no longer wanted are softly deleted, the others keep their row
 * with a new status or new metadata, and the rest is added behind them.
 *
 * @returns whether there were differences
 * @throws ServiceError INVALID for text that cannot be stored as it is
 */
export async function writeLocations(
  connection: Connection,
  values: Values,
  imageId: string,
  wanted: readonly ImageLocation[],
  now: Date,
): Promise<boolean> {
  const at = values.time(now)
  const free = [...((await readStored(connection, values, [imageId])).get(imageId) ?? [])]
  const added: ImageLocation[] = []
  let changed = false
  for (const location of wanted) {
    const kept = takeMatch(free, location)
    if (kept === undefined) {
      added.push(location)
    } else if (!isDeepStrictEqual(kept.location, location)) {
      changed = true
      await connection
        .updateTable('image_locations')
        .set({ status: location.status, meta_data: JSON.stringify(location.metadata), updated_at: at })
        .where('id', '=', kept.id)
        .execute()
    }
  }
  for (const { id } of free) {
    await connection
      .updateTable('image_locations')
      .set({ status: 'deleted', deleted: values.flag(true), deleted_at: at, updated_at: at })
      .where('id', '=', id)
      .execute()
  }
  for (const location of added) {
    assertStorable(location.url)
    await connection
      .insertInto('image_locations')
      .values({
        image_id: imageId,
        value: location.url,
        meta_data: JSON.stringify(location.metadata),
        status: location.status,
        created_at: at,
        updated_at: at,
        deleted_at: null,
        deleted: values.flag(false),
      })
      .execute()
  }
  return changed || free.length + added.length > 0
}

/**
 * Rewrites the live locations of an image row by row, so that their order stays.
 *
 * @throws ServiceError INVALID for text that cannot be stored as it is
 */
export async function rewriteLocations(
  connection: Connection,
  values: Values,
  imageId: string,
  rewrite: (location: ImageLocation) => ImageLocation,
): Promise<void> {
  for (const { id, location } of (await readStored(connection, values, [imageId])).get(imageId) ?? []) {
    const { url, metadata, status } = rewrite(location)
    if (isDeepStrictEqual({ url, metadata, status }, location)) continue
    assertStorable(url)
    await connection
      .updateTable('image_locations')
      .set({ value: url, meta_data: JSON.stringify(metadata), status })
      .where('id', '=', id)
      .execute()
  }
}

/** Takes the stored row that is the wanted location out of `free`: the very same if there is one, else one with the same URI. */
function takeMatch(free: StoredLocation[], wanted: ImageLocation): StoredLocation | undefined {
  const same = free.findIndex(({ location }) => isDeepStrictEqual(location, wanted))
  const index = same === -1 ? free.findIndex(({ location }) => location.url === wanted.url) : same
  return index === -1 ? undefined : free.splice(index, 1)[0]
}

async function readStored(
  connection: Connection,
  values: Values,
  imageIds: readonly string[],
): Promise<Map<string, StoredLocation[]>> {
  const rows = await connection
    .selectFrom('image_locations')
    .select(['id', 'image_id', 'value', 'meta_data', 'status'])
    .where('image_id', 'in', imageIds)
    .where(isLive(values, 'image_locations'))
    .orderBy('id')
    .execute()
  const found = new Map<string, StoredLocation[]>()
  for (const row of rows) {
    const stored = found.get(row.image_id) ?? []
    stored.push({
      id: row.id,
      location: {
        url: row.value,
        metadata: parseMetadata(row.meta_data),
        status: row.status === 'pending_delete' ? 'pending_delete' : 'active',
      },
    })
    found.set(row.image_id, stored)
  }
  return found
}

/** Metadata that are no JSON object count as none; the row keeps them until somebody changes the location. */
function parseMetadata(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
  } catch {
    return {}
  }
}
