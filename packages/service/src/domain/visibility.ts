/**
 * Who sees which image, before any policy (Image API v2, "Visibility").
 *
 * By id more is visible than in a list: a shared image whatever its member answered, a community image, and an image without an owner, which the default policy then
 * hides. The rules of lists are told to the repository as a query; `isListed` says in code what that query means, for repositories without one of their own and for tests.
 */
import type { FoundImage } from './image.ts'
import { type ImageQuery, unlistedStatuses } from './query.ts'

/** Whose eyes. */
export interface Viewer {
  readonly project: string | null
  readonly admin: boolean
}

/** Whether a project that asks by id may know of the image. Images that wait for their deletion are there for nobody. */
export function isVisible(viewer: Viewer, { image, memberStatus }: FoundImage): boolean {
  if (image.status === 'pending_delete' || image.status === 'deleted') return false
  if (viewer.admin || image.owner === null || image.owner === viewer.project) return true
  if (image.visibility === 'public' || image.visibility === 'community') return true
  return image.visibility === 'shared' && memberStatus !== null
}

/** Whether a list shows the image as far as state, visibility, membership and `hidden` decide; filters, tags and properties are not looked at. */
export function isListed(
  query: Pick<ImageQuery, 'viewer' | 'visibility' | 'memberStatus' | 'hidden'>,
  { image, memberStatus }: FoundImage,
): boolean {
  const { viewer, visibility } = query
  if (unlistedStatuses.includes(image.status) || image.hidden !== query.hidden) return false
  if (visibility !== null && visibility !== 'all' && image.visibility !== visibility) return false
  const own = viewer.project !== null && image.owner === viewer.project
  if (own || image.visibility === 'public') return true
  if (image.visibility === 'community') return visibility !== null
  if (viewer.admin) return true
  if (image.visibility !== 'shared' || memberStatus === null) return false
  return query.memberStatus === 'all' || query.memberStatus === memberStatus
}
