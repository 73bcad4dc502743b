/** The JSON Schemas of metadata definitions in the form of their documents: definitions at the top, and collections of items. */
import type { ServiceError } from '../errors.ts'
import { readOnlyField } from '../image-fields.ts'
import type { SchemaLink } from '../image-schema.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { Definitions } from '../schema-check.ts'

/** One member of a resource in its JSON form. */
export interface MetadefField {
  readonly wire: string
  readonly schema: JsonSchema
}

/** The schema of one resource, as it is answered. */
export interface MetadefSchema {
  readonly name: string
  readonly properties: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties: false
  readonly definitions?: Definitions
  readonly required: readonly string[]
}

/** The schema of a collection, as it is answered. */
export interface MetadefCollectionSchema {
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly links: readonly SchemaLink[]
  readonly definitions?: Definitions
}

/** The two times that most resources have. @param what - they are about, for people */
export function timeFields(what: string): readonly MetadefField[] {
  return [
    { wire: 'created_at', schema: time(`When the ${what} was made`) },
    { wire: 'updated_at', schema: time(`When the ${what} changed last`) },
  ]
}

function time(description: string): JsonSchema {
  return { type: 'string', readOnly: true, description, format: 'date-time' }
}

/** The links to a resource itself and to its schema. */
export const linkFields: readonly MetadefField[] = ['schema', 'self'].map((wire) => ({
  wire,
  schema: { readOnly: true, type: 'string' },
}))

const positiveInteger: JsonSchema = { type: 'integer', minimum: 0 }

/** Schemas that others refer to. @param more - of the list of texts */
export function baseDefinitions(more: JsonSchema = {}): Definitions {
  return {
    positiveInteger,
    positiveIntegerDefault0: { allOf: [{ $ref: '#/definitions/positiveInteger' }, { default: 0 }] },
    stringArray: { type: 'array', items: { type: 'string' }, ...more, uniqueItems: true },
  }
}

/** Members by their names. */
export function membersOf(fields: readonly MetadefField[]): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(fields.map(({ wire, schema }) => [wire, schema]))
}

/** The schema of a resource out of the table of its members. */
export function resourceSchema(
  name: string,
  fields: readonly MetadefField[],
  required: readonly string[],
  definitions?: Definitions,
): MetadefSchema {
  return {
    name,
    properties: membersOf(fields),
    additionalProperties: false,
    ...(definitions ? { definitions } : {}),
    required,
  }
}

/** The schema of many resources: a list, or a record when they stand under their names. */
export function collectionSchema(
  name: string,
  { definitions, ...item }: MetadefSchema,
  form: 'list' | 'record' = 'list',
): MetadefCollectionSchema {
  const items = form === 'list' ? { type: 'array', items: item } : { type: 'object', additionalProperties: item }
  const link = (rel: string, member: string): SchemaLink => ({ rel, href: `{${member}}` })
  return {
    name,
    properties: { [name]: items, first: { type: 'string' }, next: { type: 'string' }, schema: { type: 'string' } },
    links: [link('first', 'first'), link('next', 'next'), link('describedby', 'schema')],
    ...(definitions ? { definitions } : {}),
  }
}

/** The refusal of the first member of a body that only the service writes, or null. */
export function writesShownOnly(body: unknown, fields: readonly MetadefField[]): ServiceError | null {
  if (typeof body !== 'object' || body === null) return null
  const found = fields.find(({ wire, schema }) => schema.readOnly === true && Object.hasOwn(body, wire))
  return found ? readOnlyField(found.wire) : null
}
