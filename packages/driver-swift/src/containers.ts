/** Which container an image is in, which containers a location may name, and making them. */
import { StoreError } from '@glance/core'
import type { SwiftClient } from './client.ts'
import { statusError } from './errors.ts'
import type { Place } from './location.ts'
import type { SwiftOptions } from './options.ts'

/** Longest name of a container that Swift takes, in characters. */
const longestName = 256

/** The containers of a store. */
export class Containers {
  readonly #options: SwiftOptions
  /** Containers that were seen, by their full URL. */
  readonly #seen = new Set<string>()

  constructor(options: SwiftOptions) {
    this.#options = options
  }

  /** Where a new image goes. Dashes do not count among the characters of the seed, as in Glance. */
  placeFor(imageId: string): Place {
    const { container, multiTenant, multipleContainersSeed: seed } = this.#options
    if (multiTenant) return { container: `${container}_${imageId}`.slice(0, longestName), object: imageId }
    if (seed === 0) return { container, object: imageId }
    const lower = imageId.toLowerCase()
    const dashes = lower.slice(0, seed).split('-').length - 1
    return { container: `${container}_${lower.slice(0, seed + dashes)}`, object: imageId }
  }

  /** Whether a location may name this place: the container of the options, one of its name and the beginning of the image id, or one that is allowed besides. */
  allows({ container, object }: Place): boolean {
    const { container: base, otherContainers } = this.#options
    if (container === base || otherContainers.includes('*') || otherContainers.includes(container)) return true
    if (!container.startsWith(`${base}_`)) return false
    const beginning = container.slice(base.length + 1)
    return beginning !== '' && object.toLowerCase().startsWith(beginning.toLowerCase())
  }

  /**
   * Makes sure that a container is there, and makes it if that is allowed.
   *
   * @throws StoreError WRITE_DENIED when it is not there and may not be made; FORBIDDEN | UNAVAILABLE | TIMEOUT | ABORTED
   */
  async ensure(client: SwiftClient, container: string, signal: AbortSignal): Promise<void> {
    const { storageUrl } = await client.account.access(signal)
    const url = `${storageUrl}/${container}`
    if (this.#seen.has(url)) return
    const what = `looking for container ${container}`
    const { status } = await client.request({ method: 'HEAD', container, what, signal })
    if (status === 404) await this.#make(client, container, signal)
    else if (status >= 300) throw statusError(status, what)
    // Containers of single images would make a list without an end.
    if (!this.#options.multiTenant) this.#seen.add(url)
  }

  /** Forgets that containers were there: an answer said that one is not. */
  forget(): void {
    this.#seen.clear()
  }

  async #make(client: SwiftClient, container: string, signal: AbortSignal): Promise<void> {
    if (!this.#options.createContainerOnPut)
      throw new StoreError(
        'WRITE_DENIED',
        `there is no container ${container}, and swift_store_create_container_on_put is off`,
      )
    const what = `making container ${container}`
    const { status } = await client.request({ method: 'PUT', container, what, signal })
    if (status >= 300) throw statusError(status, what)
  }
}

/** Removes the container of one image. One in which there is something else, or whose listing lags behind, stays. @throws StoreError by the status */
export async function removeContainer(
  client: SwiftClient,
  container: string,
  what: string,
  signal: AbortSignal,
): Promise<void> {
  const { status } = await client.request({ method: 'DELETE', container, what, signal })
  if (status >= 300 && status !== 404 && status !== 409) throw statusError(status, what)
}
