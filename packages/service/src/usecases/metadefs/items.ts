/**
 * What can be done with the definitions of one kind in a namespace. The kinds differ in their rules of policy alone; `properties.ts`, `objects.ts`, `tags.ts` and `resource-types.ts` name them.
 *
 * The order of refusals hides what is not the caller's to know: input, namespace, right, item. Rights are asked again on the namespace that is changed.
 */
import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import { itemNotFound, itemProtected, type MetadefKind, type Timed } from '../../domain/metadef/kind.ts'
import { assertUnprotected, type MetadefNamespace, namespaceNotFound } from '../../domain/metadef/namespace.ts'
import { assertMayWrite } from '../../policy/access.ts'
import { assertVisible, permitMetadef } from '../../policy/metadef-access.ts'
import type { MetadefItems } from '../../ports/metadefs.ts'

/** One kind: what it is called, where it is kept, and which rules guard it. */
export interface ItemKind<New extends { readonly name: string }, Item extends New & Timed> {
  readonly kind: MetadefKind
  readonly port: (deps: Deps) => MetadefItems<New, Item>
  readonly rules: Readonly<Record<'list' | 'show' | 'add' | 'modify' | 'remove', string>>
}

/** Input of calls about one namespace. */
export interface NamespaceInput {
  readonly namespace: string
}

/** Input of calls about one item of a namespace. */
export interface ItemInput extends NamespaceInput {
  readonly name: string
}

/** Throws to refuse. */
export type Permit = (namespace: MetadefNamespace) => void

/** What refuses callers who may not see a namespace, or may not do this to it. */
export function permitter(context: RequestContext, deps: Deps, rules: readonly string[]): Permit {
  return (namespace) => {
    assertVisible(context, namespace)
    permitMetadef(context, deps, rules, namespace)
  }
}

/** All items of a namespace, with it. @throws ServiceError NOT_FOUND, FORBIDDEN by policy */
export async function listItems<New extends { readonly name: string }, Item extends New & Timed>(
  context: RequestContext,
  deps: Deps,
  { port, rules }: ItemKind<New, Item>,
  { namespace }: NamespaceInput,
): Promise<{ readonly namespace: MetadefNamespace; readonly items: readonly Item[] }> {
  const found = await port(deps).list(namespace)
  if (!found) throw namespaceNotFound(namespace)
  permitter(context, deps, [rules.list])(found.namespace)
  return found
}

/** One item of a namespace. @throws ServiceError NOT_FOUND, FORBIDDEN by policy */
export async function showItem<New extends { readonly name: string }, Item extends New & Timed>(
  context: RequestContext,
  deps: Deps,
  { kind, port, rules }: ItemKind<New, Item>,
  { namespace, name }: ItemInput,
): Promise<Item> {
  const found = await port(deps).find(namespace, name)
  if (!found) throw namespaceNotFound(namespace)
  permitter(context, deps, [rules.show])(found.namespace)
  if (!found.item) throw itemNotFound(kind, name)
  return found.item
}

/** Adds items, all or none. @param instead - of all that are there. @throws ServiceError NOT_FOUND, FORBIDDEN by policy, CONFLICT for a name that is taken */
export async function addItems<New extends { readonly name: string }, Item extends New & Timed>(
  context: RequestContext,
  deps: Deps,
  { port, rules }: Pick<ItemKind<New, Item>, 'port' | 'rules'>,
  {
    namespace,
    items,
    instead = false,
  }: NamespaceInput & { readonly items: readonly New[]; readonly instead?: boolean },
): Promise<readonly Item[]> {
  assertMayWrite(context)
  const permit = permitter(context, deps, [rules.add])
  const added = await port(deps).add(namespace, items, deps.clock.now(), permit, instead)
  if (!added) throw namespaceNotFound(namespace)
  return added
}

/** Puts an item in the place of another. @throws ServiceError NOT_FOUND, FORBIDDEN by policy, CONFLICT for a name that is taken */
export async function replaceItem<New extends { readonly name: string }, Item extends New & Timed>(
  context: RequestContext,
  deps: Deps,
  { kind, port, rules }: ItemKind<New, Item>,
  { namespace, name, item }: ItemInput & { readonly item: New },
): Promise<Item> {
  assertMayWrite(context)
  const permit = permitter(context, deps, [rules.modify])
  const replaced = await port(deps).replace(namespace, name, item, deps.clock.now(), permit)
  if (!replaced) throw namespaceNotFound(namespace)
  if (replaced === 'missing') throw itemNotFound(kind, name)
  return replaced
}

/** Removes an item. @throws ServiceError NOT_FOUND, FORBIDDEN by policy and in protected namespaces */
export async function removeItem<New extends { readonly name: string }, Item extends New & Timed>(
  context: RequestContext,
  deps: Deps,
  { kind, port, rules }: ItemKind<New, Item>,
  { namespace, name }: ItemInput,
): Promise<void> {
  assertMayWrite(context)
  const permit = permitter(context, deps, [rules.remove])
  const removed = await port(deps).remove(namespace, name, (present, item) => {
    permit(present)
    if (!item) throw itemNotFound(kind, name)
    if (present.protected) throw itemProtected(kind, name)
  })
  if (removed === null) throw namespaceNotFound(namespace)
}

/** Removes every item of a kind. That takes the right to delete the namespace. @param more - rules besides. @throws ServiceError NOT_FOUND, FORBIDDEN by policy and in protected namespaces */
export async function clearItems<New extends { readonly name: string }, Item extends New & Timed>(
  context: RequestContext,
  deps: Deps,
  { port }: ItemKind<New, Item>,
  { namespace }: NamespaceInput,
  more: readonly string[] = [],
): Promise<void> {
  assertMayWrite(context)
  const permit = permitter(context, deps, ['delete_metadef_namespace', ...more])
  const cleared = await port(deps).clear(namespace, (present) => {
    permit(present)
    assertUnprotected(present)
  })
  if (!cleared) throw namespaceNotFound(namespace)
}
