import {
  type AddOptions,
  type AddResult,
  abortError,
  assertImageId,
  type CallOptions,
  type CopySource,
  type DirectUrlOptions,
  type GetOptions,
  type OpenContext,
  orAborted,
  readAuthorities,
  type StoreCapabilities,
  type StoreDriver,
  type StoredImage,
  StoreError,
} from '@glance/core'
import { Bucket } from './bucket.ts'
import { type CopyLimits, copyObject } from './copy.ts'
import { credentialsOf } from './credentials.ts'
import { type DownloadSettings, download } from './download.ts'
import { type Endpoint, endpointOf, placeOf } from './endpoint.ts'
import { formatLocation, type Place, parseLocation } from './location.ts'
import { abortUploads } from './multipart.ts'
import { assertBucket, lookAt, lookAtPresent } from './objects.ts'
import type { S3Options } from './options.ts'
import { maxImageBytes } from './part-size.ts'
import { Publisher } from './publish.ts'
import { Service } from './service.ts'
import { type UploadTools, upload } from './upload.ts'

/** Longest life of a signed URL, in seconds (Signature Version 4). */
const longestUrl = 7 * 24 * 3600

/** What tests put in place of the world. */
export interface S3World {
  /** How much one request copies; Amazon's limits when left out. */
  readonly copyLimits?: Partial<CopyLimits>
}

