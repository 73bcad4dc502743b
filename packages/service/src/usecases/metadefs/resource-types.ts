import type { Deps } from '../../deps.ts'
import type { RequestContext } from '../../domain/context.ts'
import {
  type Association,
  associationOfBody,
  type NewAssociation,
  type ResourceType,
} from '../../domain/metadef/resource-type.ts'
import { allowsMetadef, permitMetadef } from '../../policy/metadef-access.ts'
import { addItems, type ItemInput, type ItemKind, listItems, type NamespaceInput, removeItem } from './items.ts'

/** Associations among the kinds of definitions. There is no call that replaces one. */
export const associationKind: ItemKind<NewAssociation, Association> = {
  kind: 'association',
  port: ({ metadefs }) => metadefs.associations,
  rules: {
    list: 'list_metadef_resource_types',
    show: 'get_metadef_resource_type',
    add: 'add_metadef_resource_type_association',
    modify: 'add_metadef_resource_type_association',
    remove: 'remove_metadef_resource_type_association',
  },
}

/** All types of resources that were ever associated. @throws ServiceError FORBIDDEN or NOT_FOUND by policy */
export async function listResourceTypes(context: RequestContext, deps: Deps): Promise<readonly ResourceType[]> {
  permitMetadef(context, deps, [associationKind.rules.list], null)
  return deps.metadefs.resourceTypes()
}

/** The types of resources that a namespace is meant for: those that the caller may show. @throws ServiceError NOT_FOUND, FORBIDDEN by policy */
export async function listAssociations(
  context: RequestContext,
  deps: Deps,
  { namespace }: NamespaceInput,
): Promise<readonly Association[]> {
  const found = await listItems(context, deps, associationKind, { namespace })
  return allowsMetadef(context, deps, associationKind.rules.show, found.namespace) ? found.items : []
}

/** Associates a namespace with a type of resources, which need not be known yet. @throws ServiceError INVALID for the body, NOT_FOUND, FORBIDDEN by policy, CONFLICT when they are associated */
export async function addAssociation(
  context: RequestContext,
  deps: Deps,
  { namespace, body }: NamespaceInput & { readonly body: unknown },
): Promise<Association> {
  const item = associationOfBody(body)
  const [added] = await addItems(context, deps, associationKind, { namespace, items: [item] })
  if (!added) throw new Error('nothing was added')
  return added
}

/** Ends an association. The type of resources stays known. @throws ServiceError NOT_FOUND, FORBIDDEN by policy and in protected namespaces */
export async function removeAssociation(context: RequestContext, deps: Deps, input: ItemInput): Promise<void> {
  await removeItem(context, deps, associationKind, input)
}
