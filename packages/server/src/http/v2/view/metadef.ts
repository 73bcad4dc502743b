import type {
  Association,
  Contents,
  ListedNamespace,
  MetadefNamespace,
  MetadefObject,
  MetadefProperty,
  MetadefTag,
  NewAssociation,
  NewContents,
  NewMetadefObject,
  NewMetadefProperty,
  ResourceType,
  Timed,
} from '@glance/service'
import { wireTime } from './image.ts'

/** A resource in JSON. */
export type View = Readonly<Record<string, unknown>>

/** Members in their order, without those that were not given. Names may be anything, `__proto__` too. */
function present(members: readonly (readonly [string, unknown])[]): View {
  return Object.fromEntries(members.filter(([, value]) => value !== null))
}

function times({ createdAt, updatedAt }: Timed): readonly (readonly [string, string])[] {
  return [
    ['created_at', wireTime(createdAt)],
    ['updated_at', wireTime(updatedAt)],
  ]
}

/** A name as it stands in a path: what RFC 3986 lets stand there is as it was, so that `OS::Nova::Flavor` is. */
export function pathSegment(name: string): string {
  return encodeURIComponent(name).replace(/%(3A|40|24|26|2B|2C|3B|3D)/g, (escaped) => decodeURIComponent(escaped))
}

/** The address of a namespace below the root. */
export function namespacePath(namespace: string): string {
  return `/v2/metadefs/namespaces/${pathSegment(namespace)}`
}

function namespaceView(
  namespace: MetadefNamespace,
  { associations, properties, objects, tags }: Readonly<Record<keyof Contents, unknown>>,
): View {
  return present([
    ['namespace', namespace.namespace],
    ['display_name', namespace.displayName],
    ['description', namespace.description],
    ['visibility', namespace.visibility],
    ['protected', namespace.protected],
    ['owner', namespace.owner],
    ...times(namespace),
    ['resource_type_associations', associations],
    ['properties', properties],
    ['objects', objects],
    ['tags', tags],
    ['self', namespacePath(namespace.namespace)],
    ['schema', '/v2/schemas/metadefs/namespace'],
  ])
}

const nothing = { associations: null, properties: null, objects: null, tags: null }

/** A namespace by itself. */
export function plainNamespaceView(namespace: MetadefNamespace): View {
  return namespaceView(namespace, nothing)
}

/** A namespace in a list. */
export function listedNamespaceView({ namespace, associations }: ListedNamespace): View {
  return namespaceView(namespace, { ...nothing, associations: unlessEmpty(associations.map(associationView)) })
}

/** A namespace that was made, with what was given to be in it, as it was given. */
export function createdNamespaceView(namespace: MetadefNamespace, contents: NewContents): View {
  return namespaceView(namespace, {
    associations: contents.associations?.map((each) => present(associationMembers(each))) ?? null,
    properties: contents.properties ? propertiesView(contents.properties) : null,
    objects: contents.objects?.map((each) => present(objectMembers(each))) ?? null,
    tags: contents.tags?.map(({ name }) => ({ name })) ?? null,
  })
}

/** A namespace with everything in it. */
export function wholeNamespaceView(namespace: MetadefNamespace, contents: Contents): View {
  return namespaceView(namespace, {
    associations: unlessEmpty(contents.associations.map(associationView)),
    properties: contents.properties.length === 0 ? null : propertiesView(contents.properties),
    objects: unlessEmpty(contents.objects.map((each) => objectView(namespace.namespace, each))),
    tags: unlessEmpty(contents.tags.map(({ name }) => ({ name }))),
  })
}

function unlessEmpty(views: readonly View[]): readonly View[] | null {
  return views.length === 0 ? null : views
}

/** Properties under their names. */
export function propertiesView(properties: readonly NewMetadefProperty[]): View {
  return Object.fromEntries(properties.map(({ name, definition }) => [name, definition]))
}

/** One property, with its name. */
export function propertyView({ name, definition }: MetadefProperty): View {
  const { name: _given, ...others } = definition
  return { name, ...others }
}

/** One object. */
export function objectView(namespace: string, object: MetadefObject): View {
  return present([
    ...objectMembers(object),
    ...times(object),
    ['self', `${namespacePath(namespace)}/objects/${pathSegment(object.name)}`],
    ['schema', '/v2/schemas/metadefs/object'],
  ])
}

function objectMembers({ name, required, description, properties }: NewMetadefObject) {
  return [
    ['name', name],
    ['required', required],
    ['description', description],
    ['properties', properties && Object.fromEntries(properties)],
  ] as const
}

/** One tag. */
export function tagView(tag: MetadefTag): View {
  return present([['name', tag.name], ...times(tag)])
}

/** One type of resources. */
export function resourceTypeView(type: ResourceType): View {
  return present([['name', type.name], ...times(type)])
}

/** One association. */
export function associationView(association: Association): View {
  return present([...associationMembers(association), ...times(association)])
}

function associationMembers({ name, prefix, propertiesTarget }: NewAssociation) {
  return [
    ['name', name],
    ['prefix', prefix],
    ['properties_target', propertiesTarget],
  ] as const
}
