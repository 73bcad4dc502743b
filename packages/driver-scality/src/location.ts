import { isImageId, redactLocation, StoreError, schemeOf } from '@glance/core'

/** The scheme of Scality's own driver. */
export const scheme = 'scality'

/** The location of an object: `scality://<name>`, where the name is the image id behind the store's prefix. No host: every connector leads to it. */
export function formatLocation(name: string): string {
  return `${scheme}://${name}`
}

/**
 * The name of the object at a location.
 *
 * @param prefix - what every name of this store begins with
 * @throws StoreError INVALID_LOCATION for another scheme, a name with anything but an image id behind the prefix, and names of other stores
 */
export function nameAt(location: string, prefix: string): string {
  const name = schemeOf(location) === scheme ? location.slice(scheme.length + '://'.length) : ''
  if (name.startsWith(prefix) && isImageId(name.slice(prefix.length))) return name
  throw new StoreError('INVALID_LOCATION', `${redactLocation(location)} is no location of this store`)
}
