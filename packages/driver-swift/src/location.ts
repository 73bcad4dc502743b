/**
 * Locations of image data in Swift, in every form that Glance has written:
 *
 *     swift+config://REFERENCE/CONTAINER/OBJECT                     what is written: the account by its name
 *     swift+https://USER:KEY@AUTH-ADDRESS/CONTAINER/OBJECT          older: with credentials; swift:// means https, swift+http:// http
 *     swift+https://STORAGE-URL/CONTAINER/OBJECT                    multi-tenant: the storage URL of the account, no credentials
 */
import { isImageId, StoreError, schemeOf } from '@glance/core'

/** Where data are inside of an account. */
export interface Place {
  readonly container: string
  readonly object: string
}

/** A location, taken apart. */
export type SwiftLocation = Place &
  (
    | { readonly kind: 'reference'; readonly reference: string }
    /** The address with its scheme and without a slash at its end. */
    | { readonly kind: 'auth'; readonly user: string; readonly authAddress: string }
    | { readonly kind: 'storage'; readonly storageUrl: string }
  )

/** The schemes, the one that is written first. */
export const schemes: readonly string[] = ['swift+config', 'swift+https', 'swift+http', 'swift']

/**
 * Takes a location apart. A key in it is dropped: the store's own credentials are used.
 *
 * @throws StoreError INVALID_LOCATION - no message holds any part of the text, since what is malformed may be a key
 */
export function parseLocation(location: string): SwiftLocation {
  const scheme = schemeOf(location)
  if (!schemes.includes(scheme)) throw invalid('the swift store reads only swift locations')
  if (location.split('://').length !== 2) throw invalid('a swift location has exactly one scheme')
  if (/[?#\\]/.test(location)) throw invalid('a swift location has no query, no fragment and no backslash')
  const rest = location.slice(location.indexOf('://') + 3)
  const at = rest.lastIndexOf('@')
  const segments = rest.slice(at + 1).split('/')
  const object = segments.pop() ?? ''
  const container = segments.pop() ?? ''
  const address = segments.join('/')
  if (!isImageId(object) || !isContainer(container) || segments.some((segment) => !isSegment(segment)))
    throw invalid('a swift location ends in a container and an image id')
  if (scheme === 'swift+config') {
    if (at !== -1 || segments.length !== 1)
      throw invalid('a swift+config location is swift+config://reference/container/image')
    return { kind: 'reference', reference: address, container, object }
  }
  const url = `${scheme === 'swift+http' ? 'http' : 'https'}://${address}`
  if (!URL.canParse(url) || new URL(url).username !== '') throw invalid('the address in a swift location is malformed')
  if (at === -1) return { kind: 'storage', storageUrl: url, container, object }
  return { kind: 'auth', user: userOf(rest.slice(0, at)), authAddress: url, container, object }
}

/** The location of data in an account with a name. */
export function formatReference(reference: string, { container, object }: Place): string {
  return `swift+config://${reference}/${container}/${object}`
}

/** The location of data in an account with a storage URL. */
export function formatStorage(storageUrl: string, { container, object }: Place): string {
  return `swift+${storageUrl.replace(/\/+$/, '')}/${container}/${object}`
}

/** Whether a name can be that of a container in a location: nothing in it has to be escaped, and it is no step of a path. */
export function isContainer(name: string): boolean {
  return isSegment(name) && name.length <= 256
}

function isSegment(text: string): boolean {
  return text !== '' && text !== '.' && text !== '..' && !/[%/\\\s]/.test(text)
}

/** The user of `user:key`, in which the user may have a colon and both are escaped (often the colon too). */
function userOf(credentials: string): string {
  let plain: string
  try {
    plain = decodeURIComponent(credentials)
  } catch {
    throw invalid('the credentials of a swift location are not properly percent-encoded')
  }
  // A key that holds a colon is escaped in what Glance wrote, so the last raw colon is the one between user and key.
  const colon = credentials.lastIndexOf(':')
  const user = colon === -1 ? '' : decodeURIComponent(credentials.slice(0, colon))
  if (user === '' || plain.endsWith(':'))
    throw invalid('the credentials of a swift location are not of the form user:key')
  return user
}

function invalid(message: string): StoreError {
  return new StoreError('INVALID_LOCATION', message)
}
