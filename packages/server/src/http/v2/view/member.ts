import type { Member } from '@glance/service'
import { wireTime } from './image.ts'

/** A member as the API shows it. */
export function memberView(member: Member): Readonly<Record<string, unknown>> {
  return {
    member_id: member.memberId,
    image_id: member.imageId,
    status: member.status,
    created_at: wireTime(member.createdAt),
    updated_at: wireTime(member.updatedAt),
    schema: '/v2/schemas/member',
  }
}
