/** Namespaces of metadata definitions, with everything in them. */
import { ServiceError } from '../errors.ts'
import { bare, type JsonSchema } from '../json-schema.ts'
import { assertStorableText } from '../properties.ts'
import { assertFits } from '../schema-check.ts'
import type { Viewer } from '../visibility.ts'
import { assertFitsColumn, assertShort } from './kept-value.ts'
import { itemTaken, type MetadefKind, type Timed } from './kind.ts'
import {
  type GivenObject,
  type MetadefObject,
  type NewMetadefObject,
  nestedObjectFields,
  objectDefinitions,
  objectOf,
} from './object.ts'
import { type MetadefProperty, type NewMetadefProperty, propertiesOf, toleratedDefinition } from './property.ts'
import {
  type Association,
  associationOf,
  type GivenAssociation,
  type NewAssociation,
  nestedAssociationFields,
} from './resource-type.ts'
import {
  collectionSchema,
  linkFields,
  type MetadefCollectionSchema,
  type MetadefField,
  type MetadefSchema,
  membersOf,
  resourceSchema,
  timeFields,
  writesShownOnly,
} from './schema-document.ts'
import { type MetadefTag, type NewMetadefTag, tagOf } from './tag.ts'

/** What a writer says of a namespace. Null stands for what was not given. */
export interface NamespaceFields {
  readonly namespace: string
  readonly displayName: string | null
  readonly description: string | null
  /** Private ones are seen by their owner and by administrators. */
  readonly visibility: 'public' | 'private'
  /** Neither it nor what is in it can be deleted. */
  readonly protected: boolean
  /** Project id. */
  readonly owner: string
}

/** A namespace without what is in it. */
export interface MetadefNamespace extends NamespaceFields, Timed {}

/** What is in a namespace, before it is kept. Null stands for what was not given. */
export interface NewContents {
  readonly associations: readonly NewAssociation[] | null
  readonly properties: readonly NewMetadefProperty[] | null
  readonly objects: readonly NewMetadefObject[] | null
  readonly tags: readonly NewMetadefTag[] | null
}

/** What is in a namespace. */
export interface Contents {
  readonly associations: readonly Association[]
  readonly properties: readonly MetadefProperty[]
  readonly objects: readonly MetadefObject[]
  readonly tags: readonly MetadefTag[]
}

/** A namespace whose owner is not known yet. */
export type GivenNamespace = Omit<NamespaceFields, 'owner'> & { readonly owner: string | null }

const text: JsonSchema = { type: 'string' }

/** What is in a namespace, and the members by which its JSON tells of it: of names and texts only that they are texts. */
const nested: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>> = {
  resource_type_associations: plain(nestedAssociationFields),
  objects: plain(nestedObjectFields),
  tags: { name: text },
}

function plain(fields: readonly MetadefField[]): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(fields.map(({ wire, schema }) => [wire, schema.$ref === undefined ? text : schema]))
}

function listOf(name: string, more: JsonSchema = {}): MetadefField {
  const items: JsonSchema = { type: 'object', properties: nested[name] ?? {}, ...more }
  return { wire: name, schema: { type: 'array', items } }
}

const fields: readonly MetadefField[] = [
  { wire: 'namespace', schema: { type: 'string', description: 'Name, unique among namespaces', maxLength: 80 } },
  { wire: 'display_name', schema: { type: 'string', description: 'Name for people', maxLength: 80 } },
  { wire: 'description', schema: { type: 'string', description: 'What it is about', maxLength: 500 } },
  { wire: 'visibility', schema: { type: 'string', description: 'Who sees it', enum: ['public', 'private'] } },
  { wire: 'protected', schema: { type: 'boolean', description: 'Whether it is kept from being deleted' } },
  { wire: 'owner', schema: { type: 'string', description: 'Project that owns it', maxLength: 255 } },
  ...timeFields('namespace'),
  ...linkFields,
  listOf('resource_type_associations'),
  { wire: 'properties', schema: { $ref: '#/definitions/property' } },
  listOf('objects'),
  listOf('tags'),
]

