/**
 * Answers for rules that have been read, and the story of an answer.
 *
 * A check that cannot be decided (a rule that cannot be read, asks itself in a circle or is not there; a question to another server) is neither a yes nor a no: `not` leaves it so, `and` and
 * `or` only get past it where the rest decides alone. So no slip in a file lets anybody in, and `not rule:misspelt` does not either.
 */
import type { RequestContext } from '../domain/context.ts'
import type { PolicyTarget } from '../ports/enforcer.ts'
import { findingOf } from './checks.ts'
import type { Check } from './rule.ts'

/** Rules by name; null for those that must not be followed. */
export type Rules = ReadonlyMap<string, Check | null>

/** Null when it cannot be decided. */
export type Outcome = boolean | null

/** One question, with the rules that were decided for it so far: each is decided once, however often it is asked. */
export interface Question {
  readonly rules: Rules
  readonly context: RequestContext
  readonly target: PolicyTarget
  readonly decided: Map<string, Outcome>
}

/** The answer of the rule of this name. */
export function decideRule(name: string, question: Question): Outcome {
  const known = question.decided.get(name)
  if (known !== undefined) return known
  const check = question.rules.get(name) ?? null
  const outcome = check === null ? null : decide(check, question)
  question.decided.set(name, outcome)
  return outcome
}

function decide(check: Check, question: Question): Outcome {
  switch (check.kind) {
    case 'constant':
      return check.allows
    case 'role':
    case 'compare':
      return findingOf(check, question.context, question.target).holds
    case 'rule':
      return decideRule(check.name, question)
    case 'http':
      return null
    case 'not': {
      const outcome = decide(check.check, question)
      return outcome === null ? null : !outcome
    }
    case 'and':
      return firstOf(false, check.checks, question)
    case 'or':
      return firstOf(true, check.checks, question)
  }
}

/** The deciding outcome if any check has it, else undecided if any is, else the other one. */
function firstOf(deciding: boolean, checks: readonly Check[], question: Question): Outcome {
  let undecided = false
  for (const check of checks) {
    const outcome = decide(check, question)
    if (outcome === deciding) return deciding
    undecided ||= outcome === null
  }
  return undecided ? null : !deciding
}

/** How a rule comes to its answer: a line for each check, indented below the one that asks it. A rule is told once. */
export function storyOf(name: string, question: Question): readonly string[] {
  return ruleStory(name, question, 1, new Set())
}

function ruleStory(name: string, question: Question, depth: number, told: Set<string>): readonly string[] {
  const check = question.rules.get(name)
  if (check === undefined) return [line(depth, 'there is no such rule')]
  if (check === null) return [line(depth, 'the rule is broken')]
  if (told.has(name)) return [line(depth, 'as above')]
  told.add(name)
  return checkStory(check, question, depth, told)
}

function checkStory(check: Check, question: Question, depth: number, told: Set<string>): readonly string[] {
  const words = { true: 'yes', false: 'no', null: 'undecided' }[`${decide(check, question)}`]
  switch (check.kind) {
    case 'constant':
      return [line(depth, `${check.text}: ${words}`)]
    case 'role':
    case 'compare':
      return [line(depth, `${check.text}: ${words}, ${findingOf(check, question.context, question.target).because}`)]
    case 'http':
      return [line(depth, `${check.text}: ${words}, other servers are not asked`)]
    case 'rule':
      return [line(depth, `${check.text}: ${words}`), ...ruleStory(check.name, question, depth + 1, told)]
    case 'not':
      return [line(depth, `not: ${words}`), ...checkStory(check.check, question, depth + 1, told)]
    case 'and':
    case 'or':
      return [
        line(depth, `${check.kind}: ${words}`),
        ...check.checks.flatMap((each) => checkStory(each, question, depth + 1, told)),
      ]
  }
}

function line(depth: number, text: string): string {
  return `${'  '.repeat(depth)}${text}`
}
