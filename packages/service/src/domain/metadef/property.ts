/**
 * Definitions of properties: a small JSON Schema each, for the value that somebody gives a resource.
 *
 * They are kept as JSON. What Glance cannot read back is refused, since it would answer 500 for the whole namespace on the same database.
 */
import { type JsonSchema, mismatch } from '../json-schema.ts'
import { assertFits, misfit, schemaProblem } from '../schema-check.ts'
import { asciiJson, assertFitsColumn, assertKept, assertShort } from './kept-value.ts'
import type { Timed } from './kind.ts'
import {
  baseDefinitions,
  collectionSchema,
  type MetadefCollectionSchema,
  type MetadefField,
  type MetadefSchema,
  membersOf,
  resourceSchema,
  timeFields,
  writesShownOnly,
} from './schema-document.ts'

/** The members of a definition in JSON, in the order of answers. Its own name among them only if it was given there. */
export type PropertyDefinition = Readonly<Record<string, unknown>>

/** A property of a namespace, before it is kept. */
export interface NewMetadefProperty {
  readonly name: string
  readonly definition: PropertyDefinition
}

/** A property of a namespace. */
export interface MetadefProperty extends NewMetadefProperty, Timed {}

const text: JsonSchema = { type: 'string' }
const truth: JsonSchema = { type: 'boolean' }
const count: JsonSchema = { $ref: '#/definitions/positiveInteger' }
const countDefault0: JsonSchema = { $ref: '#/definitions/positiveIntegerDefault0' }
const typeSchema: JsonSchema = {
  type: 'string',
  enum: ['array', 'boolean', 'integer', 'number', 'object', 'string', null],
}

/** Members of a definition, in the order of the schema. */
const fields: readonly MetadefField[] = [
  { wire: 'name', schema: { type: 'string', maxLength: 80 } },
  { wire: 'title', schema: text },
  { wire: 'description', schema: text },
  { wire: 'operators', schema: { type: 'array', items: text } },
  { wire: 'type', schema: typeSchema },
  { wire: 'required', schema: { $ref: '#/definitions/stringArray' } },
  { wire: 'minimum', schema: { type: 'number' } },
  { wire: 'maximum', schema: { type: 'number' } },
  { wire: 'maxLength', schema: count },
  { wire: 'minLength', schema: countDefault0 },
  { wire: 'pattern', schema: { type: 'string', format: 'regex' } },
  { wire: 'enum', schema: { type: 'array' } },
  { wire: 'readonly', schema: truth },
  { wire: 'default', schema: {} },
  {
    wire: 'items',
    schema: { type: 'object', properties: { type: typeSchema, enum: { type: 'array' } } },
  },
  { wire: 'maxItems', schema: count },
  { wire: 'minItems', schema: countDefault0 },
  { wire: 'uniqueItems', schema: { type: 'boolean', default: false } },
  { wire: 'additionalItems', schema: truth },
]

const texts: JsonSchema = { type: 'array', items: text }
const size: JsonSchema = { type: 'integer', minimum: 0 }

/**
 * What is kept, in the order of answers, and what it must be. This is narrower than the published schema where that promises what Glance itself fails on: `required`, entries of enumerations that are
 * no text, items without a type. `confidential` is kept although the schema does not know it.
 */
const kept: readonly (readonly [name: string, schema: JsonSchema])[] = [
  ['name', { type: 'string', maxLength: 80 }],
  ['type', typeSchema],
  ['title', text],
  ['description', text],
  ['operators', texts],
  ['default', {}],
  ['readonly', truth],
  ['minimum', { type: 'number' }],
  ['maximum', { type: 'number' }],
  ['enum', texts],
  ['pattern', text],
  ['minLength', size],
  ['maxLength', size],
  ['confidential', truth],
  [
    'items',
    { type: 'object', properties: { type: typeSchema, enum: texts }, required: ['type'], additionalProperties: false },
  ],
  ['uniqueItems', truth],
  ['minItems', size],
  ['maxItems', size],
  ['additionalItems', truth],
]

const keptSchema: JsonSchema = {
  type: 'object',
  properties: Object.fromEntries(kept),
  required: ['title', 'type'],
  additionalProperties: false,
}

/** The definition of `property` in the schemas of what holds properties under their names. */
export const propertiesDefinition: JsonSchema = {
  type: 'object',
  additionalProperties: { type: 'object', required: ['title', 'type'], properties: membersOf(fields) },
}

const definitions = baseDefinitions({ minItems: 1 })

/** What `/v2/schemas/metadefs/property` answers. */
export const metadefPropertySchema: MetadefSchema = resourceSchema(
  'property',
  fields,
  ['type', 'title', 'name'],
  definitions,
)

/** What `/v2/schemas/metadefs/properties` answers. */
export const metadefPropertiesSchema: MetadefCollectionSchema = collectionSchema(
  'properties',
  { ...metadefPropertySchema, required: ['type', 'title'] },
  'record',
)

/** The property that a body tells of. @throws ServiceError INVALID, FORBIDDEN for members that only the service writes */
export function propertyOfBody(body: unknown): NewMetadefProperty {
  const refused = writesShownOnly(body, timeFields('property'))
  if (refused) throw refused
  assertFits(body, 'property', metadefPropertySchema, definitions)
  const definition = definitionOf(body, [])
  const { name } = definition
  assertShort('property', name, ['name'])
  return { name, definition }
}

/** Properties by name out of a body or a file. @param path - where they stand in it. @throws ServiceError INVALID */
export function propertiesOf(given: unknown, path: readonly string[]): readonly NewMetadefProperty[] {
  if (typeof given !== 'object' || given === null) return []
  return Object.entries(given).map(([name, value]) => {
    assertShort('property', name, [...path, name])
    return { name, definition: definitionOf(value, [...path, name]) }
  })
}

/** One definition, checked and in the form that is kept. @throws ServiceError INVALID */
export function definitionOf(value: unknown, path: readonly string[]): PropertyDefinition {
  const found = schemaProblem(value, keptSchema)
  if (found) throw misfit('property', found.problem, [...path, ...found.path])
  assertKept('property', value, path)
  const definition = inOrder(value as object)
  assertFitsColumn('property', asciiJson(definition), path)
  return definition
}

/** A definition out of a database, which others may have written: what cannot be shown is left out. */
export function storedDefinition(stored: unknown): PropertyDefinition {
  return typeof stored === 'object' && stored !== null ? inOrder(stored) : {}
}

/** A definition out of a file, without what is not kept and with entries of enumerations as text. Whether it is right is still to be seen. */
export function toleratedDefinition(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const known = Object.entries(given).filter(([name]) => kept.some(([each]) => each === name))
  return Object.fromEntries(
    known.map(([name, value]) => [
      name,
      name === 'enum' && Array.isArray(value)
        ? value.map((entry) => (typeof entry === 'object' ? entry : String(entry)))
        : value,
    ]),
  )
}

function inOrder(given: object): PropertyDefinition {
  return Object.fromEntries(
    kept.flatMap(([name, schema]) => {
      const value = Object.entries(given).find(([key]) => key === name)?.[1]
      if (value === undefined || mismatch(value, schema) !== null) return []
      return [[name, name === 'default' ? defaultOf(value) : value] as const]
    }),
  )
}

/** Glance gives every default back as text, in Python's words. */
function defaultOf(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'number' ? String(value) : value
}
