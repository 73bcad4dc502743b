/**
 * The members of the image resource as one table: wire name, name in the code, JSON Schema, and who may write it.
 *
 * From it come the published schemas (`image-schema.ts`), the checks of bodies of `POST /v2/images`, and those of patches. The order is the order of the published schema:
 * command lines make their options from it. Every name that is not in the table is an additional property.
 */

import { ServiceError } from './errors.ts'
import type { Image } from './image.ts'
import { type JsonSchema, type JsonType, mismatch, quote } from './json-schema.ts'
import { assertStorableText, assertTag, shown } from './properties.ts'
import type { ServiceSettings } from './settings.ts'
import { imageStatuses } from './status.ts'

/** One member of the image resource. */
export interface ImageField {
  /** Name in JSON. */
  readonly wire: string
  /** Member of `Image` that holds it; null when the transport makes it (links, and what is derived from the locations). */
  readonly name: keyof Image | null
  /** What a user who names it when an image is created gets: it is taken, or refused as read-only or as reserved. */
  readonly create: 'settable' | 'readOnly' | 'reserved'
  /** The same for patches. What is settable can never be removed: base members are always there. */
  readonly patch: 'settable' | 'readOnly'
  /** Most that the column of a number holds; the least is 0. */
  readonly max?: number
  readonly schema: (settings: Pick<ServiceSettings, 'containerFormats' | 'diskFormats'>) => JsonSchema
}

/** Largest value of a signed 32-bit column. */
const largestInt32 = 2_147_483_647

const settable = { create: 'settable', patch: 'settable' } as const
const readOnly = { create: 'readOnly', patch: 'readOnly' } as const

/** A schema that does not depend on settings. */
function fixed(type: JsonType | readonly JsonType[], description: string, more: JsonSchema = {}): () => JsonSchema {
  const schema = { ...more, type, description }
  return () => schema
}

const textOrNull = ['null', 'string'] as const
const integerOrNull = ['null', 'integer'] as const
const shownOnly: JsonSchema = { readOnly: true }

/** UUIDs with hyphens, in either case. */
const uuidPattern = '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$'

const locationSchema: JsonSchema = {
  type: 'object',
  properties: {
    url: { type: 'string', maxLength: 255 },
    metadata: { type: 'object' },
    validation_data: {
      description: 'Hashes that the data at this location are expected to have.',
      type: 'object',
      writeOnly: true,
      additionalProperties: false,
      properties: {
        checksum: { type: 'string', minLength: 32, maxLength: 32 },
        os_hash_algo: { type: 'string', maxLength: 64 },
        os_hash_value: { type: 'string', maxLength: 128 },
      },
      required: ['os_hash_algo', 'os_hash_value'],
    },
  },
  required: ['url', 'metadata'],
}

