/**
 * Members: projects that an image is shared with (Image API v2, "Members").
 *
 * The owner adds and removes them, each of them answers for itself, and only its own answer decides whether the image is in its lists. Nobody checks that a project of that id exists.
 */

import { ServiceError } from './errors.ts'
import type { Image, MemberStatus } from './image.ts'
import { type JsonSchema, mismatch, quote } from './json-schema.ts'
import { assertStorableText, overQuota } from './properties.ts'
import type { Viewer } from './visibility.ts'

/** One project that an image is shared with. Times are UTC. */
export interface Member {
  readonly imageId: string
  /** Project id. */
  readonly memberId: string
  readonly status: MemberStatus
  /** When it was added last: a project that was removed and comes back starts anew. */
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What a decision makes of the members of an image. `add` starts as pending. */
export type MemberChange =
  | { readonly kind: 'add'; readonly memberId: string }
  | { readonly kind: 'answer'; readonly memberId: string; readonly status: MemberStatus }
  | { readonly kind: 'remove'; readonly memberId: string }

/** One member of the member resource. */
interface MemberField {
  /** Name in JSON. */
  readonly wire: string
  readonly schema: JsonSchema
}

/** What a project may answer. */
const statuses: readonly MemberStatus[] = ['pending', 'accepted', 'rejected']

const idSchema: JsonSchema = { type: 'string', description: 'Project that the image is shared with' }
const statusSchema: JsonSchema = { type: 'string', description: 'What the project answered', enum: statuses }

/** Every member of the member resource, in the order of its schema and of answers. */
const memberFields: readonly MemberField[] = [
  { wire: 'member_id', schema: idSchema },
  { wire: 'image_id', schema: { type: 'string', description: 'Identifier of the image' } },
  { wire: 'status', schema: statusSchema },
  { wire: 'created_at', schema: { type: 'string', description: 'When the project was added' } },
  { wire: 'updated_at', schema: { type: 'string', description: 'When the project was added or answered last' } },
  { wire: 'schema', schema: { type: 'string', description: 'Address of the schema', readOnly: true } },
]

/** The schema of one member. It is shorter than those of other resources, as Glance's is. */
export interface MemberSchema {
  readonly name: 'member'
  readonly properties: Readonly<Record<string, JsonSchema>>
}

/** The schema of the members of an image, which come in one piece. */
export interface MembersSchema {
  readonly name: 'members'
  readonly properties: Readonly<Record<string, JsonSchema | { readonly type: 'array'; readonly items: MemberSchema }>>
  readonly links: readonly { readonly rel: string; readonly href: string }[]
}

/** What `/v2/schemas/member` answers. */
export const memberSchema: MemberSchema = {
  name: 'member',
  properties: Object.fromEntries(memberFields.map(({ wire, schema }) => [wire, schema])),
}

/** What `/v2/schemas/members` answers. */
export const membersSchema: MembersSchema = {
  name: 'members',
  properties: { members: { type: 'array', items: memberSchema }, schema: { type: 'string' } },
  links: [{ rel: 'describedby', href: '{schema}' }],
}

/** The project that a body `{"member": "…"}` names. @throws ServiceError INVALID */
export function memberIdOf(body: unknown): string {
  const id = memberOfBody(body, 'member', 'Member to be added not specified')
  if (id === '' || id === null) throw new ServiceError('INVALID', "Member can't be empty")
  const problem = mismatch(id, { ...idSchema, maxLength: 255 })
  if (problem !== null || typeof id !== 'string') throw schemaError(problem ?? quote(id), 'member')
  assertStorableText(id, 'a member')
  return id
}

/** The answer that a body `{"status": "…"}` holds. @throws ServiceError INVALID */
export function memberStatusOf(body: unknown): MemberStatus {
  const given = memberOfBody(body, 'status', 'Status not specified')
  const status = statuses.find((each) => each === given)
  if (status === undefined) throw schemaError(mismatch(given, statusSchema) ?? quote(given), 'status')
  return status
}

/** Refuses images that have no members. @throws ServiceError FORBIDDEN unless the image is shared */
export function assertShared({ visibility }: Image): void {
  if (visibility !== 'shared') throw new ServiceError('FORBIDDEN', 'Only shared images have members.')
}

/** Whether a caller who may see the image may know of one of its members: owners and administrators of all, a project of itself. */
export function knowsMember(viewer: Viewer, { owner }: Image, memberId: string): boolean {
  const own = viewer.project !== null && (viewer.project === owner || viewer.project === memberId)
  return viewer.admin || own
}

/** The one answer for members that are not there and for those that are not the caller's to know. */
export function memberNotFound(imageId: string, memberId: string): ServiceError {
  return new ServiceError('NOT_FOUND', `${memberId} not found in the member list of the image ${imageId}.`)
}

/** Holds the number of members of an image to its quota. @param quota - most members, negative for no limit. @throws ServiceError OVER_LIMIT */
export function assertMemberQuota(attempted: number, quota: number): void {
  if (quota >= 0 && attempted > quota) throw overQuota('members', attempted, quota)
}

function memberOfBody(body: unknown, name: 'member' | 'status', missing: string): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ServiceError('INVALID', `Expected a ${name} in the form: {"${name}": "…"}`)
  const found = Object.entries(body).find(([key]) => key === name)
  if (!found) throw new ServiceError('INVALID', missing)
  return found[1]
}

function schemaError(problem: string, where: string): ServiceError {
  return new ServiceError('INVALID', `Provided object does not match schema 'member': ${problem} (in "${where}")`)
}
