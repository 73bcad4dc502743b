import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { checkObjectQuery, type Parameters } from '../../domain/metadef/list-parameters.ts'
import { type MetadefObject, type NewMetadefObject, objectOfBody } from '../../domain/metadef/object.ts'
import { allowsMetadef } from '../../policy/metadef-access.ts'
import {
  addItems,
  clearItems,
  type ItemInput,
  type ItemKind,
  listItems,
  type NamespaceInput,
  removeItem,
  replaceItem,
  showItem,
} from './items.ts'

const objects: ItemKind<NewMetadefObject, MetadefObject> = {
  kind: 'object',
  port: ({ metadefs }) => metadefs.objects,
  rules: {
    list: 'get_metadef_objects',
    show: 'get_metadef_object',
    add: 'add_metadef_object',
    modify: 'modify_metadef_object',
    remove: 'delete_metadef_object',
  },
}

/** The objects of a namespace, by name: those that the caller may show. @throws ServiceError INVALID for the parameters, NOT_FOUND, FORBIDDEN by policy */
export async function listMetadefObjects(
  context: RequestContext,
  deps: Deps,
  { namespace, parameters }: NamespaceInput & { readonly parameters: Parameters },
): Promise<readonly MetadefObject[]> {
  checkObjectQuery(parameters)
  const found = await listItems(context, deps, objects, { namespace })
  return allowsMetadef(context, deps, objects.rules.show, found.namespace) ? found.items : []
}

/** One object. @throws ServiceError NOT_FOUND, FORBIDDEN by policy */
export async function showMetadefObject(context: RequestContext, deps: Deps, input: ItemInput): Promise<MetadefObject> {
  return showItem(context, deps, objects, input)
}

/** Adds an object. @throws ServiceError INVALID for the body, NOT_FOUND, FORBIDDEN by policy, CONFLICT for a name that is taken */
export async function addMetadefObject(
  context: RequestContext,
  deps: Deps,
  { namespace, body }: NamespaceInput & { readonly body: unknown },
): Promise<MetadefObject> {
  const item = objectOfBody(body)
  const [added] = await addItems(context, deps, objects, { namespace, items: [item] })
  if (!added) throw new Error('nothing was added')
  return added
}

/** Puts an object in the place of another; it may have another name. @throws ServiceError as `addMetadefObject` */
export async function replaceMetadefObject(
  context: RequestContext,
  deps: Deps,
  { namespace, name, body }: ItemInput & { readonly body: unknown },
): Promise<MetadefObject> {
  return replaceItem(context, deps, objects, { namespace, name, item: objectOfBody(body) })
}

/** Removes an object. @throws ServiceError NOT_FOUND, FORBIDDEN by policy and in protected namespaces */
export async function removeMetadefObject(context: RequestContext, deps: Deps, input: ItemInput): Promise<void> {
  await removeItem(context, deps, objects, input)
}

/** Removes all objects of a namespace. @throws ServiceError NOT_FOUND, FORBIDDEN by policy and in protected namespaces */
export async function clearMetadefObjects(context: RequestContext, deps: Deps, input: NamespaceInput): Promise<void> {
  await clearItems(context, deps, objects, input)
}
