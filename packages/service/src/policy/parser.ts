/**
 * Reads the policy language of OpenStack services (oslo.policy).
 *
 * ```
 * rule  = '' | or
 * or    = and ('or' and)*
 * and   = unary ('and' unary)*
 * unary = 'not' unary | '(' or ')' | '@' | '!' | check
 * check = 'role:' template | 'rule:' name | 'http:' … | 'https:' … | left ':' template
 * left  = 'literal' | "literal" | number | True | False | None | credential ('.' member)*
 * ```
 */
import { PolicySyntaxError, type Token, tokensOf } from './lexer.ts'
import type { Check, Operand, Template } from './rule.ts'

/** How deep `not` and parentheses may nest, so that no rule can exhaust the stack. */
const deepest = 100

/** The tree of a rule. The empty text lets everybody. @throws PolicySyntaxError with the position of what is wrong */
export function parseRule(text: string): Check {
  if (text === '') return { kind: 'constant', allows: true, text: '@' }
  const reader = new Reader(tokensOf(text), text.length + 1)
  if (reader.next === undefined)
    throw new PolicySyntaxError(1, 'the rule is blank; an empty text or @ lets everybody, ! nobody')
  const check = readOr(reader, 0)
  if (reader.next) throw unexpected(reader, reader.next.kind === ')' ? 'it closes nothing' : 'expected and, or')
  return check
}

class Reader {
  readonly #tokens: readonly Token[]
  readonly #end: number
  #at = 0

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens
    this.#end = end
  }

  get next(): Token | undefined {
    return this.#tokens[this.#at]
  }

  /** Position of the next token, or of the end. */
  get position(): number {
    return this.next?.position ?? this.#end
  }

  /** Passes the next token if it is of this kind. */
  take(kind: Token['kind']): boolean {
    if (this.next?.kind !== kind) return false
    this.#at += 1
    return true
  }
}

function unexpected(reader: Reader, what: string): PolicySyntaxError {
  return new PolicySyntaxError(
    reader.position,
    reader.next ? `unexpected ${reader.next.text}: ${what}` : `the rule ends too early: ${what}`,
  )
}

function readOr(reader: Reader, depth: number): Check {
  return readChain(reader, 'or', () => readChain(reader, 'and', () => readUnary(reader, depth)))
}

function readChain(reader: Reader, kind: 'and' | 'or', read: () => Check): Check {
  const first = read()
  const checks = [first]
  while (reader.take(kind)) checks.push(read())
  return checks.length === 1 ? first : { kind, checks }
}

function readUnary(reader: Reader, depth: number): Check {
  if (depth > deepest) throw unexpected(reader, `a rule may not nest deeper than ${deepest}`)
  if (reader.take('not')) return { kind: 'not', check: readUnary(reader, depth + 1) }
  if (reader.take('(')) {
    const check = readOr(reader, depth + 1)
    if (!reader.take(')')) throw unexpected(reader, 'expected and, or, )')
    return check
  }
  const word = reader.next
  if (!word || !reader.take('word')) throw unexpected(reader, 'expected a check')
  return checkOf(word)
}

function checkOf({ text, position }: Token): Check {
  if (text === '@' || text === '!') return { kind: 'constant', allows: text === '@', text }
  const colon = text.indexOf(':', endOfQuoted(text))
  if (colon < 0) throw new PolicySyntaxError(position, `${text} is no check; checks have the form kind:value`)
  const kind = text.slice(0, colon)
  const value = text.slice(colon + 1)
  if (kind === '') throw new PolicySyntaxError(position, `${text} has nothing before its colon`)
  if (value === '') throw new PolicySyntaxError(position + colon + 1, `${text} has nothing after its colon`)
  switch (kind) {
    case 'rule':
      return { kind, name: value, text }
    case 'http':
    case 'https':
      return { kind: 'http', text }
    case 'role':
      return { kind, role: templateOf(value, position + colon + 1), text }
  }
  return { kind: 'compare', left: operandOf(kind, position), right: templateOf(value, position + colon + 1), text }
}

/** Colons inside quotes do not count. */
function endOfQuoted(text: string): number {
  const quote = text[0]
  return quote === "'" || quote === '"' ? text.indexOf(quote, 1) + 1 : 0
}

function operandOf(kind: string, position: number): Operand {
  const quoted = endOfQuoted(kind)
  if (quoted > 0) {
    if (quoted < kind.length) throw new PolicySyntaxError(position + quoted, 'expected : after the quote')
    return { literal: kind.slice(1, -1) }
  }
  if (/^(?:True|False|None|[+-]?\d+(?:\.\d+)?)$/.test(kind)) return { literal: kind }
  return { path: kind.split('.') }
}

/** @param position - of the template's first character, from 1 */
function templateOf(text: string, position: number): Template {
  const parts: (string | { readonly attribute: string })[] = []
  for (const match of text.matchAll(/%\(([^()]+)\)s|%%|%|[^%]+/g)) {
    const [part, attribute] = match
    if (attribute !== undefined) parts.push({ attribute })
    else if (part === '%')
      throw new PolicySyntaxError(position + match.index, 'a % must start %(attribute)s, or be written %%')
    else parts.push(part === '%%' ? '%' : part)
  }
  return parts
}
