/** Rules of names, values and numbers of what users attach to images: additional properties and tags (Image API v2, "Image properties"). */
import { ServiceError } from './errors.ts'
import { quote } from './json-schema.ts'

/** Names that start so belong to the service; users neither set, change nor remove them. */
export const serverPropertyPrefix = 'os_glance'

/** Notes, while an image's data are being deleted, the state in which it was before. See `usecases/images/delete.ts`. */
export const deletingProperty = 'os_glance_deleting'

/** Holds, while an import of the image runs, the id of its task. */
export const importTaskProperty = 'os_glance_import_task'

/** Is there while the data of an image wait for their hash. Glance has it too, with the address of the process; ours is empty. See `usecases/locations/hash.ts`. */
export const hashingProperty = 'os_glance_hash_op_host'

/** Of the service's own properties those that nobody is shown. */
export const unshownProperties: ReadonlySet<string> = new Set([
  'os_glance_stage_host',
  hashingProperty,
  deletingProperty,
])

/** Members of the record that v1 had, refused as names of properties so that no client takes one for the other. */
const reservedNames: ReadonlySet<string> = new Set(['location', 'deleted', 'deleted_at'])

const longestName = 255
/** Bytes of a TEXT column of MySQL, the narrowest of the databases. */
const longestValue = 65_535

/**
 * Checks that a name is free for users, before anything is looked up.
 *
 * @throws ServiceError FORBIDDEN for names that the service keeps for itself
 */
export function assertNameNotReserved(name: string): void {
  if (isReservedName(name)) throw reserved(name)
}

/** Whether the service keeps a name for itself. */
export function isReservedName(name: string): boolean {
  return reservedNames.has(name) || name.startsWith(serverPropertyPrefix)
}

/** The refusal of a name that the service keeps for itself. */
export function reserved(name: string): ServiceError {
  return new ServiceError('FORBIDDEN', `Attribute ${shown(name)} is reserved.`)
}

/** Checks the name of an additional property. @throws ServiceError INVALID when it is empty, over 255 characters or not storable */
export function assertPropertyName(name: string): void {
  if (name === '') throw new ServiceError('INVALID', 'The name of an additional property must not be empty.')
  if (name.length > longestName)
    throw new ServiceError('INVALID', `Custom property should not be greater than ${longestName} characters.`)
  assertStorableText(name, 'the name of a property')
}

/** Checks the value of an additional property. @throws ServiceError INVALID when it is no text, over 65,535 bytes of UTF-8 or not storable */
export function assertPropertyValue(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string')
    throw new ServiceError(
      'INVALID',
      `Provided object does not match schema 'image': ${quote(value)} is not of type 'string' (in ${quote(name)})`,
    )
  // A text of n code units has at most 3n bytes, so that most values need no count.
  if (value.length * 3 > longestValue && Buffer.byteLength(value) > longestValue)
    throw new ServiceError('INVALID', `The value of property ${quote(name)} is over ${longestValue} bytes.`)
  assertStorableText(value, `property ${quote(name)}`)
}

/** Checks the text of a tag. @throws ServiceError INVALID when it is over 255 characters or not storable */
export function assertTag(tag: string): void {
  if (tag.length > 255)
    throw new ServiceError(
      'INVALID',
      `Provided object does not match schema 'image': ${quote(tag)} is too long (in "tags")`,
    )
  assertStorableText(tag, 'a tag')
}

/**
 * Checks that every database in use holds the text as it is: characters of the Basic Multilingual Plane without NUL.
 *
 * Old MySQL deployments have utf8mb3 columns, which cannot hold other planes; PostgreSQL cannot hold NUL; a lone surrogate has no UTF-8.
 *
 * @param where - what the text is, for the message
 * @throws ServiceError INVALID
 */
export function assertStorableText(text: string, where: string): void {
  if (!isStorableText(text))
    throw new ServiceError(
      'INVALID',
      `Characters outside the Basic Multilingual Plane (4-byte UTF-8) and NUL are not supported: ${where}`,
    )
}

/** Whether every database in use holds the text as it is; see `assertStorableText`. */
export function isStorableText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0 || (unit >= 0xd800 && unit <= 0xdfff)) return false
  }
  return true
}

/**
 * Holds the number of properties of an image to its quota. The service's own do not count.
 *
 * An image that is over a lowered quota may still be changed as long as no name is new.
 *
 * @param quota - most properties, negative for no limit
 * @throws ServiceError OVER_LIMIT
 */
export function assertPropertyQuota(
  after: ReadonlyMap<string, unknown>,
  before: ReadonlyMap<string, unknown>,
  quota: number,
): void {
  const users = [...after.keys()].filter((name) => !name.startsWith(serverPropertyPrefix))
  if (quota >= 0 && users.length > quota && users.some((name) => !before.has(name)))
    throw overQuota('properties', users.length, quota)
}

/** Holds the number of tags of an image to its quota. @param quota - most tags, negative for no limit. @throws ServiceError OVER_LIMIT */
export function assertTagQuota(tags: readonly string[], quota: number): void {
  if (quota >= 0 && tags.length > quota) throw overQuota('tags', tags.length, quota)
}

/** The error of a quota that is passed. @param what - the things that there are too many of */
export function overQuota(what: string, attempted: number, quota: number): ServiceError {
  return new ServiceError(
    'OVER_LIMIT',
    `The limit has been exceeded on the number of allowed image ${what}. Attempted: ${attempted}, Maximum: ${quota}`,
  )
}

/** A name in single quotes, as the messages of the API have it, cut to 80 characters. */
export function shown(name: string): string {
  return `'${name.length > 80 ? `${name.slice(0, 80)}…` : name}'`
}
