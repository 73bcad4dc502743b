import {
  type AddOptions,
  type AddResult,
  abortError,
  assertImageId,
  type CallOptions,
  type CopySource,
  type GetOptions,
  Interruption,
  type OpenContext,
  orAborted,
  type StoreCapabilities,
  type StoreDriver,
  type StoredImage,
  StoreError,
} from '@glance/core'
import type { Connecting } from './connecting.ts'
import { type Doing, naming } from './errors.ts'
import { ImageBody } from './image-body.ts'
import { formatLocation, locationPrefix, parseLocation, placeIn, type RbdPlace, snapshotName } from './location.ts'
import { NewImage } from './new-image.ts'
import { objectOrder, type RbdOptions } from './options.ts'
import type { RbdClient, RbdImage } from './rbd-client.ts'
import { InUseError, removeImage } from './remover.ts'
import { Turns, withinGrace } from './waiting.ts'

/** Waits before `discard` looks again whether a dead client's watch has run out, in milliseconds: together somewhat longer than the thirty seconds after which Ceph forgets a client. */
const watchWaits: readonly number[] = Array.from({ length: 45 }, () => 1_000)

/** What the driver needs besides its options. */
export interface RbdSurroundings {
  readonly connecting: Connecting
  /** Waits, or rejects when the signal fires. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** Image data as RBD images `IMAGE_ID` with a protected snapshot, in one pool of a Ceph cluster. */
export class RbdDriver implements StoreDriver {
  readonly capabilities: StoreCapabilities = {
    add: true,
    delete: true,
    randomRead: true,
    setAcls: false,
    copy: true,
    maxImageBytes: null,
  }
  readonly locationPrefixes: readonly string[]
  readonly facts: Readonly<Record<string, string>>
  readonly #client: RbdClient
  readonly #options: RbdOptions
  readonly #context: OpenContext
  readonly #pause: RbdSurroundings['pause']
  readonly #closing = new AbortController()
  /** Calls that run and images that are open: `close` waits for them. */
  readonly #running = new Set<Promise<unknown>>()
  /** Removals of one image wait for each other, or each would see that the other has it open. */
  readonly #removals = new Turns()

  /** Connects to the cluster. @throws StoreError BAD_CONFIGURATION | UNAVAILABLE | ABORTED */
  static async open(
    options: RbdOptions,
    context: OpenContext,
    { connecting, pause }: RbdSurroundings,
  ): Promise<RbdDriver> {
    const { cephConf, user, pool, connectTimeout } = options
    const settings = {
      conf: cephConf === '' ? null : cephConf,
      user: user === undefined || user === '' ? null : user,
      pool,
      connectTimeout: connectTimeout < 0 ? null : connectTimeout,
    }
    const client = await connecting.open(settings, context.signal)
    return new RbdDriver(client, options, context, pause)
  }

  private constructor(client: RbdClient, options: RbdOptions, context: OpenContext, pause: RbdSurroundings['pause']) {
    this.#client = client
    this.#options = options
    this.#context = context
    this.#pause = pause
    this.locationPrefixes = [locationPrefix(client.fsid, options.pool)]
    this.facts = { fsid: client.fsid }
  }

  add(imageId: string, data: AsyncIterable<Uint8Array>, { size, signal }: AddOptions): Promise<AddResult> {
    return this.#add('adding', imageId, size, signal, (image, both) => image.fill(data, both))
  }

