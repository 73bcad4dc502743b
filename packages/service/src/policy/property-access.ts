/** Asks the property protections of the deployment about one caller. Without any, everybody may do everything. */
import type { Deps } from '../deps.ts'
import type { RequestContext } from '../domain/context.ts'
import type { Image } from '../domain/image.ts'
import { reserved, unshownProperties } from '../domain/properties.ts'
import type { PropertyOperation } from '../domain/property-protection.ts'

type ProtectionDeps = Pick<Deps, 'protections' | 'enforcer'>

/** Whether the caller may do this with a property of this name. The roles of a service that acts for the caller count, too. */
export function mayProperty(
  context: RequestContext,
  { protections, enforcer }: ProtectionDeps,
  operation: PropertyOperation,
  name: string,
): boolean {
  const permission = protections?.permission(name, operation) ?? { kind: 'everybody' }
  switch (permission.kind) {
    case 'everybody':
      return true
    case 'nobody':
      return false
    case 'roles':
      return permission.roles.some((role) => context.roles.includes(role) || context.serviceRoles?.includes(role))
    case 'policy':
      return enforcer.allows(permission.rule, context, { project_id: null })
  }
}

/** Refuses what the caller may not do with a property. @throws ServiceError FORBIDDEN */
export function permitProperty(
  context: RequestContext,
  deps: ProtectionDeps,
  operation: PropertyOperation,
  name: string,
): void {
  if (!mayProperty(context, deps, operation, name)) throw reserved(name)
}

/** The additional properties of an image that the caller is shown, in their order. */
export function shownProperties(
  context: RequestContext,
  deps: ProtectionDeps,
  { properties }: Pick<Image, 'properties'>,
): readonly (readonly [string, string | null])[] {
  return [...properties].filter(([name]) => !unshownProperties.has(name) && mayProperty(context, deps, 'read', name))
}
