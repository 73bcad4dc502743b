/**
 * Finds what a TypeScript or JavaScript module imports, types included, without a parser.
 *
 * The source is cut into tokens, so that nothing inside a comment, a string, a template's text or a regular expression
 * counts; then the few shapes of an import are looked for. Text that cannot be cut is an error, never a guess: a rule
 * that silently skipped a file would prove nothing.
 */

/** One import, export-from, dynamic import, `require` or `import.meta.resolve`. */
export interface ImportReference {
  /** The module's name, or null when it is computed at run time. */
  readonly specifier: string | null
  /** Line number, from 1. */
  readonly line: number
}

interface Token {
  readonly kind: 'word' | 'mark' | 'text' | 'template' | 'other'
  /** The word, the character, or the value of a string without escapes. */
  readonly value: string
  readonly line: number
}

/** Words after which a slash begins a regular expression, because an expression has to follow. */
const beforeExpression = new Set(
  'return typeof instanceof in of new delete void throw case do else yield await extends default'.split(' '),
)
const conditionWords = new Set(['if', 'while', 'for', 'with'])
const wordPattern = /[\p{ID_Start}$_#@][\p{ID_Continue}$\u200c\u200d]*/uy
const numberPattern = /(?:\d|\.\d)(?:[eE][+-]|[\w.])*/y

/** Thrown for source that is not cut into tokens correctly. The message names the line. */
export class UnreadableSourceError extends Error {}

class Tokenizer {
  readonly #source: string
  readonly #tokens: Token[] = []
  /** For each open bracket: its character, and whether it closes a condition such as `if (…)` or a template's `${…}`. */
  readonly #open: { mark: string; condition: boolean; template: boolean }[] = []
  #at = 0
  #line = 1
  /** Whether the bracket closed last belonged to a condition. */
  #afterCondition = false

  constructor(source: string) {
    this.#source = source
  }

  tokens(): readonly Token[] {
    if (this.#source.startsWith('#!')) this.#skipLine()
    while (this.#at < this.#source.length) this.#next()
    if (this.#open.length > 0) this.#fail(`unclosed ${this.#open.at(-1)?.mark}`)
    return this.#tokens
  }

  #next(): void {
    const char = this.#source[this.#at] ?? ''
    if (char === '\n') this.#line += 1
    if (/\s/.test(char)) this.#at += 1
    else if (this.#source.startsWith('//', this.#at)) this.#skipLine()
    else if (this.#source.startsWith('/*', this.#at)) this.#skipBlock()
    else if (char === "'" || char === '"') this.#text(char)
    else if (char === '`') {
      this.#at += 1
      this.#template('')
    } else if (char === '/' && this.#expressionFollows()) this.#regularExpression()
    else if (!this.#match(wordPattern, 'word') && !this.#match(numberPattern, 'other')) this.#mark(char)
  }

  #match(pattern: RegExp, kind: Token['kind']): boolean {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#source)
    if (!found) return false
    this.#push(kind, found[0])
    this.#at = pattern.lastIndex
    return true
  }

  #push(kind: Token['kind'], value: string, line = this.#line): void {
    this.#tokens.push({ kind, value, line })
  }

  #mark(char: string): void {
    if ('([{'.includes(char)) {
      const before = this.#tokens.at(-1)
      const condition = char === '(' && before?.kind === 'word' && conditionWords.has(before.value)
      this.#open.push({ mark: char, condition, template: false })
    } else if (')]}'.includes(char)) {
      const open = this.#open.pop()
      if (!open || '([{'.indexOf(open.mark) !== ')]}'.indexOf(char)) this.#fail(`unexpected ${char}`)
      this.#at += 1
      this.#afterCondition = open.condition
      if (open.template) this.#template('', this.#line, 'rest')
      else this.#push('mark', char)
      return
    }
    this.#push('mark', char)
    this.#at += 1
  }

  #expressionFollows(): boolean {
    const before = this.#tokens.at(-1)
    if (!before) return true
    if (before.kind === 'word') return beforeExpression.has(before.value) && this.#tokens.at(-2)?.value !== '.'
    if (before.kind !== 'mark') return false
    if (before.value === ')') return this.#afterCondition
    // After a closing brace a statement begins more often than a division by an object goes on.
    return before.value !== ']'
  }

  #skipLine(): void {
    const end = this.#source.indexOf('\n', this.#at)
    this.#at = end === -1 ? this.#source.length : end
  }

  #skipBlock(): void {
    const end = this.#source.indexOf('*/', this.#at + 2)
    if (end === -1) this.#fail('unclosed comment')
    this.#line += this.#source.slice(this.#at, end).split('\n').length - 1
    this.#at = end + 2
  }

  #text(quote: string): void {
    let value = ''
    for (let at = this.#at + 1; ; at += 1) {
      const char = this.#source[at]
      if (char === undefined || char === '\n') this.#fail('unclosed string')
      if (char === quote) {
        this.#push('text', value)
        this.#at = at + 1
        return
      }
      if (char === '\\') {
        at += 1
        if (this.#source[at] === '\n') this.#line += 1
      }
      value += this.#source[at]
    }
  }

  /** Reads a template's text up to its end or to the next `${`. A template with an expression has kind `other`. */
  #template(text: string, line = this.#line, kind: 'whole' | 'rest' = 'whole'): void {
    let value = text
    for (let at = this.#at; at < this.#source.length; at += 1) {
      const char = this.#source[at]
      if (char === '\n') this.#line += 1
      if (char === '`') {
        this.#push(kind === 'whole' ? 'template' : 'other', value, line)
        this.#at = at + 1
        return
      }
      if (char === '$' && this.#source[at + 1] === '{') {
        if (kind === 'whole') this.#push('other', '`', line)
        this.#push('mark', '(')
        this.#open.push({ mark: '{', condition: false, template: true })
        this.#at = at + 2
        return
      }
      if (char === '\\') {
        at += 1
        if (this.#source[at] === '\n') this.#line += 1
      } else value += char
    }
    this.#fail('unclosed template')
  }

  #regularExpression(): void {
    let inClass = false
    for (let at = this.#at + 1; ; at += 1) {
      const char = this.#source[at]
      if (char === undefined || char === '\n') this.#fail('unclosed regular expression')
      if (char === '\\') at += 1
      else if (char === '[') inClass = true
      else if (char === ']') inClass = false
      else if (char === '/' && !inClass) {
        this.#push('other', '/')
        this.#at = at + 1
        return
      }
    }
  }

  #fail(problem: string): never {
    throw new UnreadableSourceError(`${problem} at line ${this.#line}`)
  }
}

