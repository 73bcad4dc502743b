/**
 * What a single check looks at: the caller's credentials and the target.
 *
 * Values are compared as texts in Python's spelling (`True`, `None`), as policy files expect. One difference: a value that is not there never equals a credential. Else a caller without a
 * project would own what has no owner.
 */
import type { RequestContext } from '../domain/context.ts'
import type { PolicyTarget } from '../ports/enforcer.ts'
import type { Leaf, Operand, Template } from './rule.ts'

/** What a check found, and why in words. */
export interface Finding {
  readonly holds: boolean
  readonly because: string
}

/** A template with the target's values in it. */
interface Filled {
  readonly text: string
  /** Whether some attribute was null. */
  readonly hasNull: boolean
}

/** Decides a check of roles, or a comparison. */
export function findingOf(
  check: Extract<Leaf, { readonly kind: 'role' | 'compare' }>,
  context: RequestContext,
  target: PolicyTarget,
): Finding {
  const filled = fill(check.kind === 'role' ? check.role : check.right, target)
  if (typeof filled === 'string') return { holds: false, because: `the target has no ${filled}` }
  if (check.kind === 'role') {
    const { roles } = context
    return {
      holds: roles.includes(filled.text.toLowerCase()),
      because: roles.length > 0 ? `the caller's roles are ${roles.join(', ')}` : 'the caller has no role',
    }
  }
  return compared(check.left, filled, context)
}

function compared(left: Operand, right: Filled, context: RequestContext): Finding {
  if ('literal' in left)
    return { holds: left.literal === right.text, because: `${quoted(left.literal)} against ${quoted(right.text)}` }
  const values = credential(credentialsOf(context), left.path)
  const shown = values.length > 0 ? values.map(quoted).join(', ') : 'nothing'
  return {
    holds: !right.hasNull && values.includes(right.text),
    because: `the caller's ${left.path.join('.')} is ${shown}, against ${right.hasNull ? 'nothing' : quoted(right.text)}`,
  }
}

/** The caller as Glance shows it to policies. */
function credentialsOf({ user, project, roles, admin, readOnly }: RequestContext): Readonly<Record<string, unknown>> {
  return {
    user_id: user,
    user,
    project_id: project,
    tenant: project,
    roles,
    is_admin: admin,
    read_only: readOnly,
  }
}

/** The values at a path, as texts; a list gives each of its values. Empty when there is none. */
function credential(value: unknown, path: readonly string[]): readonly string[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.flatMap((each: unknown) => credential(each, path))
  const [name, ...rest] = path
  if (name === undefined) return [python(value)]
  return typeof value === 'object' && Object.hasOwn(value, name)
    ? credential((value as Readonly<Record<string, unknown>>)[name], rest)
    : []
}

/** The text of a template, or the name of the first attribute that the target does not have. */
function fill(template: Template, target: PolicyTarget): Filled | string {
  let text = ''
  let hasNull = false
  for (const part of template) {
    if (typeof part === 'string') text += part
    else {
      const value = Object.hasOwn(target, part.attribute) ? target[part.attribute] : undefined
      if (value === undefined) return part.attribute
      hasNull ||= value === null
      text += python(value)
    }
  }
  return { text, hasNull }
}

/** A value as Python's `str` writes it. */
function python(value: unknown): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (Array.isArray(value)) return `[${value.map((each: unknown) => quoted(python(each))).join(', ')}]`
  return value instanceof Date ? value.toISOString() : String(value)
}

function quoted(text: string): string {
  return `'${text}'`
}