/** Every member of the image resource, in the order of its schema. */
export const imageFields: readonly ImageField[] = [
  {
    wire: 'id',
    name: 'id',
    create: 'settable',
    patch: 'readOnly',
    schema: fixed('string', 'Identifier of the image', { pattern: uuidPattern }),
  },
  {
    wire: 'name',
    name: 'name',
    ...settable,
    schema: fixed(textOrNull, 'Name of the image for people; several images may share it', { maxLength: 255 }),
  },
  {
    wire: 'status',
    name: 'status',
    ...readOnly,
    schema: fixed('string', 'State of the image', { ...shownOnly, enum: imageStatuses }),
  },
  {
    wire: 'visibility',
    name: 'visibility',
    ...settable,
    schema: fixed('string', 'Who may use the image', { enum: ['community', 'public', 'private', 'shared'] }),
  },
  {
    wire: 'protected',
    name: 'protected',
    ...settable,
    schema: fixed('boolean', 'Whether the image is kept from being deleted'),
  },
  {
    wire: 'os_hidden',
    name: 'hidden',
    ...settable,
    schema: fixed('boolean', 'Whether lists leave the image out unless they are asked for hidden ones'),
  },
  {
    wire: 'checksum',
    name: 'checksum',
    ...readOnly,
    schema: fixed(textOrNull, 'MD5 of the image data, in hexadecimal', { ...shownOnly, maxLength: 32 }),
  },
  {
    wire: 'os_hash_algo',
    name: 'hashAlgorithm',
    ...readOnly,
    schema: fixed(textOrNull, 'Name of the algorithm that made os_hash_value', { ...shownOnly, maxLength: 64 }),
  },
  {
    wire: 'os_hash_value',
    name: 'hashValue',
    ...readOnly,
    schema: fixed(textOrNull, 'Hash of the image data by os_hash_algo, in hexadecimal', {
      ...shownOnly,
      maxLength: 128,
    }),
  },
  {
    wire: 'owner',
    name: 'owner',
    ...settable,
    schema: fixed(textOrNull, 'Project that owns the image', { maxLength: 255 }),
  },
  {
    wire: 'size',
    name: 'size',
    ...readOnly,
    schema: fixed(integerOrNull, 'Bytes of the image data', shownOnly),
  },
  {
    wire: 'virtual_size',
    name: 'virtualSize',
    ...readOnly,
    schema: fixed(integerOrNull, 'Bytes of the disk that the image data hold', shownOnly),
  },
  {
    wire: 'container_format',
    name: 'containerFormat',
    ...settable,
    schema: ({ containerFormats }) => ({
      type: textOrNull,
      description: 'What wraps the disk image',
      enum: [null, ...containerFormats],
    }),
  },
  {
    wire: 'disk_format',
    name: 'diskFormat',
    ...settable,
    schema: ({ diskFormats }) => ({
      type: textOrNull,
      description: 'Format of the disk image',
      enum: [null, ...diskFormats],
    }),
  },
  { wire: 'created_at', name: 'createdAt', ...readOnly, schema: fixed('string', 'When it was created', shownOnly) },
  { wire: 'updated_at', name: 'updatedAt', ...readOnly, schema: fixed('string', 'When it last changed', shownOnly) },
  {
    wire: 'tags',
    name: 'tags',
    ...settable,
    schema: fixed('array', 'Texts by which to find the image', { items: { type: 'string', maxLength: 255 } }),
  },
  {
    wire: 'direct_url',
    name: null,
    ...readOnly,
    schema: fixed('string', 'Location of the image data in its store', shownOnly),
  },
  {
    wire: 'min_ram',
    name: 'minRam',
    ...settable,
    max: largestInt32,
    schema: fixed('integer', 'Memory in MB that booting the image takes'),
  },
  {
    wire: 'min_disk',
    name: 'minDisk',
    ...settable,
    max: largestInt32,
    schema: fixed('integer', 'Disk space in GB that booting the image takes'),
  },
  { wire: 'self', name: null, ...readOnly, schema: fixed('string', 'Address of the image', shownOnly) },
  { wire: 'file', name: null, ...readOnly, schema: fixed('string', 'Address of the image data', shownOnly) },
  {
    wire: 'stores',
    name: null,
    ...readOnly,
    schema: fixed('string', 'Identifiers of the stores that hold the image data, with commas between', shownOnly),
  },
  { wire: 'schema', name: null, ...readOnly, schema: fixed('string', 'Address of the schema', shownOnly) },
  {
    wire: 'locations',
    name: 'locations',
    create: 'reserved',
    patch: 'settable',
    schema: fixed('array', 'Where the image data lie', { items: locationSchema }),
  },
]

const byWireName: ReadonlyMap<string, ImageField> = new Map(imageFields.map((field) => [field.wire, field]))

/** The member of that name, or undefined when the name is one of an additional property. */
export function fieldOf(wireName: string): ImageField | undefined {
  return byWireName.get(wireName)
}

/** What answers a member that the server alone writes. */
export function readOnlyField(wireName: string): ServiceError {
  return new ServiceError('FORBIDDEN', `Attribute ${shown(wireName)} is read-only.`)
}

/**
 * Checks a value for a settable member, and brings it into the form in which `Image` holds it (a list of tags becomes a set).
 *
 * @throws ServiceError INVALID with what is wrong and where
 */
export function fieldValue(
  field: ImageField,
  value: unknown,
  settings: Pick<ServiceSettings, 'containerFormats' | 'diskFormats'>,
): unknown {
  const problem = mismatch(value, field.schema(settings)) ?? outOfBounds(field, value)
  if (problem !== null) throw schemaError(problem, field.wire)
  if (typeof value === 'string') assertStorableText(value, `member ${quote(field.wire)}`)
  if (field.wire !== 'tags') return value
  const tags = [...new Set(value as readonly string[])]
  for (const tag of tags) assertTag(tag)
  return tags
}

/** The error of a body that does not fit the schema of images. @param where - the member, or null for the body itself */
export function schemaError(problem: string, where: string | null): ServiceError {
  const place = where === null ? '' : ` (in ${quote(where)})`
  return new ServiceError('INVALID', `Provided object does not match schema 'image': ${problem}${place}`)
}

function outOfBounds({ max }: ImageField, value: unknown): string | null {
  if (max === undefined || typeof value !== 'number') return null
  if (value < 0) return `${value} is less than the minimum of 0`
  return value > max ? `${value} is greater than the maximum of ${max}` : null
}
