import type { Values } from './backend.ts'
import { isLive } from './live.ts'
import { assertStorable } from './text.ts'
import type { Connection } from './transactions.ts'

/** The live tags of several images, by image id, each once, in the order in which they were added. Images without any are absent. */
export async function readTags(
  connection: Connection,
  values: Values,
  imageIds: readonly string[],
): Promise<Map<string, Set<string>>> {
  const rows = await connection
    .selectFrom('image_tags')
    .select(['image_id', 'value'])
    .where('image_id', 'in', imageIds)
    .where(isLive(values, 'image_tags'))
    .orderBy('id')
    .execute()
  const found = new Map<string, Set<string>>()
  for (const row of rows) {
    const tags = found.get(row.image_id) ?? new Set<string>()
    found.set(row.image_id, tags.add(row.value))
  }
  return found
}

/**
 * Makes the live tags of an image what `wanted` says, by writing the differences from `present`. As in Glance a tag that was removed and
 * comes back is a new row.
 *
 * @returns whether there were differences
 * @throws ServiceError INVALID for text that cannot be stored as it is
 */
export async function writeTags(
  connection: Connection,
  values: Values,
  imageId: string,
  present: readonly string[],
  wanted: readonly string[],
  now: Date,
): Promise<boolean> {
  const at = values.time(now)
  const before = new Set(present)
  const after = new Set(wanted)
  const removed = before.difference(after)
  const added = after.difference(before)
  for (const tag of removed) {
    await connection
      .updateTable('image_tags')
      .set({ deleted: values.flag(true), deleted_at: at, updated_at: at })
      .where('image_id', '=', imageId)
      .where('value', '=', tag)
      .where(isLive(values, 'image_tags'))
      .execute()
  }
  for (const tag of added) {
    assertStorable(tag)
    await connection
      .insertInto('image_tags')
      .values({
        image_id: imageId,
        value: tag,
        created_at: at,
        updated_at: at,
        deleted_at: null,
        deleted: values.flag(false),
      })
      .execute()
  }
  return removed.size + added.size > 0
}
