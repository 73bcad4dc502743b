/** What `validation_data` of locations make of an image (Image API v2, "Locations"): hashes that a user vouches for, taken while the image has no data and compared afterwards. */
import { createHash } from 'node:crypto'
import { hashName } from '@glance/core'
import { ServiceError } from './errors.ts'
import type { Image, ImageFieldChanges } from './image.ts'
import { isHex, type ValidationData } from './location-body.ts'

/** A member of the image that validation data may set, under its names in JSON and in the code. */
const members = [
  ['checksum', 'checksum'],
  ['os_hash_algo', 'hashAlgorithm'],
  ['os_hash_value', 'hashValue'],
] as const

/**
 * What validation data change in a record.
 *
 * @param given - those of all locations of one operation, which must not contradict each other
 * @param hashingAlgorithm - the only algorithm that is taken
 * @throws ServiceError CONFLICT, as Glance has it for malformed values too
 */
export function validatedChanges(
  image: Image,
  given: readonly ValidationData[],
  hashingAlgorithm: string,
): ImageFieldChanges {
  const digits = digitsOf(hashingAlgorithm)
  const wanted = new Map<(typeof members)[number], string>()
  for (const member of members) {
    const values = new Set(given.map((data) => data[member[1]]).filter((value) => value !== null))
    if (values.size > 1) throw conflict(`Conflicting values for ${member[0]}`)
    const [value] = values
    if (value !== undefined) wanted.set(member, value)
  }
  for (const { checksum, hashAlgorithm, hashValue } of given) {
    if (hashAlgorithm !== hashingAlgorithm)
      throw conflict(`os_hash_algo must be ${hashingAlgorithm}, not ${hashAlgorithm}`)
    if (checksum !== null && !isHex(checksum)) throw notHex('checksum', checksum)
    if (!isHex(hashValue)) throw notHex('os_hash_value', hashValue)
    if (hashValue.length !== digits)
      throw conflict(
        `os_hash_value (${hashValue}) is not the correct size for ${hashingAlgorithm} (should be ${digits / 2} bytes)`,
      )
  }
  const fresh = [...wanted].filter(([[wire, name], value]) => {
    const present = image[name]
    if (present !== null && present !== value) throw conflict(`${wire} is already set with a different value`)
    return present === null
  })
  if (fresh.length > 0 && image.status !== 'queued')
    throw conflict(
      `New value(s) for ${fresh.map(([[wire]]) => wire).join(', ')} may only be provided when image status is 'queued'`,
    )
  return Object.fromEntries(fresh.map(([[, name], value]) => [name, value]))
}

function digitsOf(algorithm: string): number {
  return createHash(hashName(algorithm) ?? algorithm).digest('hex').length
}

function notHex(name: string, value: string): ServiceError {
  return conflict(`${name} (${value}) is not a valid hexadecimal value`)
}

function conflict(message: string): ServiceError {
  return new ServiceError('CONFLICT', message)
}
