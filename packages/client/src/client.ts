import { Schemas, Versions } from './discovery.ts'
import { parseEndpoint } from './endpoint.ts'
import { ImageDataCalls } from './image-data.ts'
import { Images } from './images.ts'
import { Locations } from './locations.ts'
import { Members } from './members.ts'
import { defaultRetry, noRetry, type RetryPolicy } from './retry.ts'
import { Stores } from './stores.ts'
import { Tags } from './tags.ts'
import { type FetchLike, type TokenSource, type TrafficEvent, Transport } from './transport.ts'

/** How to reach an image service. */
export interface ImageClientOptions {
  /** Address with or without a slash or a version at the end. */
  readonly endpoint: string
  /** A token, or a function that gives one. Left out for services that ask for none. */
  readonly token?: TokenSource
  /** Another `fetch`; on Node the one of `@glance/client/node` hears answers that arrive in the middle of an upload. */
  readonly fetch?: FetchLike
  /** `User-Agent` of every call; the platform's own without it. */
  readonly userAgent?: string
  /** Sent as `X-OpenStack-Request-ID`, so that the logs of several services can be joined. */
  readonly requestId?: string
  /** Milliseconds of silence of the service after which a call fails; null or absent for no limit of ours. */
  readonly timeoutMs?: number | null
  /** How GETs are tried again; null for never. */
  readonly retry?: RetryPolicy | null
  /** Told of every request and answer, without the token. */
  readonly observe?: (event: TrafficEvent) => void
}

/**
 * A client of the Image API v2.
 *
 * Holds no connection and no state but its settings, so it needs no closing and may be shared. Bad settings throw a
 * TypeError at once; the service is asked only when a method is called.
 */
export class ImageClient {
  /** The address in normal form. */
  readonly endpoint: string
  readonly images: Images
  readonly data: ImageDataCalls
  readonly tags: Tags
  readonly members: Members
  readonly locations: Locations
  readonly stores: Stores
  readonly schemas: Schemas
  readonly versions: Versions

  constructor(options: ImageClientOptions) {
    const transport = new Transport({
      endpoint: parseEndpoint(options.endpoint),
      token: options.token ?? null,
      // A browser's fetch insists on being called as a method of the window.
      fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
      userAgent: options.userAgent ?? null,
      requestId: options.requestId ?? null,
      timeoutMs: options.timeoutMs ?? null,
      retry: options.retry === null ? noRetry : (options.retry ?? defaultRetry),
      observe: options.observe ?? null,
    })
    this.endpoint = transport.endpoint
    this.images = new Images(transport)
    this.data = new ImageDataCalls(transport)
    this.tags = new Tags(transport)
    this.members = new Members(transport)
    this.locations = new Locations(transport, this.images)
    this.stores = new Stores(transport)
    this.schemas = new Schemas(transport)
    this.versions = new Versions(transport)
  }
}
