import type { Image, ImageLocation, JsonValue, LocationHashes, NewLocation } from './image.ts'
import { type CallOptions, type Images, imagePath } from './images.ts'
import type { Transport } from './transport.ts'

/**
 * Where the data of images lie. Every method rejects with ImageServiceError or ImageConnectionError.
 *
 * There are two ways. `create` and `list` are calls of their own (API 2.17), for services and, with web addresses, for users. `add`, `update` and `remove` change the image's member
 * `locations`, which the operator of the service has to allow (else code FORBIDDEN).
 */
export class Locations {
  readonly #transport: Transport
  readonly #images: Images

  constructor(transport: Transport, images: Images) {
    this.#transport = transport
    this.#images = images
  }

  /** Best first; for services and administrators (else code FORBIDDEN). Code NOT_FOUND also for services older than API 2.17. */
  async list(imageId: string, { signal }: CallOptions = {}): Promise<ImageLocation[]> {
    const path = `${imagePath(imageId)}/locations`
    const body = await this.#transport.sendForJson({ method: 'GET', path, signal })
    if (Array.isArray(body) && body.every(isLocation)) return body
    throw this.#transport.unexpected(null, 'no list of locations')
  }

  /**
   * Gives a queued image its data by naming where they lie. The service hashes them later: with `hash` the image is `importing` until they were compared.
   *
   * Codes BAD_REQUEST (nothing to read there), FORBIDDEN (users name http and https only), CONFLICT (not queued).
   */
  create(imageId: string, { url, hash }: NewLocation, { signal }: CallOptions = {}): Promise<void> {
    const validation = hash === undefined ? {} : { validation_data: hashesOnWire(hash) }
    const path = `${imagePath(imageId)}/locations`
    return this.#transport.sendForNothing({ method: 'POST', path, json: { url, ...validation }, signal })
  }

  /**
   * Adds a location by a patch; a queued image becomes active.
   *
   * @param hashes - what its data are known to have; they become the image's while it is queued
   */
  add(
    imageId: string,
    location: ImageLocation,
    options: CallOptions & { readonly hashes?: LocationHashes } = {},
  ): Promise<Image> {
    const { url, metadata } = location
    const { hashes, signal } = options
    const validation = hashes === undefined ? {} : { validation_data: hashesOnWire(hashes) }
    const operation = { op: 'add', path: '/locations/-', value: { url, metadata, ...validation } } as const
    return this.#images.patch(imageId, [operation], { signal })
  }

  /** Replaces the metadata of a location. Rejects with LocationsError when the image does not show such a location. */
  async update(imageId: string, { url, metadata }: ImageLocation, options: CallOptions = {}): Promise<Image> {
    const image = await this.#images.get(imageId, options)
    const locations = shownLocations(image)
    assertKnown(locations, [url])
    const value: JsonValue = locations.map((location) => (location.url === url ? { url, metadata } : { ...location }))
    return this.#images.patch(imageId, [{ op: 'replace', path: '/locations', value }], options)
  }

  /**
   * Removes locations and deletes their data, in one patch. Rejects with LocationsError when the image does not show one of them; codes FORBIDDEN (also for the last location), CONFLICT (in
   * use).
   */
  async remove(imageId: string, urls: readonly string[], options: CallOptions = {}): Promise<Image> {
    const image = await this.#images.get(imageId, options)
    const locations = shownLocations(image)
    assertKnown(locations, urls)
    const positions = locations.flatMap(({ url }, position) => (urls.includes(url) ? [position] : []))
    // From the end, so that each operation finds its location where it was shown.
    const operations = positions
      .toReversed()
      .map((position) => ({ op: 'remove', path: `/locations/${position}` }) as const)
    return operations.length === 0 ? image : await this.#images.patch(imageId, operations, options)
  }
}

/** A location was to be changed that the service does not show. `urls` are those; empty when it shows no locations at all. */
export class LocationsError extends Error {
  override readonly name = 'LocationsError'
  readonly urls: readonly string[]

  constructor(message: string, urls: readonly string[]) {
    super(message)
    this.urls = urls
  }
}

function shownLocations({ locations }: Image): readonly ImageLocation[] {
  if (locations === undefined)
    throw new LocationsError('The administrator has disabled API access to image locations', [])
  return locations
}

function assertKnown(locations: readonly ImageLocation[], urls: readonly string[]): void {
  const unknown = urls.filter((url) => !locations.some((location) => location.url === url))
  if (unknown.length > 0)
    throw new LocationsError(`Unknown URL(s): ${unknown.join(', ')}; the image has no such location`, unknown)
}

function hashesOnWire({ checksum, algorithm, value }: LocationHashes): { readonly [name: string]: string } {
  return { ...(checksum === undefined ? {} : { checksum }), os_hash_algo: algorithm, os_hash_value: value }
}

function isLocation(value: unknown): value is ImageLocation {
  return typeof value === 'object' && value !== null && 'url' in value && typeof value.url === 'string'
}
