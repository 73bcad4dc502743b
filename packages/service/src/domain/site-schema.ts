/**
 * What an operator says of additional properties in `schema-image.json`: their types, what users read about them, and which a new image must have.
 *
 * Values are stored as texts, as all additional properties are: a number by its digits, a flag as 1 or 0 (as Glance's databases hold it), null as nothing.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { fieldOf, schemaError } from './image-fields.ts'
import { type JsonSchema, quote } from './json-schema.ts'
import { linearPattern, PatternError } from './linear-pattern.ts'
import { assertPropertyValue, isReservedName } from './properties.ts'

/** One property of the site. */
export interface SiteProperty {
  /** As `/v2/schemas/image` shows it. */
  readonly schema: JsonSchema & { readonly is_base: false }
  /** What is wrong with a value, or null when it fits. */
  mismatch(value: unknown): string | null
}

/** The properties of a site. */
export interface SiteSchema {
  /** By name, in the order of the file. */
  readonly properties: ReadonlyMap<string, SiteProperty>
  /** Names, also of the image's own members, that a new image must have. */
  readonly required: readonly string[]
}

/** Types of values that can be stored as texts. */
const storable: ReadonlySet<unknown> = new Set(['null', 'string', 'boolean', 'integer', 'number'])

type Json = Readonly<Record<string, unknown>>

/**
 * Reads the document of a site: properties by name, or `{"properties": {…}, "required": […]}`.
 *
 * @param document - parsed JSON of any shape
 * @returns the schema, and everything that is wrong with it; with any problem it is not to be used
 */
export function readSiteSchema(document: unknown): {
  readonly schema: SiteSchema
  readonly problems: readonly string[]
} {
  const problems: string[] = []
  const { properties: given, required: names } = formOf(document, problems)
  const properties = new Map<string, SiteProperty>()
  for (const [name, definition] of Object.entries(given)) {
    const problem = problemOfName(name) ?? problemOfDefinition(definition)
    const property = problem === null ? siteProperty(definition as Json) : problem
    if (typeof property === 'string') problems.push(`property ${quote(name)} ${property}`)
    else properties.set(name, property)
  }
  const required = names.filter((name): name is string => {
    const known = typeof name === 'string' && (Object.hasOwn(given, name) || fieldOf(name)?.create === 'settable')
    if (!known)
      problems.push(`required names ${quote(name)}, which is no property of the site and no member that users set`)
    return known
  })
  return { schema: { properties, required }, problems }
}

/** Of the two forms the longer one has nothing but these two members, with a map of objects and a list. */
function formOf(
  document: unknown,
  problems: string[],
): { readonly properties: Json; readonly required: readonly unknown[] } {
  if (!isObject(document)) {
    problems.push('must be a JSON object')
    return { properties: {}, required: [] }
  }
  const { properties = {}, required = [] } = document
  const long = Object.keys(document).every((key) => key === 'properties' || key === 'required')
  if (long && isObject(properties) && Array.isArray(required) && Object.values(properties).every(isObject))
    return { properties, required }
  return { properties: document, required: [] }
}

function problemOfName(name: string): string | null {
  if (fieldOf(name)) return 'is a member of every image and cannot be described anew'
  return isReservedName(name) ? 'has a name that the service keeps for itself' : null
}

function problemOfDefinition(definition: unknown): string | null {
  if (!isObject(definition)) return 'must be described by a JSON object'
  const types = definition['type'] === undefined ? [] : [definition['type']].flat()
  const wrong = types.find((type) => !storable.has(type))
  return wrong === undefined
    ? null
    : `is of type ${quote(wrong)}; properties are stored as texts, so it can be ${[...storable].join(', ')}`
}

/** The property, or what is wrong with its description. */
function siteProperty(definition: Json): SiteProperty | string {
  try {
    const validate = compile(definition)
    return {
      // The reader of the file has made sure of types; other words of JSON Schema go out as they are.
      schema: { ...(definition as JsonSchema), is_base: false },
      mismatch: (value) => (validate(value) ? notStorable(value) : told(validate.errors?.[0], value)),
    }
  } catch (error) {
    const reason = error instanceof PatternError ? `has a pattern that is not taken: ${error.message}` : null
    return reason ?? `is no JSON Schema: ${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'}`
  }
}

/** Patterns run in linear time: values are as long as users like. Formats are not looked at, as in Glance. */
function compile(definition: Json): ValidateFunction {
  const regExp = Object.assign((pattern: string) => linearPattern(pattern), { code: 'linearPattern' })
  return new Ajv({ strict: false, validateFormats: false, code: { regExp } }).compile(definition)
}

function notStorable(value: unknown): string | null {
  return typeof value === 'object' && value !== null ? `${quote(value)} is not of type 'string'` : null
}

/** An error in the words in which the other members of an image are refused. */
function told(error: ErrorObject | undefined, value: unknown): string {
  const params: Json = error?.params ?? {}
  switch (error?.keyword) {
    case 'type':
      return `${quote(value)} is not of type ${[params['type']]
        .flat()
        .map((type) => `'${type}'`)
        .join(', ')}`
    case 'enum':
      return `${quote(value)} is not one of [${[params['allowedValues']].flat().map(quote).join(', ')}]`
    case 'pattern':
      return `${quote(value)} does not match '${params['pattern']}'`
    case 'maxLength':
      return `${quote(value)} is too long`
    case 'minLength':
      return `${quote(value)} is too short`
    default:
      return `${quote(value)} ${error?.message ?? 'does not fit'}`
  }
}

/**
 * Checks the value of an additional property, and brings it into the form in which it is stored.
 *
 * @throws ServiceError INVALID when it does not fit what the site says, or is no text where the site says nothing
 */
export function propertyValue(name: string, value: unknown, site: SiteSchema | null | undefined): string | null {
  const property = site?.properties.get(name)
  const problem = property?.mismatch(value) ?? null
  if (problem !== null) throw schemaError(problem, name)
  const stored = property ? storedForm(value) : value
  if (property && stored === null) return null
  assertPropertyValue(name, stored)
  return stored
}

function storedForm(value: unknown): unknown {
  if (typeof value === 'boolean') return String(Number(value))
  return typeof value === 'number' ? String(value) : value
}

/** Checks that a new image has what the site wants of it. @param body - names and values. @throws ServiceError INVALID */
export function assertRequired(body: object, site: SiteSchema | null | undefined): void {
  const missing = site?.required.find((name) => !Object.hasOwn(body, name))
  if (missing !== undefined) throw schemaError(`'${missing}' is a required property`, null)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
