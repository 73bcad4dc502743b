import type { RequestContext } from '../domain/context.ts'

/** What a policy rule looks at besides the caller. */
export interface PolicyTarget {
  /** Project that owns the image (or will). */
  readonly project_id: string | null
  /** The caller's project when the image is shared with it, else null. */
  readonly member_id?: string | null
  readonly visibility?: string
  readonly status?: string
  readonly [attribute: string]: unknown
}

/** Decides by the names of Glance's policy rules. */
export interface Enforcer {
  /** Whether the rule lets this caller act on this target. An unknown rule is a bug of the caller: throws TypeError. */
  allows(rule: string, context: RequestContext, target: PolicyTarget): boolean
}
