import { isIP } from 'node:net'
import { StoreError } from '@glance/core'
import type { S3Options } from './options.ts'

/** Where the service is and how it is spoken to. */
export interface Endpoint {
  /** With scheme, as the SDK takes it. */
  readonly url: string
  /** Host, port and path without the scheme, as it stands in locations. */
  readonly place: string
  readonly secure: boolean
  readonly region: string
  /** Whether the bucket stands in the path and not in the host name. */
  readonly pathStyle: boolean
}

/** `s3.eu-west-1.amazonaws.com`, `s3-eu-west-1.…`, `s3.dualstack.…`, and the old `s3.amazonaws.com` without a region. */
const amazon = /^s3(?:[.-](?:dualstack\.)?([a-z0-9-]+))?\.amazonaws\.com(?:\.cn)?$/

/** A bucket's name that can be a label of a host name. Dots would leave the service's certificate. */
const label = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/

/**
 * Reads the address of the service.
 *
 * @throws StoreError BAD_CONFIGURATION when it is no http or https address, or cannot have the bucket in its name as asked for
 */
export function endpointOf(options: Pick<S3Options, 'host' | 'region' | 'bucket' | 'bucketUrlFormat'>): Endpoint {
  const url = parse(options.host)
  const match = amazon.exec(url.hostname)
  const { bucketUrlFormat, bucket } = options
  if (bucketUrlFormat === 'virtual' && (!label.test(bucket) || isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0)) {
    const message = 's3_store_bucket_url_format: the bucket cannot stand in the host name of this address'
    throw new StoreError('BAD_CONFIGURATION', message)
  }
  return {
    url: url.href.replace(/\/+$/, ''),
    place: placeOf(options.host),
    secure: url.protocol === 'https:',
    region: options.region || match?.[1] || 'us-east-1',
    pathStyle: bucketUrlFormat === 'path' || (bucketUrlFormat === 'auto' && match === null),
  }
}

/** Host, port and path of an address: what Glance keeps of it in a location. */
export function placeOf(host: string): string {
  return host
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/^\/+|\/+$/g, '')
    .toLowerCase()
}

function parse(host: string): URL {
  const text = host.trim()
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  const plain = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === ''
  if (plain && url.password === '' && url.hash === '') return url
  throw new StoreError('BAD_CONFIGURATION', 's3_store_host: must be an address such as https://s3.example.org:7480')
}
