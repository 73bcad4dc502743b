/** Definitions of tags: names to choose from. */
import { ServiceError } from '../errors.ts'
import { bare, type JsonSchema } from '../json-schema.ts'
import { assertFits } from '../schema-check.ts'
import { assertShort } from './kept-value.ts'
import { itemNotFound, type Timed } from './kind.ts'
import {
  collectionSchema,
  type MetadefCollectionSchema,
  type MetadefField,
  type MetadefSchema,
  resourceSchema,
  timeFields,
  writesShownOnly,
} from './schema-document.ts'

/** A tag, before it is kept. */
export interface NewMetadefTag {
  readonly name: string
}

/** A tag of a namespace. */
export interface MetadefTag extends NewMetadefTag, Timed {}

const fields: readonly MetadefField[] = [
  { wire: 'name', schema: { type: 'string', maxLength: 80 } },
  ...timeFields('tag'),
]

/** What `/v2/schemas/metadefs/tag` answers. */
export const metadefTagSchema: MetadefSchema = resourceSchema('tag', fields, ['name'])

/** What `/v2/schemas/metadefs/tags` answers. */
export const metadefTagsSchema: MetadefCollectionSchema = collectionSchema('tags', metadefTagSchema)

/** Bodies that bring several tags at once. */
const listSchema: JsonSchema = {
  type: 'object',
  properties: {
    tags: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' } },
        required: ['name'],
        additionalProperties: false,
      },
    },
  },
  required: ['tags'],
  additionalProperties: false,
}

/** The tag that a body tells of. @throws ServiceError INVALID, FORBIDDEN for members that only the service writes */
export function tagOfBody(body: unknown): NewMetadefTag {
  const refused = writesShownOnly(body, fields)
  if (refused) throw refused
  assertFits(body, 'tag', metadefTagSchema)
  return tagOf((body as NewMetadefTag).name, ['name'])
}

/** The tags that a body `{"tags": [{"name": "…"}]}` tells of. @throws ServiceError as `tagOfBody` */
export function tagsOfBody(body: unknown): readonly NewMetadefTag[] {
  const refused = writesShownOnly(body, fields)
  if (refused) throw refused
  assertFits(body, 'tags', listSchema)
  return (body as { tags: readonly NewMetadefTag[] }).tags.map(({ name }, at) =>
    tagOf(name, ['tags', String(at), 'name']),
  )
}

/** A tag of a name. @param path - where the name stands. @throws ServiceError INVALID */
export function tagOf(name: unknown, path: readonly string[]): NewMetadefTag {
  assertShort('tag', name, path)
  return { name }
}

/** Which tags of a namespace to list, and how. */
export interface TagQuery {
  readonly limit: number | null
  /** Name of the tag after which the page starts, or null. */
  readonly marker: string | null
  readonly key: (typeof tagSortKeys)[number]
  readonly direction: 'asc' | 'desc'
}

/** What tags may be sorted by. */
export const tagSortKeys = ['created_at', 'name', 'updated_at', 'id'] as const

/**
 * One page of tags.
 *
 * @param tags - all of a namespace, newest first
 * @throws ServiceError NOT_FOUND when the marker is none of them
 */
export function tagPage(
  tags: readonly MetadefTag[],
  { limit, marker, key, direction }: TagQuery,
): readonly MetadefTag[] {
  const oldestFirst = tags.toReversed()
  const rank = ranks[key]
  const sorted =
    rank === null ? oldestFirst : oldestFirst.toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0))
  const ordered = direction === 'asc' ? sorted : sorted.toReversed()
  const at = marker === null ? -1 : ordered.findIndex(({ name }) => name === marker)
  if (marker !== null && at === -1) throw itemNotFound('tag', marker)
  return ordered.slice(at + 1, limit === null ? undefined : at + 1 + limit)
}

const ranks: Readonly<Record<TagQuery['key'], ((tag: MetadefTag) => string | number) | null>> = {
  created_at: null,
  id: null,
  name: ({ name }) => name,
  updated_at: ({ updatedAt }) => updatedAt.getTime(),
}

/** The direction of an order out of a parameter. @throws ServiceError INVALID */
export function sortDirection(value: string | null): 'asc' | 'desc' {
  if (value === null || value === 'desc') return 'desc'
  if (value === 'asc') return value
  throw new ServiceError('INVALID', `Invalid sort direction: ${bare(value)}`)
}
