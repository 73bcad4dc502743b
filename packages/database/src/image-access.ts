/**
 * The ways into `images` for a list: which rows, found how.
 *
 * What a viewer sees is a union (public images, own images, images shared with the project). Asked for as one condition with OR, a
 * database has to read and sort all of it to find the first page. So a list is several ways, each of which an index of ours gives in the
 * order of the list; the page is merged from the first rows of each. A way may give rows that another gives too.
 *
 * A filter that only few images can match (`id`, `checksum`, `os_hash_value`, one `owner`, a rare tag or property) is a better way, and then the only one.
 */
import type { ImageFilter, ImageQuery, Visibility } from '@glance/service'
import { type Expression, type SqlBool, sql } from 'kysely'
import type { Values } from './backend.ts'
import { isLive, unindexed } from './live.ts'

type Condition = Expression<SqlBool>

/** One way: conditions that all hold for its rows. */
export interface AccessWay {
  readonly conditions: readonly Expression<SqlBool>[]
  /** The filter that the way begins with, if it does. */
  readonly entry: ImageFilter | null
  /**
   * Whether an index gives the rows in the order of the list. If not, no condition but the entry and no order may use an index: with
   * statistics SQLite else takes one of them for the better way, and reads the whole table by it.
   */
  readonly ordered: boolean
}

/**
 * The ways whose union is what the viewer may see under the query's `visibility`, `memberStatus` and `hidden`.
 *
 * @param few - a condition that few images fulfil (`rare-filters.ts`); null when there is none
 */
export function accessWays(values: Values, query: ImageQuery, few: Condition | null = null): readonly AccessWay[] {
  const selective = query.filters.find(isSelective)
  if (selective !== undefined) {
    return [{ entry: selective, ordered: false, conditions: [...fitsLoosely(values, query), isVisible(values, query)] }]
  }
  if (few !== null) {
    const conditions = [few, ...fitsLoosely(values, query), isVisible(values, query)]
    return [{ entry: null, ordered: false, conditions }]
  }
  const byOwner = query.filters.find((filter) => filter.field === 'owner' && filter.operator === 'eq')
  if (byOwner !== undefined) {
    return [{ entry: byOwner, ordered: true, conditions: [...fits(values, query), isVisible(values, query)] }]
  }
  return unionOf(values, query)
}

function isSelective(filter: ImageFilter): boolean {
  const field = filter.field === 'id' || filter.field === 'checksum' || filter.field === 'os_hash_value'
  return field && (filter.operator === 'eq' || filter.operator === 'in')
}

function unionOf(values: Values, query: ImageQuery): readonly AccessWay[] {
  const { project, admin } = query.viewer
  const ordered = (...conditions: Condition[]): AccessWay => ({
    entry: null,
    ordered: true,
    conditions: [...fits(values, query), ...conditions],
  })
  const seen = (visibility: Visibility): AccessWay => ordered(sql<SqlBool>`images.visibility = ${visibility}`)
  // Not narrowed to what the other ways leave out: a project that owns nearly all images would then be read to its end.
  const own = (...narrowed: Condition[]): AccessWay[] =>
    project === null ? [] : [ordered(sql<SqlBool>`images.owner = ${project}`, ...narrowed)]
  const sharedWithMe = (): AccessWay[] => {
    if (project === null) return []
    const conditions = [...fitsLoosely(values, query), ...isSharedWith(values, query, project)]
    return [{ entry: null, ordered: false, conditions }]
  }

  if (admin) {
    if (query.visibility === null) return [seen('public'), seen('shared'), seen('private'), ...own()]
    if (query.visibility === 'all') return [seen('public'), seen('shared'), seen('private'), seen('community')]
    return [seen(query.visibility)]
  }
  switch (query.visibility) {
    case null:
      return [seen('public'), ...own(), ...sharedWithMe()]
    case 'all':
      return [seen('public'), seen('community'), ...own(), ...sharedWithMe()]
    case 'shared':
      return [...own(hasVisibility('shared')), ...sharedWithMe()]
    case 'private':
      return own(hasVisibility('private'))
    default:
      return [seen(query.visibility)]
  }
}

/** What the ways together let through, as one condition that is no way into the table. */
function isVisible(values: Values, query: ImageQuery): Condition {
  const { project, admin } = query.viewer
  const asked: Condition =
    query.visibility === null || query.visibility === 'all' ? sql<SqlBool>`1 = 1` : hasVisibility(query.visibility)
  const isOwn: Condition =
    project === null ? sql<SqlBool>`1 = 0` : sql<SqlBool>`${unindexed('images.owner', null)} = ${project}`
  const community: Condition[] = query.visibility === null ? [] : [hasVisibility('community')]
  const others: Condition[] = admin
    ? [hasVisibility('public'), hasVisibility('shared'), hasVisibility('private')]
    : [hasVisibility('public'), ...(project === null ? [] : [all(isSharedWith(values, query, project))])]
  return all([asked, sql<SqlBool>`(${sql.join([isOwn, ...community, ...others], sql` or `)})`])
}

/** Live, hidden or not as asked, in a state that lists show: with the leading columns of our indexes. */
function fits(values: Values, query: ImageQuery): Condition[] {
  return [
    sql<SqlBool>`images.deleted = ${values.flag(false)}`,
    sql<SqlBool>`images.os_hidden = ${values.flag(query.hidden)}`,
  ]
}

/** The same for ways that begin elsewhere: never the way in. */
function fitsLoosely(values: Values, query: ImageQuery): Condition[] {
  return [
    isLive(values, 'images'),
    sql<SqlBool>`${unindexed('images.os_hidden', values.flag(false))} = ${values.flag(query.hidden)}`,
  ]
}

function hasVisibility(visibility: Visibility): Condition {
  return sql<SqlBool>`${unindexed('images.visibility', '')} = ${visibility}`
}

function isSharedWith(values: Values, query: ImageQuery, project: string): Condition[] {
  const status = query.memberStatus === 'all' ? sql`` : sql` and image_members.status = ${query.memberStatus}`
  return [
    hasVisibility('shared'),
    sql<SqlBool>`images.id in (select image_members.image_id from image_members
      where image_members.member = ${project}${status} and ${isLive(values, 'image_members')})`,
  ]
}

function all(conditions: readonly Condition[]): Condition {
  return sql<SqlBool>`(${sql.join(conditions, sql` and `)})`
}
