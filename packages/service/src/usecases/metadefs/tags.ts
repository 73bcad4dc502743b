import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { type Parameters, parseTagQuery } from '../../domain/metadef/list-parameters.ts'
import { assertDistinct } from '../../domain/metadef/namespace.ts'
import { type MetadefTag, type NewMetadefTag, tagOf, tagOfBody, tagPage, tagsOfBody } from '../../domain/metadef/tag.ts'
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

const tags: ItemKind<NewMetadefTag, MetadefTag> = {
  kind: 'tag',
  port: ({ metadefs }) => metadefs.tags,
  rules: {
    list: 'get_metadef_tags',
    show: 'get_metadef_tag',
    add: 'add_metadef_tag',
    modify: 'modify_metadef_tag',
    remove: 'delete_metadef_tag',
  },
}

/** A page of the tags of a namespace. @throws ServiceError INVALID for the parameters, NOT_FOUND, also for the marker, FORBIDDEN by policy */
export async function listMetadefTags(
  context: RequestContext,
  deps: Deps,
  { namespace, parameters }: NamespaceInput & { readonly parameters: Parameters },
): Promise<readonly MetadefTag[]> {
  const query = parseTagQuery(parameters)
  const { items } = await listItems(context, deps, tags, { namespace })
  return tagPage(items, query)
}

/** One tag. @throws ServiceError NOT_FOUND, FORBIDDEN by policy */
export async function showMetadefTag(context: RequestContext, deps: Deps, input: ItemInput): Promise<MetadefTag> {
  return showItem(context, deps, tags, input)
}

/** Adds a tag. @throws ServiceError INVALID for the name, NOT_FOUND, FORBIDDEN by policy, CONFLICT for a name that is taken */
export async function addMetadefTag(
  context: RequestContext,
  deps: Deps,
  { namespace, name }: ItemInput,
): Promise<MetadefTag> {
  const [added] = await addItems(context, deps, tags, { namespace, items: [tagOf(name, ['name'])] })
  if (!added) throw new Error('nothing was added')
  return added
}

/**
 * Adds several tags, all or none.
 *
 * An empty list does nothing, in either way.
 *
 * @param input.append - whether those that are there stay; else the new ones take their place
 * @throws ServiceError INVALID for the body, NOT_FOUND, FORBIDDEN by policy, CONFLICT for a name that is taken or comes twice
 */
export async function addMetadefTags(
  context: RequestContext,
  deps: Deps,
  { namespace, body, append }: NamespaceInput & { readonly body: unknown; readonly append: boolean },
): Promise<readonly MetadefTag[]> {
  const items = tagsOfBody(body)
  const kind = { ...tags, rules: { ...tags.rules, add: 'add_metadef_tags' } }
  assertDistinct('tag', items, namespace)
  return addItems(context, deps, kind, { namespace, items, instead: !append && items.length > 0 })
}

/** Gives a tag another name. @throws ServiceError as `addMetadefTag` */
export async function renameMetadefTag(
  context: RequestContext,
  deps: Deps,
  { namespace, name, body }: ItemInput & { readonly body: unknown },
): Promise<MetadefTag> {
  return replaceItem(context, deps, tags, { namespace, name, item: tagOfBody(body) })
}

/** Removes a tag. @throws ServiceError NOT_FOUND, FORBIDDEN by policy and in protected namespaces */
export async function removeMetadefTag(context: RequestContext, deps: Deps, input: ItemInput): Promise<void> {
  await removeItem(context, deps, tags, input)
}

/** Removes all tags of a namespace. @throws ServiceError NOT_FOUND, FORBIDDEN by policy and in protected namespaces */
export async function clearMetadefTags(context: RequestContext, deps: Deps, input: NamespaceInput): Promise<void> {
  await clearItems(context, deps, tags, input, ['delete_metadef_tags'])
}
