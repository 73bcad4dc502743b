/** What definitions may hold so that every database in use, and Glance on the same database, gives it back as it was. */
import { quote } from '../json-schema.ts'
import { assertStorableText } from '../properties.ts'
import { misfit } from '../schema-check.ts'

/** Most lists and objects inside each other. */
const deepest = 16
/** Bytes of a TEXT column of MySQL, the narrowest of the databases. */
const longestColumn = 65_535

/** JSON in the characters of ASCII, as Python writes it; the form of every JSON column. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/**
 * Checks that a JSON value comes back as it is: texts that can be stored, numbers without lost digits, no great depth.
 *
 * @param schema - name of the schema, for the message
 * @throws ServiceError INVALID
 */
export function assertKept(schema: string, value: unknown, path: readonly string[], depth = 0): void {
  if (depth > deepest) throw misfit(schema, `lists and objects are more than ${deepest} deep`, path.slice(0, 4))
  if (typeof value === 'string') assertStorableText(value, `member ${quote(path.join('/'))}`)
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    throw misfit(schema, `${quote(value)} has more digits than are kept`, path)
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    assertStorableText(name, `a name in ${quote(path.join('/'))}`)
    assertKept(schema, inner, [...path, name], depth + 1)
  }
}

/** Checks that a text fits a long column. @throws ServiceError INVALID when it is over 65,535 bytes */
export function assertFitsColumn(schema: string, text: string, path: readonly string[]): void {
  if (text.length * 3 > longestColumn && Buffer.byteLength(text) > longestColumn)
    throw misfit(schema, `it takes over ${longestColumn} bytes`, path)
}

/** Checks a name or another short text. @throws ServiceError INVALID when it is empty, over 80 characters or not storable */
export function assertShort(schema: string, text: unknown, path: readonly string[]): asserts text is string {
  if (typeof text !== 'string') throw misfit(schema, `${quote(text)} is not of type 'string'`, path)
  if (text === '') throw misfit(schema, `${quote(text)} is too short`, path)
  if (text.length > 80) throw misfit(schema, `${quote(text)} is too long`, path)
  assertStorableText(text, `member ${quote(path.join('/'))}`)
}
