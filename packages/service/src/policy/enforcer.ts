/** Glance's default rules and what an operator puts in their place, ready to be asked. */
import type { RequestContext } from '../domain/context.ts'
import type { Enforcer, PolicyTarget } from '../ports/enforcer.ts'
import { defaultRules, oldOwnerChecks } from './defaults.ts'
import { decideRule, type Question, storyOf } from './evaluate.ts'
import { PolicySyntaxError } from './lexer.ts'
import { parseRule } from './parser.ts'
import { brokenReferences, longestChain } from './references.ts'
import { type Check, leavesOf } from './rule.ts'

/** What differs from Glance's default policy. */
export interface PolicySettings {
  /** Rules by name, in the policy language. They replace default rules of the same name; other names are for rules to ask each other. */
  readonly overrides: Readonly<Record<string, string>>
  /** False brings back the defaults of the time before reader roles beside the new ones, with the owner checks of that time. Default: true. */
  readonly enforceNewDefaults?: boolean
  /** Rule that answers for names that no rule has. Without it such a name throws TypeError. */
  readonly defaultRule?: string
}

/** One thing that is wrong with a rule. */
export interface PolicyProblem {
  readonly rule: string
  /** The rest of a sentence that starts with the rule. */
  readonly message: string
}

/** Rules at work. */
export interface Policy {
  readonly enforcer: Enforcer
  /** Everything that is wrong with the rules. What cannot be decided because of it is refused. */
  readonly problems: readonly PolicyProblem[]
  /**
   * The answer of a rule and how it comes about, in indented lines for people.
   *
   * @throws TypeError when there is no such rule
   */
  explain(rule: string, context: RequestContext, target: PolicyTarget): string
  /** A rule as it is written: an operator's, or Glance's default one. @throws TypeError when there is no such rule */
  textOf(rule: string): string
}

/** Makes a policy. It does not throw: what is wrong stands in `problems`. */
export function createEnforcer(settings: PolicySettings): Policy {
  const problems: PolicyProblem[] = []
  const rules = readRules(settings, problems)
  const { defaultRule } = settings
  if (defaultRule !== undefined && !rules.has(defaultRule))
    problems.push({ rule: defaultRule, message: 'is the default rule, but there is no rule of this name' })
  const nameOf = (rule: string): string => {
    if (rules.has(rule)) return rule
    if (defaultRule === undefined) throw new TypeError(`there is no policy rule ${rule}`)
    return defaultRule
  }
  const ask = (context: RequestContext, target: PolicyTarget): Question => ({
    rules,
    context,
    target,
    decided: new Map(),
  })
  return {
    enforcer: { allows: (rule, context, target) => decideRule(nameOf(rule), ask(context, target)) === true },
    problems,
    textOf: (rule) => {
      const name = nameOf(rule)
      return settings.overrides[name] ?? defaultText(name, settings.enforceNewDefaults ?? true)
    },
    explain: (rule, context, target) => {
      const name = nameOf(rule)
      const question = ask(context, target)
      const answer = decideRule(name, question) === true ? 'allowed' : 'refused'
      const by = name === rule ? '' : `, by the default rule ${name}`
      return [`${rule}: ${answer}${by}`, ...storyOf(name, question)].join('\n')
    },
  }
}

/** Decides by Glance's default rules. */
export const defaultEnforcer: Enforcer = createEnforcer({ overrides: {} }).enforcer

/** Every rule, the broken ones as null. */
function readRules(settings: PolicySettings, problems: PolicyProblem[]): ReadonlyMap<string, Check | null> {
  const rules = new Map<string, Check | null>(defaultChecks(settings.enforceNewDefaults ?? true))
  for (const [rule, text] of Object.entries(settings.overrides)) {
    try {
      rules.set(rule, guarded(rule, parseRule(text), settings.enforceNewDefaults ?? true))
    } catch (error) {
      if (!(error instanceof PolicySyntaxError)) throw error
      problems.push({ rule, message: `cannot be read ${error.message}` })
      rules.set(rule, null)
    }
  }
  const readable = new Map([...rules].flatMap(([rule, check]) => (check === null ? [] : [[rule, check] as const])))
  for (const [rule, check] of readable) problems.push(...problemsOfLeaves(rule, check, rules))
  const { circular, tooLong } = brokenReferences(readable)
  for (const rule of circular) problems.push({ rule, message: 'asks itself, directly or through other rules' })
  for (const rule of tooLong)
    problems.push({ rule, message: `is at the head of more than ${longestChain} rules that ask each other` })
  for (const rule of [...circular, ...tooLong]) rules.set(rule, null)
  return rules
}

/** Beside it stands the old default while the new ones are not enforced; the owner's check of that time is not part of the rule. */
function defaultText(name: string, enforceNewDefaults: boolean): string {
  const found = defaultRules.find((rule) => rule.name === name)
  if (found === undefined) throw new TypeError(`there is no policy rule ${name}`)
  return enforceNewDefaults || found.old === null ? found.check : `(${found.check}) or (${found.old})`
}

function defaultChecks(enforceNewDefaults: boolean): readonly (readonly [string, Check])[] {
  return defaultRules.map(({ name, check, old }) => {
    const present = parseRule(check)
    const either: Check =
      enforceNewDefaults || old === null ? present : { kind: 'or', checks: [present, parseRule(old)] }
    return [name, guarded(name, either, enforceNewDefaults)]
  })
}

/** With the old defaults the owner is asked for besides the rule, also where an operator has replaced it. */
function guarded(name: string, check: Check, enforceNewDefaults: boolean): Check {
  const owner = enforceNewDefaults ? undefined : oldOwnerChecks.get(name)
  return owner === undefined ? check : { kind: 'and', checks: [check, parseRule(owner)] }
}

function problemsOfLeaves(rule: string, check: Check, rules: ReadonlyMap<string, unknown>): readonly PolicyProblem[] {
  return leavesOf(check).flatMap((leaf) => {
    if (leaf.kind === 'http')
      return [{ rule, message: `asks ${leaf.text}; http: checks are not served in this release` }]
    if (leaf.kind === 'rule' && !rules.has(leaf.name))
      return [{ rule, message: `asks ${leaf.text}, but there is no such rule` }]
    return []
  })
}