/** What `/v2/schemas/metadefs/namespace` answers. */
export const metadefNamespaceSchema: MetadefSchema = resourceSchema(
  'namespace',
  fields,
  ['namespace'],
  objectDefinitions,
)

/** What `/v2/schemas/metadefs/namespaces` answers. */
export const metadefNamespacesSchema: MetadefCollectionSchema = collectionSchema('namespaces', metadefNamespaceSchema)

/** Members that answers show of items and nobody sets. Clients send a whole namespace back to change a part of it. */
const shownOfItems = membersOf([...timeFields('item'), ...linkFields])

/** The published schema with what it forgets: that items need a name, and that others of their members are unknown. */
const strictSchema: JsonSchema = {
  ...metadefNamespaceSchema,
  properties: {
    ...metadefNamespaceSchema.properties,
    ...membersOf(
      Object.entries(nested).map(([name, members]) =>
        listOf(name, {
          properties: { ...members, ...shownOfItems },
          required: ['name'],
          additionalProperties: false,
        }),
      ),
    ),
  },
}

/** A namespace in JSON that has the right types. */
interface Given {
  readonly namespace: string
  readonly display_name?: string
  readonly description?: string
  readonly visibility?: 'public' | 'private'
  readonly protected?: boolean
  readonly owner?: string
  readonly resource_type_associations?: readonly GivenAssociation[]
  readonly properties?: Readonly<Record<string, unknown>>
  readonly objects?: readonly GivenObject[]
  readonly tags?: readonly { readonly name?: string }[]
}

/** What a body or a file tells of. */
export interface ToldNamespace {
  readonly namespace: GivenNamespace
  readonly contents: NewContents
}

/** The namespace that a body tells of. @throws ServiceError INVALID, FORBIDDEN for members that only the service writes */
export function namespaceOfBody(body: unknown): ToldNamespace {
  const refused = writesShownOnly(body, fields)
  if (refused) throw refused
  assertFits(body, 'namespace', strictSchema, objectDefinitions)
  return toldBy(body as Given)
}

/**
 * The namespace that a file tells of, in the form that Glance's tools read and write.
 *
 * As those do it passes over members that it does not know, and takes null for not given and descriptions of any length. Entries of enumerations that are no text become text.
 *
 * @throws ServiceError INVALID
 */
export function namespaceOfFile(document: unknown): ToldNamespace {
  const given = withoutNulls(document)
  const { properties } = metadefNamespaceSchema
  const { created_at: _created, updated_at: _updated, self: _self, schema: _schema, ...members } = properties
  const schema = { properties: { ...members, description: text }, required: ['namespace'] }
  assertFits(given, 'namespace', schema, objectDefinitions)
  const { properties: own, objects, ...rest } = given as Given
  return toldBy({
    ...rest,
    ...(own ? { properties: tolerated(own) } : {}),
    ...(objects ? { objects: objects.map((each) => ({ ...each, properties: tolerated(each.properties ?? {}) })) } : {}),
  })
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  const given = Object.entries(value).filter(([name, member]) => member !== null || name === 'default')
  return Object.fromEntries(given.map(([name, member]) => [name, name === 'default' ? member : withoutNulls(member)]))
}

function tolerated(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, definition]) => [name, toleratedDefinition(definition)]),
  )
}

