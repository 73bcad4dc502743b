/**
 * Regular expressions that operators write and users' texts are held against.
 *
 * They run on RE2's algorithm, whose time grows with the length of the text and never with the number of ways to match it: no name and no value can keep the server busy, whatever the
 * expression. What that algorithm cannot do (looking around, back references) is refused when the expression is read. Expressions are written for Python's `re.search`, which Glance uses, so
 * `$` also stands before a line break at the end, `\Z` is the very end, and `\d` and `\w` mean digits and letters of every script.
 */
import { RE2JS } from 're2js'

/** An expression, ready to be searched for in texts. */
export interface LinearPattern {
  /** Whether it matches somewhere in the text. */
  test(text: string): boolean
}

/** An expression that cannot be used; the message says why. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

/** Reads an expression in Python's syntax. @throws PatternError when it is malformed, or needs more than linear time allows */
export function linearPattern(source: string): LinearPattern {
  try {
    const compiled = RE2JS.compile(fromPython(source))
    return { test: (text) => compiled.matcher(text).find() }
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unreadable'
    throw new PatternError(reason.replaceAll('`', "'"), { cause: error })
  }
}

/** Escapes, sets and line ends; everything else means the same in both. */
const parts = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\$/g

const outside: Readonly<Record<string, string>> = {
  $: '(?:\\n?\\z)',
  '\\Z': '\\z',
  '\\d': '\\p{Nd}',
  '\\D': '\\P{Nd}',
  '\\w': '[\\p{L}\\p{N}_]',
  '\\W': '[^\\p{L}\\p{N}_]',
}
const inSet: Readonly<Record<string, string>> = { '\\d': '\\p{Nd}', '\\D': '\\P{Nd}', '\\w': '\\p{L}\\p{N}_' }

function fromPython(source: string): string {
  return source.replace(parts, (part) =>
    part.startsWith('[') ? part.replace(/\\[\s\S]/g, (escaped) => inSet[escaped] ?? escaped) : (outside[part] ?? part),
  )
}
