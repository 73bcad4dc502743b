import type { Option, OptionTable, OptionValues } from './option.ts'

/** One thing that is wrong with the values of a table. */
export interface OptionIssue {
  /** The option's name in configuration files. */
  readonly option: string
  /** What is wrong, as the rest of a sentence that starts with the option's name; never contains the value of a secret. */
  readonly message: string
}

/** Values, or everything that is wrong with them. */
export type ParsedOptions<T extends OptionTable> =
  | { readonly values: OptionValues<T>; readonly issues: readonly [] }
  | { readonly values: null; readonly issues: readonly OptionIssue[] }

/** The name of an option in configuration files: Glance's, else its own in snake_case. */
export function glanceName(name: string, option: Pick<Option, 'glance'>): string {
  return option.glance ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** All names under which an option may be given, in the order in which they win. */
export function namesOf(name: string, option: Pick<Option, 'glance' | 'glanceOld'>): readonly string[] {
  return [...new Set([name, glanceName(name, option), ...(option.glanceOld ?? [])])]
}

/**
 * Raw values to typed values, with defaults.
 *
 * `raw` is keyed by own names or by the names of configuration files, in any mixture; a value is the text of a file, a list of texts for a
 * repeated key, or a typed value. A repeated key of an option that is not `multi` counts with its last occurrence, as oslo.config does. Members that no option claims
 * are issues: a misspelt option must not be silently without effect. All issues are found in one go.
 */
export function parseOptions<T extends OptionTable>(
  table: T,
  raw: Readonly<Record<string, unknown>>,
): ParsedOptions<T> {
  const values: Record<string, unknown> = {}
  const issues: OptionIssue[] = []
  const claimed = new Set<string>()
  for (const [name, option] of Object.entries(table) as [string, Option][]) {
    const names = namesOf(name, option)
    for (const each of names) claimed.add(each)
    const key = names.find((each) => Object.hasOwn(raw, each) && raw[each] !== undefined)
    const given = key === undefined ? undefined : lastOf(raw[key], option)
    const shown = glanceName(name, option)
    if (given === undefined) {
      if (option.required && option.default === undefined) issues.push({ option: shown, message: 'must be set' })
      values[name] = option.default
      continue
    }
    const result = option.type.safeParse(given)
    if (result.success) values[name] = result.data
    else
      issues.push({
        option: shown,
        message: result.error.issues.map((issue) => plain(issue.message, option)).join('; '),
      })
  }
  for (const key of Object.keys(raw)) {
    if (raw[key] !== undefined && !claimed.has(key)) issues.push({ option: key, message: 'is not an option here' })
  }
  if (issues.length > 0) return { values: null, issues }
  return { values: Object.freeze(values) as OptionValues<T>, issues: [] }
}

function lastOf(value: unknown, option: Option): unknown {
  if (!Array.isArray(value) || option.kind === 'multi' || option.kind === 'list') return value
  return value.at(-1)
}

/** zod's own sentences start with "Invalid input: expected …"; ours continue the option's name. */
function plain(message: string, option: Option): string {
  return message.startsWith('Invalid input') ? `must be ${article(option)}` : message
}

const articles: Readonly<Record<Option['kind'], string>> = {
  text: 'a text',
  secret: 'a text',
  path: 'a path',
  integer: 'a whole number',
  bytes: 'an amount of bytes',
  duration: 'a length of time',
  flag: 'true or false',
  choice: 'one of the words it takes',
  list: 'a list of texts',
  map: 'name:value pairs',
  multi: 'a list of texts',
}

function article(option: Option): string {
  return articles[option.kind]
}
