/**
 * How rules ask each other, looked at once when they are loaded: which ask themselves in a circle, and which chains are too long to follow.
 *
 * Nothing here recurses, so no set of rules can exhaust the stack; nor can one when it is evaluated afterwards, as chains have a limit.
 */
import { type Check, referencesOf } from './rule.ts'

/** Longest chain of rules that ask each other. */
export const longestChain = 100

/** Rules that must not be followed. */
export interface BrokenReferences {
  /** Rules that reach themselves. */
  readonly circular: ReadonlySet<string>
  /** Rules at the head of a chain that is too long. */
  readonly tooLong: ReadonlySet<string>
}

/** @param rules - by name; references to names that are not there are passed over */
export function brokenReferences(rules: ReadonlyMap<string, Check>): BrokenReferences {
  const references = new Map([...rules].map(([name, check]) => [name, referencesOf(check)]))
  const resolved = chainLengths(references, new Set())
  const open = new Set([...rules.keys()].filter((name) => !resolved.has(name)))
  const circular = new Set([...open].filter((name) => reaches(name, references, open)))
  const lengths = chainLengths(references, circular)
  const tooLong = new Set([...lengths].filter(([, length]) => length > longestChain).map(([name]) => name))
  return { circular, tooLong }
}

/** How many rules follow each other below each rule, for all that come to an end. Those in `ends` count as ends. */
function chainLengths(
  references: ReadonlyMap<string, readonly string[]>,
  ends: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const askedBy = new Map<string, string[]>()
  const waiting = new Map<string, number>()
  for (const [name, asked] of references) {
    const followed = ends.has(name) ? [] : asked.filter((each) => references.has(each))
    waiting.set(name, followed.length)
    for (const each of followed) askedBy.set(each, [...(askedBy.get(each) ?? []), name])
  }
  const found = new Map<string, number>()
  const lengths = new Map<string, number>()
  const ready = [...waiting].filter(([, count]) => count === 0).map(([name]) => name)
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    const length = lengths.get(name) ?? 1
    found.set(name, length)
    for (const asker of askedBy.get(name) ?? []) {
      lengths.set(asker, Math.max(lengths.get(asker) ?? 1, length + 1))
      const left = (waiting.get(asker) ?? 0) - 1
      waiting.set(asker, left)
      if (left === 0) ready.push(asker)
    }
  }
  return found
}

/** Whether a rule reaches itself through rules of the given set. */
function reaches(
  start: string,
  references: ReadonlyMap<string, readonly string[]>,
  within: ReadonlySet<string>,
): boolean {
  const seen = new Set<string>()
  const ahead = [start]
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    for (const next of references.get(name) ?? []) {
      if (next === start) return true
      if (!within.has(next) || seen.has(next)) continue
      seen.add(next)
      ahead.push(next)
    }
  }
  return false
}
