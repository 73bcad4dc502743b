/** Definitions of objects: properties that belong together under a name. */
import type { JsonSchema } from '../json-schema.ts'
import { assertStorableText } from '../properties.ts'
import { assertFits, misfit } from '../schema-check.ts'
import { asciiJson, assertFitsColumn, assertShort } from './kept-value.ts'
import type { Timed } from './kind.ts'
import { definitionOf, type PropertyDefinition, propertiesDefinition } from './property.ts'
import {
  baseDefinitions,
  collectionSchema,
  linkFields,
  type MetadefCollectionSchema,
  type MetadefField,
  type MetadefSchema,
  resourceSchema,
  timeFields,
  writesShownOnly,
} from './schema-document.ts'

/** An object, before it is kept. Null stands for what was not given. */
export interface NewMetadefObject {
  readonly name: string
  readonly description: string | null
  /** Names of properties that a resource must have. */
  readonly required: readonly string[] | null
  readonly properties: ReadonlyMap<string, PropertyDefinition> | null
}

/** An object of a namespace. Once it is kept, nothing given is an empty list. */
export interface MetadefObject extends NewMetadefObject, Timed {}

/** Members that an object also has where it stands inside a namespace. */
export const nestedObjectFields: readonly MetadefField[] = [
  { wire: 'name', schema: { type: 'string', maxLength: 80 } },
  { wire: 'description', schema: { type: 'string' } },
  { wire: 'required', schema: { $ref: '#/definitions/stringArray' } },
  { wire: 'properties', schema: { $ref: '#/definitions/property' } },
]

const fields: readonly MetadefField[] = [...nestedObjectFields, ...linkFields, ...timeFields('object')]

/** Schemas that those of objects and namespaces refer to. */
export const objectDefinitions: Readonly<Record<string, JsonSchema>> = {
  ...baseDefinitions(),
  property: propertiesDefinition,
}

/** What `/v2/schemas/metadefs/object` answers. */
export const metadefObjectSchema: MetadefSchema = resourceSchema('object', fields, ['name'], objectDefinitions)

/** What `/v2/schemas/metadefs/objects` answers. */
export const metadefObjectsSchema: MetadefCollectionSchema = collectionSchema('objects', metadefObjectSchema)

/** The object that a body tells of. @throws ServiceError INVALID, FORBIDDEN for members that only the service writes */
export function objectOfBody(body: unknown): NewMetadefObject {
  const refused = writesShownOnly(body, fields)
  if (refused) throw refused
  assertFits(body, 'object', metadefObjectSchema, objectDefinitions)
  return objectOf(body as GivenObject, [])
}

/** An object in JSON that has the right types. */
export interface GivenObject {
  readonly name?: string
  readonly description?: string | null
  readonly required?: readonly string[] | null
  readonly properties?: Readonly<Record<string, unknown>> | null
}

/** An object whose members have the right types, in the form that is kept. @param path - where it stands. @throws ServiceError INVALID */
export function objectOf(given: GivenObject, path: readonly string[]): NewMetadefObject {
  const { name, description = null, required = null, properties = null } = given
  assertShort('object', name, [...path, 'name'])
  if (description !== null) {
    assertStorableText(description, 'member "description"')
    assertFitsColumn('object', description, [...path, 'description'])
  }
  assertNames(required ?? [], [...path, 'required'])
  const definitions = Object.entries(properties ?? {}).map(
    ([each, value]) => [each, definitionOf(value, [...path, 'properties', each])] as const,
  )
  for (const [each] of definitions) assertStorableText(each, 'the name of a property')
  assertFitsColumn('object', asciiJson(Object.fromEntries(definitions)), [...path, 'properties'])
  return { name, description, required, properties: properties === null ? null : new Map(definitions) }
}

/** They are kept in one column, with commas between. */
function assertNames(names: readonly string[], path: readonly string[]): void {
  const unfit = names.find((name) => name === '' || name.includes(','))
  if (unfit !== undefined) throw misfit('object', 'a name that is empty or has a comma cannot be kept', path)
  const column = names.join(',')
  assertStorableText(column, 'member "required"')
  assertFitsColumn('object', column, path)
}
