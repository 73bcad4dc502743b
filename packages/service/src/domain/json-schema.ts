/** The part of JSON Schema (draft 4) in which the API describes its resources, and the check of a value against it. */

/** Names of the types of JSON. */
export type JsonType = 'null' | 'string' | 'boolean' | 'integer' | 'number' | 'array' | 'object'

/** One schema, as it stands in an answer. Members are those that the API uses; absent ones check nothing. */
export interface JsonSchema {
  readonly type?: JsonType | readonly JsonType[]
  readonly description?: string
  readonly readOnly?: boolean
  readonly writeOnly?: boolean
  /** Characters (UTF-16 code units; the API takes no others than those of one unit). */
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly enum?: readonly (string | null)[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly minimum?: number
  readonly minItems?: number
  readonly uniqueItems?: boolean
  /** For people; nothing checks or fills it in. */
  readonly format?: string
  readonly default?: unknown
  /** The place of a schema in the `definitions` of its document. */
  readonly $ref?: string
  readonly allOf?: readonly JsonSchema[]
}

const matches: Readonly<Record<JsonType, (value: unknown) => boolean>> = {
  null: (value) => value === null,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isSafeInteger(value),
  number: (value) => typeof value === 'number',
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}

/**
 * What is wrong with a value, or null when it fits.
 *
 * Checks `type`, `enum`, `minLength`, `maxLength`, `pattern` and, of lists, `items`; members of objects are the business of whoever has the object, or of `schema-check.ts`. The text quotes at
 * most 80 characters of the value.
 */
export function mismatch(value: unknown, schema: JsonSchema): string | null {
  const types = schema.type === undefined ? [] : [schema.type].flat()
  if (types.length > 0 && !types.some((type) => matches[type](value)))
    return `${quote(value)} is not of type ${types.map((type) => `'${type}'`).join(', ')}`
  if (schema.enum && !schema.enum.includes(value as string | null))
    return `${quote(value)} is not one of [${schema.enum.map(quote).join(', ')}]`
  if (typeof value === 'string') {
    if (schema.maxLength !== undefined && value.length > schema.maxLength) return `${quote(value)} is too long`
    if (schema.minLength !== undefined && value.length < schema.minLength) return `${quote(value)} is too short`
    if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value))
      return `${quote(value)} does not match '${schema.pattern}'`
  }
  if (Array.isArray(value) && schema.items) {
    for (const item of value) {
      const problem = mismatch(item, schema.items)
      if (problem !== null) return problem
    }
  }
  return null
}

/** A value as a message may show it: JSON, cut to 80 characters, and never the depths of a list or an object. */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[… ${value.length} items]`
  if (typeof value === 'object' && value !== null) return '{…}'
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value)
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`
}

/** A text of a request as it stands, for messages in Glance's words; at most 80 characters. */
export function bare(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`
}
