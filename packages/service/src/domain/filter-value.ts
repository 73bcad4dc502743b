/** The little language of filter values: `operator:value`, and lists with quotes (API working group, "Filtering"). */
import { ServiceError } from './errors.ts'
import { parseIsoTime } from './iso-time.ts'
import { bare } from './json-schema.ts'

/** Most values of one `in:` filter; an address line of the default 16 KiB holds no more ids than that. */
export const mostListedValues = 1000

/** An operator and what follows it. */
export interface FilterExpression {
  /** As it was given; `eq` when none was. */
  readonly operator: string
  readonly operand: string
}

/**
 * Splits an expression at its first colon.
 *
 * A time whose zone or clock has colons is no expression and counts as a value of `eq`. Any other value with a colon needs `eq:` before it.
 */
export function splitOperator(expression: string): FilterExpression {
  const colon = expression.indexOf(':')
  if (colon === -1 || parseIsoTime(expression) !== null) return { operator: 'eq', operand: expression }
  return { operator: expression.slice(0, colon), operand: expression.slice(colon + 1) }
}

/**
 * The values of a list with commas between. A value that holds commas stands in double quotes; a backslash before a quote takes its meaning away.
 *
 * Empty values count: `a,,b` has three; a comma at the end adds none. An empty list has one, the empty text.
 *
 * @throws ServiceError INVALID when a quote opens inside a value, is followed by something else than a comma, or stays open; when there are over 1000 values
 */
export function splitList(list: string): readonly string[] {
  const values: string[] = []
  let at = 0
  for (;;) {
    const value = list[at] === '"' ? quotedValue(list, at) : plainValue(list, at)
    values.push(value.text)
    if (values.length > mostListedValues)
      throw new ServiceError('INVALID', `A filter takes at most ${mostListedValues} values.`)
    at = value.end + 1
    if (at >= list.length) return values
  }
}

/** A value, and where the comma after it stands. */
interface ListedValue {
  readonly text: string
  readonly end: number
}

function quotedValue(list: string, open: number): ListedValue {
  let text = ''
  for (let i = open + 1; i < list.length; i++) {
    const character = list[i]
    if (character === '\\' && (list[i + 1] === '"' || list[i + 1] === '\\')) {
      i += 1
      text += list[i]
    } else if (character === '"') {
      if (i + 1 < list.length && list[i + 1] !== ',')
        throw malformed(list, 'There is no comma after a closing quotation mark')
      return { text, end: i + 1 }
    } else text += character
  }
  throw malformed(list, 'The quote is not closed')
}

function plainValue(list: string, start: number): ListedValue {
  const comma = list.indexOf(',', start)
  const end = comma === -1 ? list.length : comma
  const text = list.slice(start, end)
  if (/(^|[^\\])"/.test(text)) throw malformed(list, 'There is no comma before an opening quotation mark')
  return { text: text.replaceAll('\\"', '"'), end }
}

function malformed(list: string, problem: string): ServiceError {
  return new ServiceError('INVALID', `Invalid filter value ${bare(list)}. ${problem}.`)
}
