/**
 * Asking policy about metadata definitions, and refusing in a way that tells no one of namespaces that are not theirs to know: those are not found, as those that do not exist; what is seen but not
 * permitted is forbidden.
 */
import type { Deps } from '../deps.ts'
import type { RequestContext } from '../domain/context.ts'
import { ServiceError } from '../domain/errors.ts'
import { isNamespaceVisible, type MetadefNamespace, namespaceNotFound } from '../domain/metadef/namespace.ts'
import type { PolicyTarget } from '../ports/enforcer.ts'
import { notPermitted } from './access.ts'

type PolicyDeps = Pick<Deps, 'enforcer'>

function targetOf(context: RequestContext, namespace: MetadefNamespace | null): PolicyTarget {
  return namespace ? { project_id: namespace.owner, visibility: namespace.visibility } : { project_id: context.project }
}

/** Whether a rule lets the caller act on a namespace. @param namespace - null for calls that concern none */
export function allowsMetadef(
  context: RequestContext,
  deps: PolicyDeps,
  rule: string,
  namespace: MetadefNamespace | null,
): boolean {
  return deps.enforcer.allows(rule, context, targetOf(context, namespace))
}

/**
 * Asks rules about a namespace, or about none.
 *
 * @throws ServiceError FORBIDDEN when one refuses, NOT_FOUND when the caller may not even see such a namespace
 */
export function permitMetadef(
  context: RequestContext,
  deps: PolicyDeps,
  rules: readonly string[],
  namespace: MetadefNamespace | null,
): void {
  const refused = rules.find((rule) => !allowsMetadef(context, deps, rule, namespace))
  if (refused === undefined) return
  if (refused !== 'get_metadef_namespace' && allowsMetadef(context, deps, 'get_metadef_namespace', namespace))
    throw notPermitted(refused)
  throw namespace
    ? namespaceNotFound(namespace.namespace)
    : new ServiceError('NOT_FOUND', 'The resource could not be found.')
}

/** A namespace that the caller may know of, before any policy. @throws ServiceError NOT_FOUND */
export function assertVisible(context: RequestContext, namespace: MetadefNamespace): void {
  if (!isNamespaceVisible(context, namespace)) throw namespaceNotFound(namespace.namespace)
}