function isMark(token: Token | undefined, value: string): boolean {
  return token?.kind === 'mark' && token.value === value
}

function isWord(token: Token | undefined, value: string): boolean {
  return token?.kind === 'word' && token.value === value
}

/** The name in `(name)` at `at`, which is the opening parenthesis: a string, null when computed, undefined for no call. */
function argumentOf(tokens: readonly Token[], at: number): string | null | undefined {
  const [first, second] = [tokens[at + 1], tokens[at + 2]]
  if (!first || isMark(first, ')')) return undefined
  const isLiteral = first.kind === 'text' || first.kind === 'template'
  if (isLiteral && (isMark(second, ')') || isMark(second, ','))) return first.value
  // A method that is called import: its parameters are declared, not passed.
  if (first.kind === 'word' && (isMark(second, ':') || (isMark(second, '?') && isMark(tokens[at + 3], ':'))))
    return undefined
  if (isMark(first, '{') || (isMark(first, '.') && isMark(second, '.'))) return undefined
  return null
}

/** The name after `from` in an import or export clause that begins at `at`, or undefined when it is no such clause. */
function clauseSource(tokens: readonly Token[], at: number): string | undefined {
  for (let index = at; index < tokens.length; index += 1) {
    const token = tokens[index]
    const next = tokens[index + 1]
    if (isWord(token, 'from') && next?.kind === 'text') return next.value
    const inClause =
      token?.kind === 'word' || token?.kind === 'text' || ['{', '}', ',', '*'].includes(token?.value ?? '')
    if (!inClause) return undefined
    // Past the closing brace only `from` can follow; anything else is the next statement.
    if (isMark(token, '}') && !isWord(next, 'from')) return undefined
  }
  return undefined
}

/**
 * Every module that `source` refers to, in order, repeated as often as it does.
 *
 * Covers static imports and exports, `import()` in code and in types, `require()`, `require.resolve()` and
 * `import.meta.resolve()`. Throws UnreadableSourceError for source that is not valid.
 */
export function importsOf(source: string): readonly ImportReference[] {
  const tokens = new Tokenizer(source).tokens()
  const found: ImportReference[] = []
  tokens.forEach((token, at) => {
    if (token.kind !== 'word') return
    const before = tokens[at - 1]
    const isMember = isMark(before, '.') && !isMark(tokens[at - 2], '.')
    const next = tokens[at + 1]
    const add = (specifier: string | null | undefined): void => {
      if (specifier !== undefined) found.push({ specifier, line: token.line })
    }
    if (token.value === 'import' && !isMember) {
      if (next?.kind === 'text') add(next.value)
      else if (isMark(next, '(')) add(argumentOf(tokens, at + 1))
      else add(clauseSource(tokens, at + 1))
    } else if (token.value === 'export' && !isMember) {
      const start = isWord(next, 'type') ? at + 2 : at + 1
      if (isMark(tokens[start], '{') || isMark(tokens[start], '*')) add(clauseSource(tokens, start))
    } else if (token.value === 'require' && !isMember && isMark(next, '(')) {
      add(argumentOf(tokens, at + 1) ?? undefined)
    } else if (token.value === 'resolve' && isMember && isMark(next, '(')) {
      const owner = tokens[at - 2]
      const ofModule = isWord(owner, 'require') || (isWord(owner, 'meta') && isWord(tokens[at - 4], 'import'))
      if (ofModule) add(argumentOf(tokens, at + 1) ?? undefined)
    }
  })
  return found
}
