import type { Image, MemberStatus } from '@glance/service'
import type { Values } from './backend.ts'
import { isLive } from './live.ts'
import type { Connection } from './transactions.ts'

/** What a project answered for those of the images that are shared with it, by image id. Rows left over from a time as `shared` do not count. */
export async function readMemberStatuses(
  connection: Connection,
  values: Values,
  images: readonly Image[],
  project: string | null,
): Promise<Map<string, MemberStatus>> {
  const shared = images.filter((image) => image.visibility === 'shared').map((image) => image.id)
  if (project === null || shared.length === 0) return new Map()
  const rows = await connection
    .selectFrom('image_members')
    .select(['image_id', 'status'])
    .where('image_id', 'in', shared)
    .where('member', '=', project)
    .where(isLive(values, 'image_members'))
    .execute()
  return new Map(rows.map((row) => [row.image_id, memberStatus(row.status)]))
}

/** The answer of a member out of its column; what Glance does not know counts as none. */
export function memberStatus(stored: string): MemberStatus {
  return stored === 'accepted' || stored === 'rejected' ? stored : 'pending'
}

/**
 * Marks the members of an image deleted.
 *
 * Each row gets a time of its own: the schema is unique on image, member and time, and Glance may have left two live rows of one member.
 */
export async function removeMembers(connection: Connection, values: Values, imageId: string, now: Date): Promise<void> {
  const rows = await connection
    .selectFrom('image_members')
    .select('id')
    .where('image_id', '=', imageId)
    .where(isLive(values, 'image_members'))
    .orderBy('id')
    .execute()
  for (const [index, { id }] of rows.entries()) {
    const at = values.time(new Date(now.getTime() + index))
    await connection
      .updateTable('image_members')
      .set({ deleted: values.flag(true), deleted_at: at, updated_at: at })
      .where('id', '=', id)
      .execute()
  }
}