  get(location: string, { offset, length, signal }: GetOptions): Promise<StoredImage> {
    return this.#call('get', signal, async (both) => {
      const image = await this.#open(this.#placeOf(location), true, both)
      const start = Math.min(offset, image.size)
      const size = Math.min(image.size - start, length ?? image.size)
      const body = new ImageBody(image, { offset: start, length: size, signal: both })
      this.#track(body.closed)
      return { size, body }
    })
  }

  getSize(location: string, { signal }: CallOptions): Promise<number> {
    return this.#call('getSize', signal, async (both) => {
      const image = await this.#open(this.#placeOf(location), false, both)
      await withinGrace(this.#track(image.close()))
      return image.size
    })
  }

  delete(location: string, { signal }: CallOptions): Promise<void> {
    return this.#call('delete', signal, (both) => {
      const { image, snapshot } = this.#placeOf(location)
      return this.#remove(image, snapshot, both)
    })
  }

  discard(imageId: string, { signal }: CallOptions): Promise<void> {
    return this.#call('discard', signal, async (both) => {
      assertImageId(imageId)
      for (const wait of [...watchWaits, null]) {
        try {
          await this.#remove(imageId, snapshotName, both)
          return
        } catch (error) {
          if (error instanceof StoreError && error.code === 'NOT_FOUND') return
          // A process that was killed seems to have the image open for a while yet.
          if (wait === null || !(error instanceof InUseError) || error.why !== 'opened') throw error
          await this.#pause(wait, both)
        }
      }
    })
  }

  check({ signal }: CallOptions): Promise<void> {
    return this.#native('open', 'check', signal, () => this.#client.ping())
  }

  copy(imageId: string, { location, size }: CopySource, { signal }: CallOptions): Promise<AddResult | null> {
    const { cluster, image, snapshot } = parseLocation(location)
    if (cluster === null || cluster.fsid !== this.#client.fsid) return Promise.resolve(null)
    return this.#call('copy', signal, async (both) => {
      const place = { image, snapshot, pool: cluster.pool }
      const source = await this.#open(place, true, both).catch((error: unknown) => {
        // Another user may be able to read that pool.
        if (error instanceof StoreError && error.code === 'FORBIDDEN') return null
        throw error
      })
      if (source === null) return null
      if (source.size !== size) {
        await withinGrace(this.#track(source.close()))
        throw new StoreError('SIZE_MISMATCH', `the image to copy has ${source.size} bytes, not ${size}`)
      }
      const body = new ImageBody(source, { offset: 0, length: size, signal: both })
      this.#track(body.closed)
      try {
        return await this.#add('copying', imageId, size, both, (made, stop) => made.fill(body, stop), true)
      } finally {
        await body.return()
      }
    })
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort(new StoreError('ABORTED', 'the store is closed'))
    await withinGrace(Promise.allSettled([...this.#running]).then(() => this.#client.close()))
  }

  /** @param thin - whether zeros become holes whatever the options say: those of a copy mostly were holes */
  #add(
    what: string,
    imageId: string,
    size: number | null,
    signal: AbortSignal,
    fill: (image: NewImage, signal: AbortSignal) => Promise<number>,
    thin: boolean = this.#options.thinProvisioning,
  ): Promise<AddResult> {
    return this.#call(what, signal, async (both) => {
      assertImageId(imageId)
      const { logger } = this.#context
      const order = objectOrder(this.#options.chunkSize)
      const image = new NewImage({ client: this.#client, name: imageId, order, thin, logger })
      const interruption = new Interruption(both, what)
      try {
        await interruption.wait(image.make(size))
        const total = await fill(image, both)
        await interruption.wait(image.publish(total))
        const location = formatLocation(this.#client.fsid, this.#options.pool, imageId)
        return { location, size: total, metadata: {} }
      } catch (error) {
        await withinGrace(this.#track(image.discard()))
        throw interruption.error ?? error
      } finally {
        interruption.end()
      }
    })
  }

  #placeOf(location: string): RbdPlace {
    return placeIn(location, this.#client.fsid, this.#options.pool)
  }

  /** Opens an image for reading. One that is opened after the caller has given up is closed again. */
  async #open(
    { image, snapshot, pool }: { image: string; snapshot: string | null; pool?: string },
    watch: boolean,
    signal: AbortSignal,
  ): Promise<RbdImage> {
    const opening = this.#track(this.#client.open(image, { snapshot, watch, ...(pool === undefined ? {} : { pool }) }))
    try {
      const opened = await naming(orAborted(opening, signal, 'opening the image'), 'read', 'the image')
      if (!signal.aborted) return opened
      throw abortError(signal, 'opening the image')
    } catch (error) {
      this.#track(opening.then((late) => late.close()).catch(() => {}))
      throw error
    }
  }

  #remove(image: string, snapshot: string | null, signal: AbortSignal): Promise<void> {
    return this.#native('delete', 'the removal', signal, () =>
      this.#removals.take(image, async () => {
        if (!signal.aborted) await removeImage(this.#client, image, { snapshot })
      }),
    )
  }

  /** Waits for native calls until an abort; they go on then, and `close` waits for them. */
  #native<T>(doing: Doing, what: string, signal: AbortSignal, run: () => Promise<T>): Promise<T> {
    return this.#call(what, signal, (both) => naming(orAborted(this.#track(run()), both, what), doing, 'the image'))
  }

  /** What each call has: one signal for its caller and for the end of the store, and a place among those `close` waits for. */
  async #call<T>(what: string, signal: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const both = AbortSignal.any([signal, this.#closing.signal])
    if (both.aborted) throw abortError(both, what)
    return this.#track(run(both))
  }

  #track<T>(promise: Promise<T>): Promise<T> {
    this.#running.add(promise)
    const forget = (): boolean => this.#running.delete(promise)
    promise.then(forget, forget)
    return promise
  }
}
