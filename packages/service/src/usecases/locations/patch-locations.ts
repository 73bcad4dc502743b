/**
 * The locations of an image under the operations of a patch (Image API v2, "Image locations").
 *
 * Positions are those in which the locations are shown. A location is added behind the others, whatever position was asked for: which copy is read first is decided by the weights of the
 * stores.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Deps } from '../../deps.ts'
import { refused, ServiceError } from '../../domain/errors.ts'
import type { Image, ImageFieldChanges, ImageLocation } from '../../domain/image.ts'
import { placedLocations, shownUrl } from '../../domain/location.ts'
import type { GivenLocation } from '../../domain/location-body.ts'
import { overQuota } from '../../domain/properties.ts'
import { statusChange } from '../../domain/status.ts'
import { validatedChanges } from '../../domain/validation-data.ts'
import type { PatchOperation } from '../images/json-patch.ts'
import { assertUsable, invalidLocation, withMetadata } from './acceptable.ts'

type PlanDeps = Pick<Deps, 'stores' | 'settings'>

/** Sizes of data by their URI, as stores gave them; null while they have not been asked. */
export type Sizes = ReadonlyMap<string, number> | null

/** Applies operations on `/locations` in their order, each to what the earlier ones made of the image. */
export class LocationsPatch {
  readonly #deps: PlanDeps
  readonly #sizes: Sizes
  /** As they are shown. */
  #present: readonly ImageLocation[]
  /** On their way out already. */
  readonly #pending: readonly ImageLocation[]
  readonly #before: readonly ImageLocation[]
  readonly #added = new Map<string, ImageLocation>()

  constructor(image: Image, deps: PlanDeps, sizes: Sizes) {
    this.#deps = deps
    this.#sizes = sizes
    this.#present = placedLocations(image, deps.stores).map(({ location }) => location)
    this.#pending = image.locations.filter(({ status }) => status !== 'active')
    this.#before = this.#present
  }

  /** The locations that the record should have, with those that are removed left out. */
  get locations(): readonly ImageLocation[] {
    return [...this.#present, ...this.#pending]
  }

  /** Those of the record that are removed. */
  get removed(): readonly ImageLocation[] {
    return this.#before.filter(({ url }) => !this.#present.some((kept) => kept.url === url))
  }

  /** Those that the record did not have, whose stores have to be asked for them. */
  get added(): readonly ImageLocation[] {
    return [...this.#added.values()]
  }

  /**
   * @param image - as earlier operations of the patch left it; its own locations are not looked at
   * @returns what the operation changes in the image beside its locations
   * @throws ServiceError CONFLICT for the image's state and for validation data, INVALID, FORBIDDEN for what would leave no location, OVER_LIMIT
   */
  apply(image: Image, operation: PatchOperation): ImageFieldChanges {
    if (operation.op === 'remove') {
      this.#remove(image, operation.path[1] ?? '-')
      return {}
    }
    const given = operation.value as readonly GivenLocation[]
    if (operation.op === 'add') return this.#add(image, given)
    if (given.length === 0) throw refused('FORBIDDEN', 'Cannot set locations to empty list.')
    assertStatus(image, 'replace', ['queued', 'active'])
    return this.#present.length === 0 ? this.#add(image, given) : this.#replaceMetadata(image, given)
  }

  #add(image: Image, given: readonly GivenLocation[]): ImageFieldChanges {
    assertStatus(image, 'add', ['queued', 'active'])
    const present = [...this.#present]
    const changes = this.#validated(image, given)
    let { size } = image
    for (const each of given) {
      const location = assertUsable(this.#deps, each)
      assertNew(present, location)
      if (this.#pending.some(({ url }) => url === location.url))
        throw new ServiceError('CONFLICT', `The location ${shownUrl(location.url)} is being removed`)
      present.push(location)
      assertLocationQuota(present.length + this.#pending.length, this.#deps)
      if (!this.#before.some(({ url }) => url === location.url)) {
        this.#added.set(location.url, location)
        size = this.#sizeOf(location, size)
      }
    }
    this.#present = present
    return image.status === 'queued'
      ? { ...changes, ...statusChange(image, 'active', 'CONFLICT'), size }
      : { ...changes, size }
  }

  #sizeOf({ url }: ImageLocation, known: number | null): number | null {
    if (this.#sizes === null) return known
    const size = this.#sizes.get(url)
    if (size === undefined) throw invalidLocation()
    if (known !== null && known !== size)
      throw new ServiceError('INVALID', `The data at the location are ${size} bytes, those of the image are ${known}.`)
    return size
  }

  #replaceMetadata(image: Image, given: readonly GivenLocation[]): ImageFieldChanges {
    const left = [...this.#present]
    const present = given.map((each) => {
      const at = left.findIndex(({ url }) => url === each.url || shownUrl(url) === each.url)
      const [kept] = at === -1 ? [] : left.splice(at, 1)
      if (!kept)
        throw new ServiceError(
          'INVALID',
          'Original locations is not empty: of the locations of an image that has some, only the metadata can be replaced.',
        )
      return withMetadata(this.#deps, kept, each.metadata)
    })
    if (left.length > 0)
      throw new ServiceError(
        'INVALID',
        'Original locations is not empty: to replace the metadata of its locations, name them all.',
      )
    for (const [index, location] of present.entries()) assertNew(present.slice(0, index), location)
    const changes = this.#validated(image, given)
    this.#present = present
    return changes
  }

  #remove(image: Image, position: string): void {
    assertStatus(image, 'remove', ['active'])
    if (this.#present.length <= 1) throw refused('FORBIDDEN', 'Cannot remove last location in the image.')
    const index = position === '-' ? this.#present.length - 1 : Number(position)
    if (index >= this.#present.length) throw new ServiceError('INVALID', 'Invalid position for removing a location.')
    this.#present = this.#present.toSpliced(index, 1)
  }

  #validated(image: Image, given: readonly GivenLocation[]): ImageFieldChanges {
    const data = given.flatMap(({ validation }) => (validation === null ? [] : [validation]))
    return validatedChanges(image, data, this.#deps.settings.hashingAlgorithm)
  }
}

function assertStatus({ status }: Image, verb: string, allowed: readonly Image['status'][]): void {
  if (!allowed.includes(status))
    throw new ServiceError('CONFLICT', `It's not allowed to ${verb} locations if image status is ${status}.`)
}

function assertNew(present: readonly ImageLocation[], { url, metadata }: ImageLocation): void {
  if (present.some((other) => other.url === url && isDeepStrictEqual(other.metadata, metadata)))
    throw new ServiceError('INVALID', `The location ${shownUrl(url)} already exists`)
}

/** Holds the number of locations of an image to `image_location_quota`; negative for no limit. @throws ServiceError OVER_LIMIT */
export function assertLocationQuota(attempted: number, { settings }: Pick<Deps, 'settings'>): void {
  const quota = settings.imageLocationQuota
  if (quota >= 0 && attempted > quota) throw overQuota('locations', attempted, quota)
}
