import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { namespaceNotFound } from '../../domain/metadef/namespace.ts'
import { type MetadefProperty, type NewMetadefProperty, propertyOfBody } from '../../domain/metadef/property.ts'
import { withoutPrefix } from '../../domain/metadef/resource-type.ts'
import {
  addItems,
  clearItems,
  type ItemInput,
  type ItemKind,
  listItems,
  type NamespaceInput,
  permitter,
  removeItem,
  replaceItem,
  showItem,
} from './items.ts'
import { associationKind } from './resource-types.ts'

const properties: ItemKind<NewMetadefProperty, MetadefProperty> = {
  kind: 'property',
  port: ({ metadefs }) => metadefs.properties,
  rules: {
    list: 'get_metadef_properties',
    show: 'get_metadef_property',
    add: 'add_metadef_property',
    modify: 'modify_metadef_property',
    remove: 'remove_metadef_property',
  },
}

/** Input of `showMetadefProperty`. */
export interface ShowPropertyInput extends ItemInput {
  /** Whose prefix stands before the name; null or empty for none. */
  readonly resourceType: string | null
}

/** The properties of a namespace, by name. @throws ServiceError NOT_FOUND, FORBIDDEN by policy */
export async function listMetadefProperties(
  context: RequestContext,
  deps: Deps,
  input: NamespaceInput,
): Promise<readonly MetadefProperty[]> {
  return (await listItems(context, deps, properties, input)).items
}

/** One property. @throws ServiceError NOT_FOUND, also for a resource type that the namespace is not associated with; FORBIDDEN by policy */
export async function showMetadefProperty(
  context: RequestContext,
  deps: Deps,
  { namespace, name, resourceType }: ShowPropertyInput,
): Promise<MetadefProperty> {
  if (!resourceType) return showItem(context, deps, properties, { namespace, name })
  const found = await deps.metadefs.associations.find(namespace, resourceType)
  if (!found) throw namespaceNotFound(namespace)
  permitter(context, deps, [properties.rules.show, associationKind.rules.show])(found.namespace)
  return showItem(context, deps, properties, { namespace, name: withoutPrefix(name, resourceType, found.item) })
}

/** Adds a property. @throws ServiceError INVALID for the body, NOT_FOUND, FORBIDDEN by policy, CONFLICT for a name that is taken */
export async function addMetadefProperty(
  context: RequestContext,
  deps: Deps,
  { namespace, body }: NamespaceInput & { readonly body: unknown },
): Promise<MetadefProperty> {
  const item = propertyOfBody(body)
  const [added] = await addItems(context, deps, properties, { namespace, items: [item] })
  if (!added) throw new Error('nothing was added')
  return added
}

/** Puts a property in the place of another; it may have another name. @throws ServiceError as `addMetadefProperty` */
export async function replaceMetadefProperty(
  context: RequestContext,
  deps: Deps,
  { namespace, name, body }: ItemInput & { readonly body: unknown },
): Promise<MetadefProperty> {
  return replaceItem(context, deps, properties, { namespace, name, item: propertyOfBody(body) })
}

/** Removes a property. @throws ServiceError NOT_FOUND, FORBIDDEN by policy and in protected namespaces */
export async function removeMetadefProperty(context: RequestContext, deps: Deps, input: ItemInput): Promise<void> {
  await removeItem(context, deps, properties, input)
}

/** Removes all properties of a namespace. @throws ServiceError NOT_FOUND, FORBIDDEN by policy and in protected namespaces */
export async function clearMetadefProperties(
  context: RequestContext,
  deps: Deps,
  input: NamespaceInput,
): Promise<void> {
  await clearItems(context, deps, properties, input)
}
