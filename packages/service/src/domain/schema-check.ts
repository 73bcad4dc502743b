/** The check of a whole document against its JSON Schema, members of members and all. */
import { ServiceError } from './errors.ts'
import { type JsonSchema, mismatch, quote } from './json-schema.ts'

/** Schemas that others name by `$ref`: `#/definitions/NAME`. */
export type Definitions = Readonly<Record<string, JsonSchema>>

/** What is wrong, and the names of the members on the way there. */
export interface SchemaProblem {
  readonly problem: string
  readonly path: readonly string[]
}

/**
 * The first thing that is wrong with a document, or null when it fits.
 *
 * Checks all of `JsonSchema` but `format`. The schema bounds how deep it looks.
 */
export function schemaProblem(value: unknown, schema: JsonSchema, definitions: Definitions = {}): SchemaProblem | null {
  const { $ref, allOf = [], items, ...own } = schema
  for (const part of [...($ref === undefined ? [] : [referenced($ref, definitions)]), ...allOf]) {
    const found = schemaProblem(value, part, definitions)
    if (found) return found
  }
  const problem = mismatch(value, own) ?? outside(value, own)
  if (problem !== null) return { problem, path: [] }
  if (Array.isArray(value)) return items ? firstOf(value.entries(), () => items, definitions) : null
  return typeof value === 'object' && value !== null ? memberProblem(value, own, definitions) : null
}

/** @throws ServiceError INVALID with what is wrong and where, in the words of Glance */
export function assertFits(document: unknown, name: string, schema: JsonSchema, definitions: Definitions = {}): void {
  const found = schemaProblem(document, { ...schema, type: 'object' }, definitions)
  if (found) throw misfit(name, found.problem, found.path)
}

/** The refusal of a document that does not fit its schema. @param name - of the schema */
export function misfit(name: string, problem: string, path: readonly string[] = []): ServiceError {
  const place = path.length === 0 ? '' : ` (in ${quote(path.join('/'))})`
  return new ServiceError('INVALID', `Provided object does not match schema '${name}': ${problem}${place}`)
}

function referenced($ref: string, definitions: Definitions): JsonSchema {
  const found = definitions[$ref.slice('#/definitions/'.length)]
  if (!found) throw new TypeError(`no definition ${$ref}`)
  return found
}

function outside(value: unknown, { minimum, minItems, uniqueItems }: JsonSchema): string | null {
  if (typeof value === 'number' && minimum !== undefined && value < minimum)
    return `${quote(value)} is less than the minimum of ${minimum}`
  if (!Array.isArray(value)) return null
  if (minItems !== undefined && value.length < minItems) return `${quote(value)} is too short`
  return uniqueItems && new Set(value).size < value.length ? `${quote(value)} has non-unique elements` : null
}

function memberProblem(value: object, schema: JsonSchema, definitions: Definitions): SchemaProblem | null {
  const missing = schema.required?.find((name) => !Object.hasOwn(value, name))
  if (missing !== undefined) return { problem: `${quote(missing)} is a required property`, path: [] }
  const { properties = {}, additionalProperties = true } = schema
  const known = (name: string): JsonSchema | undefined =>
    Object.hasOwn(properties, name) ? properties[name] : undefined
  const stranger = Object.keys(value).find((name) => !known(name))
  if (additionalProperties === false && stranger !== undefined)
    return { problem: `Additional properties are not allowed (${quote(stranger)} was unexpected)`, path: [] }
  const others = typeof additionalProperties === 'object' ? additionalProperties : {}
  return firstOf(Object.entries(value), (name) => known(String(name)) ?? others, definitions)
}

function firstOf(
  entries: Iterable<readonly [string | number, unknown]>,
  schemaOf: (name: string | number) => JsonSchema,
  definitions: Definitions,
): SchemaProblem | null {
  for (const [name, value] of entries) {
    const found = schemaProblem(value, schemaOf(name), definitions)
    if (found) return { problem: found.problem, path: [String(name), ...found.path] }
  }
  return null
}
