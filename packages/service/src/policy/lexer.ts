/**
 * Cuts the text of a policy rule into words and parentheses.
 *
 * Blanks separate words. A closing parenthesis ends a word unless it belongs to a `%(name)s` in it. A word may start with a quoted part, which holds whatever it likes but its quote.
 * `and`, `or` and `not` are keywords in any case.
 */

/** A rule that cannot be read. */
export class PolicySyntaxError extends Error {
  override readonly name = 'PolicySyntaxError'
  /** Of the character at which reading stopped, from 1. */
  readonly position: number

  constructor(position: number, message: string) {
    super(`at character ${position}: ${message}`)
    this.position = position
  }
}

/** One token. `position` is that of its first character, from 1. */
export interface Token {
  readonly kind: 'and' | 'or' | 'not' | '(' | ')' | 'word'
  readonly text: string
  readonly position: number
}

const keywords: ReadonlySet<string> = new Set(['and', 'or', 'not'])

function isKeyword(word: string): word is 'and' | 'or' | 'not' {
  return keywords.has(word)
}

/** The tokens of a rule in their order. @throws PolicySyntaxError for a quote that does not end, and for a parenthesis inside a word */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const next = text[at] ?? ''
    if (/\s/.test(next)) {
      at += 1
      continue
    }
    const position = at + 1
    if (next === '(' || next === ')') {
      tokens.push({ kind: next, text: next, position })
      at += 1
      continue
    }
    const end = endOfWord(text, at)
    const word = text.slice(at, end)
    const lower = word.toLowerCase()
    tokens.push({ kind: isKeyword(lower) ? lower : 'word', text: word, position })
    at = end
  }
  return tokens
}

/** Where the word that starts here ends. */
function endOfWord(text: string, start: number): number {
  let at = start
  const quote = text[start]
  if (quote === "'" || quote === '"') {
    const closing = text.indexOf(quote, start + 1)
    if (closing < 0) throw new PolicySyntaxError(start + 1, `the quote ${quote} does not end`)
    at = closing + 1
  }
  while (at < text.length) {
    const next = text[at] ?? ''
    if (/\s/.test(next) || next === ')') return at
    if (next !== '(') {
      at += 1
      continue
    }
    // `not(…)` is written without a blank, too.
    if (isKeyword(text.slice(start, at).toLowerCase())) return at
    if (text[at - 1] !== '%') throw new PolicySyntaxError(at + 1, 'a ( must not stand inside a check')
    const closing = text.indexOf(')', at)
    if (closing < 0) throw new PolicySyntaxError(at, 'the attribute %( does not end with )s')
    at = closing + 1
  }
  return at
}