function toldBy(given: Given): ToldNamespace {
  const { namespace, display_name: displayName = null, description = null } = given
  assertShort('namespace', namespace, ['namespace'])
  for (const [member, value] of Object.entries({ display_name: displayName, description, owner: given.owner ?? null }))
    if (value !== null) assertStorableText(value, `member "${member}"`)
  assertFitsColumn('namespace', description ?? '', ['description'])
  const all = <G, I>(
    list: string,
    items: readonly G[] | undefined,
    read: (item: G, path: readonly string[]) => I,
  ): readonly I[] | null => items?.map((item, at) => read(item, [list, String(at)])) ?? null
  const contents: NewContents = {
    associations: all('resource_type_associations', given.resource_type_associations, associationOf),
    properties: given.properties ? propertiesOf(given.properties, ['properties']) : null,
    objects: all('objects', given.objects, objectOf),
    tags: all('tags', given.tags, ({ name }, path) => tagOf(name, [...path, 'name'])),
  }
  assertDistinct('association', contents.associations, namespace)
  assertDistinct('object', contents.objects, namespace)
  assertDistinct('tag', contents.tags, namespace)
  return {
    namespace: {
      namespace,
      displayName,
      description,
      visibility: given.visibility ?? 'private',
      protected: given.protected ?? false,
      owner: given.owner || null,
    },
    contents,
  }
}

/** Checks that no two items have one name. @throws ServiceError CONFLICT */
export function assertDistinct(
  kind: MetadefKind,
  items: readonly { readonly name: string }[] | null,
  namespace: string,
): void {
  const seen = new Set<string>()
  for (const { name } of items ?? []) {
    if (seen.has(name)) throw itemTaken(kind, name, namespace)
    seen.add(name)
  }
}

/** Owner of what nobody's project asks for, as in Glance's own tools. */
export const fallbackOwner = 'admin'

/** Whether a project may know of a namespace, before any policy. */
export function isNamespaceVisible(viewer: Viewer, { visibility, owner }: NamespaceFields): boolean {
  return viewer.admin || visibility === 'public' || (viewer.project !== null && viewer.project === owner)
}

/** The one answer for namespaces that are not there and for those that are not the caller's to know. */
export function namespaceNotFound(name: string): ServiceError {
  return new ServiceError('NOT_FOUND', `Namespace ${bare(name)} not found`)
}

/** The refusal of a name that another namespace has. */
export function namespaceTaken(name: string): ServiceError {
  return new ServiceError('CONFLICT', `The metadata definition namespace=${bare(name)} already exists.`)
}

/** Refuses to delete a namespace or what is in it. @throws ServiceError FORBIDDEN when it is protected */
export function assertUnprotected(namespace: NamespaceFields): void {
  if (namespace.protected)
    throw new ServiceError(
      'FORBIDDEN',
      `Metadata definition namespace ${bare(namespace.namespace)} is protected and cannot be deleted.`,
    )
}

/** What namespaces may be sorted by. */
export const namespaceSortKeys = [
  'created_at',
  'namespace',
  'display_name',
  'description',
  'visibility',
  'protected',
  'owner',
  'updated_at',
  'id',
] as const

/** Which namespaces to list. */
export interface NamespaceQuery {
  readonly viewer: Viewer
  readonly visibility: 'public' | 'private' | null
  /** Only those that are associated with one of these; null for all. */
  readonly resourceTypes: readonly string[] | null
  /** Equal ones follow each other in the order of their making, in the same direction. */
  readonly key: (typeof namespaceSortKeys)[number]
  readonly direction: 'asc' | 'desc'
  readonly limit: number
  /** Name of the namespace after which the page starts, or null. */
  readonly marker: string | null
}

/** A namespace in a list. */
export interface ListedNamespace {
  readonly namespace: MetadefNamespace
  readonly associations: readonly Association[]
}

/**
 * Everything in a namespace with the prefix of an association before the names of properties; as it is when there is no such association.
 *
 * @param type - of resources
 */
export function withPrefix(contents: Contents, type: string): Contents {
  const prefix = contents.associations.find(({ name }) => name === type)?.prefix
  if (!prefix) return contents
  const prefixed = (name: string): string => prefix + name
  return {
    ...contents,
    properties: contents.properties.map((each) => ({ ...each, name: prefixed(each.name) })),
    objects: contents.objects.map((each) => ({
      ...each,
      required: each.required?.map(prefixed) ?? null,
      properties: new Map([...(each.properties ?? [])].map(([name, definition]) => [prefixed(name), definition])),
    })),
  }
}
