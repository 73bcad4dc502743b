/**
 * Who may do what with which additional properties (Glance administration guide, "Property protections").
 *
 * Rules have an order. The first whose pattern is found in the name of a property decides about all four operations; a property that no rule speaks of is closed to everybody (OSSN-0013 tells
 * what happens when order does not count). Names that the service keeps for itself are open here, since users cannot set them anyway and clients read them.
 */
import { type LinearPattern, linearPattern } from './linear-pattern.ts'
import { serverPropertyPrefix } from './properties.ts'

/** What can be done with a property. */
export const propertyOperations = ['create', 'read', 'update', 'delete'] as const

export type PropertyOperation = (typeof propertyOperations)[number]

/** Who may do it. */
export type PropertyPermission =
  | { readonly kind: 'everybody' }
  | { readonly kind: 'nobody' }
  /** Whoever has one of the roles, lower case. */
  | { readonly kind: 'roles'; readonly roles: readonly string[] }
  /** Whoever a rule of policy lets. */
  | { readonly kind: 'policy'; readonly rule: string }

/** One rule. */
export interface PropertyRule {
  /** Regular expression in Python's syntax, searched for in the name. */
  readonly pattern: string
  readonly permissions: Readonly<Record<PropertyOperation, PropertyPermission>>
}

/** Most names whose rule is remembered. */
const mostRemembered = 10_000

/** The rules of a deployment. Made once; which rule decides about a name is remembered. */
export class PropertyProtections {
  readonly #rules: readonly { readonly pattern: LinearPattern; readonly rule: PropertyRule }[]
  readonly #found = new Map<string, PropertyRule | null>()

  /** @throws PatternError for the first pattern that cannot be used */
  constructor(rules: readonly PropertyRule[]) {
    this.#rules = rules.map((rule) => ({ pattern: linearPattern(rule.pattern), rule }))
  }

  /** Who may do this with a property of this name. */
  permission(name: string, operation: PropertyOperation): PropertyPermission {
    if (name.startsWith(serverPropertyPrefix)) return { kind: 'everybody' }
    return this.#ruleOf(name)?.permissions[operation] ?? { kind: 'nobody' }
  }

  #ruleOf(name: string): PropertyRule | null {
    const known = this.#found.get(name)
    if (known !== undefined) return known
    const rule = this.#rules.find(({ pattern }) => pattern.test(name))?.rule ?? null
    // Users choose names: what they make us remember has a bound.
    if (this.#found.size >= mostRemembered) this.#found.clear()
    this.#found.set(name, rule)
    return rule
  }
}
