import type { Values } from './backend.ts'
import { isLive } from './live.ts'
import { assertStorable } from './text.ts'
import type { Connection } from './transactions.ts'

/** Additional properties by name. */
export type Properties = ReadonlyMap<string, string | null>

/** The live properties of several images, by image id. Images without any are absent. */
export async function readProperties(
  connection: Connection,
  values: Values,
  imageIds: readonly string[],
): Promise<Map<string, Map<string, string | null>>> {
  const rows = await connection
    .selectFrom('image_properties')
    .select(['image_id', 'name', 'value'])
    .where('image_id', 'in', imageIds)
    .where(isLive(values, 'image_properties'))
    .orderBy('id')
    .execute()
  const found = new Map<string, Map<string, string | null>>()
  for (const row of rows) {
    const properties = found.get(row.image_id) ?? new Map<string, string | null>()
    found.set(row.image_id, properties.set(row.name, row.value))
  }
  return found
}

/**
 * Makes the live properties of an image what `wanted` says, by writing the differences from `present`.
 *
 * The table is unique on image and name whatever `deleted` says, so a name that was removed before gets its old row back.
 *
 * @returns whether there were differences
 * @throws ServiceError INVALID for text that cannot be stored as it is
 */
export async function writeProperties(
  connection: Connection,
  values: Values,
  imageId: string,
  present: Properties,
  wanted: Properties,
  now: Date,
): Promise<boolean> {
  const at = values.time(now)
  const removed = [...present.keys()].filter((name) => !wanted.has(name))
  const changed = [...wanted].filter(([name, value]) => !present.has(name) || present.get(name) !== value)
  for (const name of removed) {
    await connection
      .updateTable('image_properties')
      .set({ deleted: values.flag(true), deleted_at: at, updated_at: at })
      .where('image_id', '=', imageId)
      .where('name', '=', name)
      .execute()
  }
  for (const [name, value] of changed) {
    assertStorable(name)
    if (value !== null) assertStorable(value)
    const kept = await connection
      .updateTable('image_properties')
      .set({ value, deleted: values.flag(false), deleted_at: null, updated_at: at })
      .where('image_id', '=', imageId)
      .where('name', '=', name)
      .executeTakeFirst()
    if (kept.numUpdatedRows > 0n) continue
    await connection
      .insertInto('image_properties')
      .values({
        image_id: imageId,
        name,
        value,
        created_at: at,
        updated_at: at,
        deleted_at: null,
        deleted: values.flag(false),
      })
      .execute()
  }
  return removed.length + changed.length > 0
}
