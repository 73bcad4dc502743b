import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { ServiceError } from '../../domain/errors.ts'
import { knowsMember, type Member, memberNotFound } from '../../domain/member.ts'
import { findShared, permitMember } from '../../policy/member-access.ts'

/** Input of `showMember` and `removeMember`. */
export interface MemberInput {
  readonly imageId: string
  readonly memberId: string
}

/** One member. @throws ServiceError NOT_FOUND for every reason: no such image or member, no shared image, or not the caller's to know */
export async function showMember(context: RequestContext, deps: Deps, input: MemberInput): Promise<Member> {
  try {
    return await find(context, deps, input)
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'FORBIDDEN') throw error
    throw memberNotFound(input.imageId, input.memberId)
  }
}

async function find(context: RequestContext, deps: Deps, { imageId, memberId }: MemberInput): Promise<Member> {
  const found = await findShared(context, deps, imageId)
  const members = await deps.members.list(imageId)
  const member = members.find((each) => each.memberId === memberId)
  if (!member || !knowsMember(context, found.image, memberId)) throw memberNotFound(imageId, memberId)
  permitMember(context, deps, { rule: 'get_member', memberId }, found)
  return member
}