/** Image data as objects `IMAGE_ID` of one bucket. */
export class S3Driver implements StoreDriver {
  readonly capabilities: StoreCapabilities = {
    add: true,
    delete: true,
    randomRead: true,
    setAcls: false,
    copy: true,
    directUrl: true,
    maxImageBytes,
  }
  readonly locationPrefixes: readonly string[]
  readonly facts: Readonly<Record<string, string | number | boolean>>
  readonly #service: Service
  readonly #bucket: Bucket
  readonly #endpoint: Endpoint
  /** The service's address under each name that it has or had. */
  readonly #places: ReadonlySet<string>
  readonly #tools: UploadTools
  readonly #reading: DownloadSettings
  readonly #copying: CopyLimits
  readonly #closing = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  private constructor(
    options: S3Options,
    parts: { service: Service; bucket: Bucket; endpoint: Endpoint },
    context: OpenContext,
    world: S3World,
  ) {
    const { service, bucket, endpoint } = parts
    this.#service = service
    this.#bucket = bucket
    this.#endpoint = endpoint
    this.#places = new Set([endpoint.place, ...options.formerHosts.map(placeOf)])
    this.locationPrefixes = [true, false].map((secure) =>
      formatLocation({ host: endpoint.place, bucket: service.bucket, key: '' }, secure),
    )
    // Under Glance's names and in its units.
    this.facts = {
      s3_store_large_object_size: options.largeObjectSize / 1024 ** 2,
      s3_store_large_object_chunk_size: options.partSize / 1024 ** 2,
      s3_store_thread_pools: options.parallelParts,
    }
    this.#tools = {
      service,
      publisher: new Publisher(service),
      parts: { preferred: options.partSize, parallel: options.parallelParts, singleBelow: options.largeObjectSize },
      leftBehind: (err) =>
        context.logger.warn({ store: context.storeId, err }, 'parts of an upload could not be removed'),
    }
    this.#reading = {
      // Only a whole object can be compared with a checksum.
      parallel: checks(options, options.responseChecksums) === 'WHEN_SUPPORTED' ? 1 : options.readParallel,
      range: options.readRange,
      attempts: options.attempts,
      idleMs: options.idleTimeout * 1000,
    }
    this.#copying = { whole: 5 * 1024 ** 3, part: 1024 ** 3, parallel: options.parallelParts, ...world.copyLimits }
  }

  /**
   * Opens the store: loads the SDK and looks for the bucket.
   *
   * @throws StoreError BAD_CONFIGURATION | UNAVAILABLE | TIMEOUT | ABORTED
   */
  static async open(options: S3Options, context: OpenContext, world: S3World = {}): Promise<S3Driver> {
    const { signal } = context
    if (signal.aborted) throw abortError(signal, 'opening the s3 store')
    const endpoint = endpointOf(options)
    const file = options.caCertificatesFile
    const service = await Service.open({
      endpoint,
      bucket: options.bucket,
      credentials: credentialsOf(options),
      attempts: options.attempts,
      requestChecksums: checks(options, options.requestChecksums),
      responseChecksums: checks(options, options.responseChecksums),
      connectMs: options.connectTimeout * 1000,
      idleMs: options.idleTimeout * 1000,
      authorities: file === '' ? null : await readAuthorities('s3_store_cacert', file),
    })
    try {
      const bucket = new Bucket(service, { create: options.createBucket, endpoint, region: options.region })
      await bucket.find(signal)
      return new S3Driver(options, { service, bucket, endpoint }, context, world)
    } catch (error) {
      service.close()
      throw error
    }
  }

  add(imageId: string, data: AsyncIterable<Uint8Array>, { size, signal }: AddOptions): Promise<AddResult> {
    return this.#call('add', signal, async (both) => {
      await this.#assertFree(imageId, both)
      return this.#added(imageId, await upload(this.#tools, imageId, data, { size, signal: both }))
    })
  }

  copy(imageId: string, { location, size }: CopySource, { signal }: CallOptions): Promise<AddResult | null> {
    return this.#call('copy', signal, async (both) => {
      const { host, bucket, key } = parseLocation(location)
      if (!this.#places.has(host)) return null
      await this.#assertFree(imageId, both)
      const how = { signal: both, limits: this.#copying }
      const copied = await copyObject(this.#tools, imageId, { bucket, key, size }, how)
      return copied ? this.#added(imageId, size) : null
    })
  }

  get(location: string, { offset, length, signal }: GetOptions): Promise<StoredImage> {
    return this.#call('get', signal, async (both) => {
      const key = this.#keyOf(location)
      if (length !== 0) return download(this.#service, key, { offset, length }, this.#reading, both)
      await lookAtPresent(this.#service, key, { signal: both, doing: 'read' })
      return { size: 0, body: (async function* () {})() }
    })
  }

  getSize(location: string, { signal }: CallOptions): Promise<number> {
    return this.#call('getSize', signal, async (both) => {
      const facts = await lookAtPresent(this.#service, this.#keyOf(location), { signal: both, doing: 'read' })
      return facts.size
    })
  }

  delete(location: string, { signal }: CallOptions): Promise<void> {
    return this.#call('delete', signal, async (both) => {
      const key = this.#keyOf(location)
      // The service says yes to the removal of what is not there.
      await lookAtPresent(this.#service, key, { signal: both, doing: 'delete' })
      await this.#service.call('DeleteObject', { Key: key }, { signal: both, doing: 'delete' })
    })
  }

  discard(imageId: string, { signal }: CallOptions): Promise<void> {
    return this.#call('discard', signal, async (both) => {
      assertImageId(imageId)
      // A bucket that is still to be made holds nothing.
      if (await this.#bucket.isToCome(both)) return
      await abortUploads(this.#service, imageId, both)
      const there = await lookAt(this.#service, imageId, { signal: both, doing: 'delete' })
      if (there !== null) await this.#service.call('DeleteObject', { Key: imageId }, { signal: both, doing: 'delete' })
    })
  }

  check({ signal }: CallOptions): Promise<void> {
    return this.#call('check', signal, async (both) => {
      if (!(await this.#bucket.isToCome(both))) await assertBucket(this.#service, both)
    })
  }

  canonicalLocation(location: string): string {
    try {
      const { key, ...place } = parseLocation(location)
      return this.#isOwn(place) ? this.#locationOf(key) : location
    } catch {
      return location
    }
  }

  directUrl(location: string, { expiresIn, signal }: DirectUrlOptions): Promise<string> {
    return this.#call('directUrl', signal, async (both) => {
      const key = this.#keyOf(location)
      await lookAtPresent(this.#service, key, { signal: both, doing: 'read' })
      return orAborted(this.#service.presign(key, Math.min(expiresIn, longestUrl)), both, 'directUrl')
    })
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort(new StoreError('ABORTED', 'the store is closed'))
    // Uploads that end take their parts back first.
    await Promise.allSettled([...this.#running])
    this.#service.close()
  }

  async #assertFree(imageId: string, signal: AbortSignal): Promise<void> {
    assertImageId(imageId)
    await this.#bucket.ensure(signal)
    if (await lookAt(this.#service, imageId, { signal, doing: 'write' }))
      throw new StoreError('ALREADY_EXISTS', 'the store already holds data of this image')
  }

  #added(imageId: string, size: number): AddResult {
    return { location: this.#locationOf(imageId), size, metadata: {} }
  }

  #locationOf(key: string): string {
    return formatLocation({ host: this.#endpoint.place, bucket: this.#service.bucket, key }, this.#endpoint.secure)
  }

  #isOwn({ host, bucket }: Omit<Place, 'key'>): boolean {
    return this.#places.has(host) && bucket === this.#service.bucket
  }

  /** @throws StoreError INVALID_LOCATION when the location is not in this store */
  #keyOf(location: string): string {
    const { key, ...place } = parseLocation(location)
    if (this.#isOwn(place)) return key
    throw new StoreError('INVALID_LOCATION', 'the location is in another bucket, or of another service')
  }

  /** What each call has: one signal for its caller and for the end of the store, and a place among those `close` waits for. */
  async #call<T>(what: string, signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const both = AbortSignal.any([signal, this.#closing.signal])
    if (both.aborted) throw abortError(both, what)
    const running = run(both)
    this.#running.add(running)
    const forget = (): boolean => this.#running.delete(running)
    running.then(forget, forget)
    return running
  }
}

/** Whether checksums beyond the signed ones are asked for. */
function checks(options: S3Options, wish: S3Options['requestChecksums']): 'WHEN_REQUIRED' | 'WHEN_SUPPORTED' {
  return options.dataIntegrity && wish === 'when_supported' ? 'WHEN_SUPPORTED' : 'WHEN_REQUIRED'
}
