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
