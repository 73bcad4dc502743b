/**
 * Locations of the s3 store: `s3://:@HOST/BUCKET/KEY`, with `s3+https` for a service behind TLS.
 *
 * Glance writes `s3://ACCESS:SECRET@HOST/BUCKET/KEY`. What it wrote is read, and the credentials in it are not looked at: those of the options count.
 * Ours have an empty pair, because glance_store up to 2025.1 fails on a location without one (it never sets the attribute that it then reads), while an empty pair
 * makes it take its credentials from the environment.
 */
import { isImageId, StoreError, schemeOf } from '@glance/core'

/** The schemes of the driver; `s3+http` is only read. */
export const schemes = ['s3', 's3+http', 's3+https'] as const

/** What a location says, without the credentials that may have stood in it. */
export interface Place {
  /** Host, port and path of the service, in lower case. */
  readonly host: string
  readonly bucket: string
  /** Of an object: an image id. */
  readonly key: string
}

/** Writes a location. */
export function formatLocation({ host, bucket, key }: Place, secure: boolean): string {
  return `${secure ? 's3+https' : 's3'}://:@${host}/${bucket}/${key}`
}

/**
 * Reads a location, of any store of this driver.
 *
 * @throws StoreError INVALID_LOCATION
 */
export function parseLocation(location: string): Place {
  const scheme = schemeOf(location)
  if (!schemes.some((own) => own === scheme)) throw malformed('has a scheme of another driver')
  const rest = location.slice(scheme.length + '://'.length)
  // A secret key may hold slashes, which makes the path of a URL parser begin in the middle of it.
  const [place = '', ...before] = rest.split('@').toReversed()
  if (before.length > 1) throw malformed('has more than one @')
  if (before[0]?.includes(':') === false) throw malformed('has half a pair of credentials')
  if (rest.includes('://')) throw malformed('has a second scheme')
  const [key = '', bucket = '', ...host] = place.split('/').toReversed()
  if (!isImageId(key) || !/^[\w.-]{1,255}$/.test(bucket) || !/^[\w.:[\]/-]+$/.test(host.join('/')))
    throw malformed('is not HOST/BUCKET/IMAGE_ID')
  return { host: host.toReversed().join('/').toLowerCase(), bucket, key }
}

function malformed(why: string): StoreError {
  return new StoreError('INVALID_LOCATION', `the location ${why}`)
}
