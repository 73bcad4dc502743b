/** Locations as users write them, in patches and in bodies of `POST /v2/images/{id}/locations`. What can be known of them without their store is checked here. */
import { ServiceError } from './errors.ts'
import type { ImageLocation } from './image.ts'
import { fieldOf, schemaError } from './image-fields.ts'
import { type JsonSchema, mismatch, quote } from './json-schema.ts'
import { assertStorableText } from './properties.ts'
import type { ServiceSettings } from './settings.ts'

/** Hashes that data are expected to have. In lower case. */
export interface ValidationData {
  /** MD5, null when it is not given. */
  readonly checksum: string | null
  readonly hashAlgorithm: string
  readonly hashValue: string
}

/** A location as a user gives it. */
export interface GivenLocation {
  readonly url: string
  readonly metadata: ImageLocation['metadata']
  readonly validation: ValidationData | null
}

/** Deepest nesting of metadata, and most bytes of them as JSON: the column of the narrowest database. */
const metadataLimits = { depth: 8, bytes: 65_535 }

/**
 * The locations that a patch names: a list, or for `add` a single one.
 *
 * Members that the schema does not know are passed over, as Glance does.
 *
 * @throws ServiceError INVALID with what is wrong and where
 */
export function givenLocations(
  value: unknown,
  settings: Pick<ServiceSettings, 'containerFormats' | 'diskFormats'>,
): readonly GivenLocation[] {
  const schema = fieldOf('locations')?.schema(settings) ?? {}
  const problem = mismatch(value, schema)
  if (problem !== null) throw schemaError(problem, 'locations')
  return (value as readonly unknown[]).map((item) => {
    const wrong = memberMismatch(item, schema.items ?? {})
    if (wrong !== null) throw schemaError(wrong, 'locations')
    const { url, metadata, validation_data: validation } = item as WireLocation
    assertStorableText(url, 'the URL of a location')
    assertMetadata(metadata)
    return { url, metadata, validation: validation === undefined ? null : validationOf(validation) }
  })
}

interface WireLocation {
  readonly url: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly validation_data?: WireValidation
}

interface WireValidation {
  readonly checksum?: string
  readonly os_hash_algo: string
  readonly os_hash_value: string
}

function validationOf({ checksum, os_hash_algo, os_hash_value }: WireValidation): ValidationData {
  return {
    checksum: checksum?.toLowerCase() ?? null,
    hashAlgorithm: os_hash_algo,
    hashValue: os_hash_value.toLowerCase(),
  }
}

/** Algorithms that the newer way of adding a location takes, with the digits of their values. */
const hashDigits: ReadonlyMap<string, number> = new Map([
  ['md5', 32],
  ['sha1', 40],
  ['sha256', 64],
  ['sha512', 128],
])

const newLocationSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  properties: {
    url: { type: 'string', maxLength: 255 },
    validation_data: {
      type: 'object',
      additionalProperties: false,
      required: ['os_hash_algo', 'os_hash_value'],
      properties: {
        os_hash_algo: { type: 'string', enum: [...hashDigits.keys()] },
        os_hash_value: { type: 'string', maxLength: 128 },
      },
    },
  },
}

/**
 * The location that a body `{"url": "…", "validation_data": {"os_hash_algo": "…", "os_hash_value": "…"}}` names; empty validation data count as none.
 *
 * @throws ServiceError INVALID for unknown members too: what is not stored is not silently dropped
 */
export function newLocation(body: unknown): GivenLocation {
  const { validation_data: given, ...rest } = typeof body === 'object' && body !== null ? (body as WireLocation) : {}
  const empty = typeof given === 'object' && given !== null && Object.keys(given).length === 0
  const problem = memberMismatch(empty ? rest : body, newLocationSchema)
  if (problem !== null)
    throw new ServiceError('INVALID', `Provided object does not match schema 'location': ${problem}`)
  const { url } = body as WireLocation
  assertStorableText(url, 'the URL of a location')
  const validation = given === undefined || empty ? null : validationOf(given)
  if (validation !== null) assertHash(validation)
  return { url, metadata: {}, validation }
}

function assertHash({ hashAlgorithm, hashValue }: ValidationData): void {
  if (!isHex(hashValue))
    throw new ServiceError('INVALID', `os_hash_value (${hashValue}) is not a valid hexadecimal value`)
  const digits = hashDigits.get(hashAlgorithm)
  if (hashValue.length !== digits)
    throw new ServiceError('INVALID', `os_hash_value must be ${digits} hexadecimal digits for ${hashAlgorithm}`)
}

/** Whether a text is made of pairs of hexadecimal digits. */
export function isHex(text: string): boolean {
  return /^([0-9a-f]{2})+$/i.test(text)
}

/** As `mismatch`, and of objects their members too: those that must be there, their values, and, where the schema says so, those that must not. */
function memberMismatch(value: unknown, schema: JsonSchema): string | null {
  const problem = mismatch(value, schema)
  if (problem !== null || typeof value !== 'object' || value === null || Array.isArray(value)) return problem
  const members = new Map<string, unknown>(Object.entries(value))
  for (const [name, member] of members) {
    const inner = schema.properties?.[name]
    if (inner === undefined && schema.additionalProperties === false)
      return `Additional properties are not allowed (${quote(name)} was unexpected)`
    const wrong = inner === undefined ? null : memberMismatch(member, inner)
    if (wrong !== null) return wrong
  }
  const missing = schema.required?.find((name) => !members.has(name))
  return missing === undefined ? null : `${quote(missing)} is a required property`
}

function assertMetadata(metadata: Readonly<Record<string, unknown>>): void {
  assertValue(metadata, 0)
  if (Buffer.byteLength(JSON.stringify(metadata)) > metadataLimits.bytes)
    throw new ServiceError('INVALID', `The metadata of a location are over ${metadataLimits.bytes} bytes.`)
}

function assertValue(value: unknown, depth: number): void {
  if (depth > metadataLimits.depth)
    throw new ServiceError(
      'INVALID',
      `The metadata of a location are nested more than ${metadataLimits.depth} levels deep.`,
    )
  if (typeof value === 'string') {
    assertStorableText(value, 'the metadata of a location')
    return
  }
  if (typeof value !== 'object' || value === null)
    throw new ServiceError(
      'INVALID',
      `The metadata of a location hold strings, lists and objects only, not ${quote(value)}.`,
    )
  if (Array.isArray(value)) for (const item of value) assertValue(item, depth + 1)
  else {
    for (const [name, member] of Object.entries(value)) {
      assertStorableText(name, 'the metadata of a location')
      assertValue(member, depth + 1)
    }
  }
}
