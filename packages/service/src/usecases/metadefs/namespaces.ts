import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { type Parameters, parseNamespaceQuery, parseShowQuery } from '../../domain/metadef/list-parameters.ts'
import {
  assertUnprotected,
  type Contents,
  fallbackOwner,
  type GivenNamespace,
  type ListedNamespace,
  type MetadefNamespace,
  type NamespaceFields,
  type NewContents,
  namespaceNotFound,
  namespaceOfBody,
  withPrefix,
} from '../../domain/metadef/namespace.ts'
import { assertMayWrite } from '../../policy/access.ts'
import { allowsMetadef, assertVisible, permitMetadef } from '../../policy/metadef-access.ts'
import type { NamespaceInput } from './items.ts'

/** A page of namespaces. */
export interface ListedNamespaces {
  readonly namespaces: readonly ListedNamespace[]
  /** Where the next page begins; null when this one is not full. */
  readonly marker: string | null
}

/** Lists namespaces that the caller may see. @throws ServiceError INVALID for the parameters, NOT_FOUND for the marker, FORBIDDEN or NOT_FOUND by policy */
export async function listNamespaces(
  context: RequestContext,
  deps: Deps,
  { parameters }: { readonly parameters: Parameters },
): Promise<ListedNamespaces> {
  const query = parseNamespaceQuery(parameters, context, deps.settings)
  permitMetadef(context, deps, ['get_metadef_namespaces', 'list_metadef_resource_types'], null)
  const page = await deps.metadefs.list(query)
  if (!page) throw namespaceNotFound(query.marker ?? '')
  const full = page.length > 0 && page.length === query.limit
  return {
    namespaces: page.filter(({ namespace }) => allowsMetadef(context, deps, 'get_metadef_namespace', namespace)),
    marker: full ? (page.at(-1)?.namespace.namespace ?? null) : null,
  }
}

/** A namespace that was made, with what was given to be in it. */
export interface CreatedNamespace {
  readonly namespace: MetadefNamespace
  readonly contents: NewContents
}

/** What it takes to make a namespace besides the right to make one. */
const contentRules: readonly (readonly [keyof NewContents, string])[] = [
  ['associations', 'add_metadef_resource_type_association'],
  ['objects', 'add_metadef_object'],
  ['properties', 'add_metadef_property'],
  ['tags', 'add_metadef_tag'],
]

/** Makes a namespace with what is in it, all or nothing. @throws ServiceError INVALID for the body, FORBIDDEN or NOT_FOUND by policy, CONFLICT for a name that is taken */
export async function createNamespace(
  context: RequestContext,
  deps: Deps,
  { body }: { readonly body: unknown },
): Promise<CreatedNamespace> {
  assertMayWrite(context)
  const { namespace: given, contents } = namespaceOfBody(body)
  const needed = contentRules.filter(([part]) => (contents[part] ?? []).length > 0).map(([, rule]) => rule)
  permitMetadef(context, deps, ['add_metadef_namespace', ...needed], null)
  const namespace = await deps.metadefs.insert(owned(context, given), contents, deps.clock.now())
  return { namespace, contents }
}

/** A namespace with what is in it. */
export interface ShownNamespace {
  readonly namespace: MetadefNamespace
  readonly contents: Contents
}

/** Input of `showNamespace`. */
export interface ShowNamespaceInput extends NamespaceInput {
  /** `resource_type` names the one whose prefix is to stand before the names of properties. */
  readonly parameters: Parameters
}

/** A namespace with everything in it. @throws ServiceError INVALID for the parameters, NOT_FOUND, FORBIDDEN when policy lets the caller see it but not what is in it */
export async function showNamespace(
  context: RequestContext,
  deps: Deps,
  { namespace, parameters }: ShowNamespaceInput,
): Promise<ShownNamespace> {
  const { resourceType } = parseShowQuery(parameters)
  const found = await deps.metadefs.find(namespace)
  if (!found) throw namespaceNotFound(namespace)
  assertVisible(context, found.namespace)
  const within = ['list_metadef_resource_types', 'get_metadef_objects', 'get_metadef_properties', 'get_metadef_tags']
  permitMetadef(context, deps, ['get_metadef_namespace', ...within], found.namespace)
  return resourceType ? { ...found, contents: withPrefix(found.contents, resourceType) } : found
}

/** Changes a namespace to what the body says; what the body says is in it is not looked at. @throws ServiceError INVALID for the body, NOT_FOUND, FORBIDDEN by policy, CONFLICT for a name that is taken */
export async function updateNamespace(
  context: RequestContext,
  deps: Deps,
  { namespace, body }: NamespaceInput & { readonly body: unknown },
): Promise<MetadefNamespace> {
  assertMayWrite(context)
  const fields = owned(context, namespaceOfBody(body).namespace)
  const changed = await deps.metadefs.change(namespace, deps.clock.now(), (present) => {
    assertVisible(context, present)
    permitMetadef(context, deps, ['modify_metadef_namespace'], present)
    return fields
  })
  if (!changed) throw namespaceNotFound(namespace)
  return changed
}

/** Removes a namespace with everything in it. @throws ServiceError NOT_FOUND, FORBIDDEN by policy and when it is protected */
export async function removeNamespace(
  context: RequestContext,
  deps: Deps,
  { namespace }: NamespaceInput,
): Promise<void> {
  assertMayWrite(context)
  const removed = await deps.metadefs.remove(namespace, (present) => {
    assertVisible(context, present)
    permitMetadef(context, deps, ['delete_metadef_namespace'], present)
    assertUnprotected(present)
  })
  if (!removed) throw namespaceNotFound(namespace)
}

function owned({ project }: RequestContext, given: GivenNamespace): NamespaceFields {
  return { ...given, owner: given.owner ?? project ?? fallbackOwner }
}
