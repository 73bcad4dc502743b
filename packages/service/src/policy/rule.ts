/**
 * What a policy rule is once it has been read: a tree of checks, with the words of each for people.
 */

/** A text in which attributes of the target are filled in: `%(project_id)s`. */
export type Template = readonly (string | { readonly attribute: string })[]

/** The left side of a comparison: a literal, or where in the caller's credentials the value stands. */
export type Operand = { readonly literal: string } | { readonly path: readonly string[] }

/** One node of a rule. `text` is the check as it was written. */
export type Check =
  /** `@` and the empty rule let everybody, `!` nobody. */
  | { readonly kind: 'constant'; readonly allows: boolean; readonly text: string }
  | { readonly kind: 'role'; readonly role: Template; readonly text: string }
  | { readonly kind: 'rule'; readonly name: string; readonly text: string }
  | { readonly kind: 'compare'; readonly left: Operand; readonly right: Template; readonly text: string }
  /** Asks another server. Read, so that it can be told from a misspelt check; never asked. */
  | { readonly kind: 'http'; readonly text: string }
  | { readonly kind: 'not'; readonly check: Check }
  | { readonly kind: 'and' | 'or'; readonly checks: readonly Check[] }

/** A check without checks of its own. */
export type Leaf = Extract<Check, { readonly text: string }>

/** Every leaf of a rule, in the order of the text. Rules that it names are not followed. */
export function leavesOf(check: Check): readonly Leaf[] {
  if ('checks' in check) return check.checks.flatMap(leavesOf)
  if ('check' in check) return leavesOf(check.check)
  return [check]
}

/** Names of the rules that a rule asks directly, each once. */
export function referencesOf(check: Check): readonly string[] {
  return [...new Set(leavesOf(check).flatMap((leaf) => (leaf.kind === 'rule' ? [leaf.name] : [])))]
}
