/**
 * One image on its way into the pool.
 *
 * 1. The image is made under its final name; that fails when the name is taken, so of two adds one succeeds.
 * 2. It is filled, several parts at a time. When its size is not known it grows ahead of the data, and is cut at the end.
 * 3. The snapshot `snap` is made and protected. A location names the snapshot, so until then there is nothing to read; and an image without it is one that nobody finished.
 *
 * Whatever fails, `discard` takes it all back, also what a call did whose answer was lost.
 */
import { Interruption, type Logger, sendParts } from '@glance/core'
import { naming, storeErrorOf } from './errors.ts'
import { snapshotName } from './location.ts'
import { failedWith, type RbdClient, type RbdImage } from './rbd-client.ts'
import { removeImage } from './remover.ts'
import { stretchesOfData } from './zeros.ts'

const mebibyte = 1024 * 1024

/** Bytes of a part. With four of them under way and one that fills, an upload takes 40 MiB. */
const partSize = 8 * mebibyte
const partsAtOnce = 4

/** Growth of an image of unknown size, in bytes: doubled each time, so that a long upload is not slowed down, and bounded, so that little is to be cut off. */
const firstGrowth = 128 * mebibyte
const mostGrowth = 8 * 1024 * mebibyte

/** How an image is made. */
export interface NewImageSettings {
  readonly client: RbdClient
  readonly name: string
  /** log2 of the size of its objects. */
  readonly order: number
  /** Whether zeros become holes. */
  readonly thin: boolean
  readonly logger: Logger
}

export class NewImage {
  readonly #settings: NewImageSettings
  /** Native calls that run, which no abort ends. */
  readonly #running = new Set<Promise<unknown>>()
  #made: 'no' | 'perhaps' | 'yes' = 'no'
  #image: RbdImage | null = null
  #size = 0
  #growth = firstGrowth
  #growing: Promise<void> = Promise.resolve()

  constructor(settings: NewImageSettings) {
    this.#settings = settings
  }

  /** Makes the image. @param size - bytes that are announced, null when nobody knows @throws StoreError ALREADY_EXISTS and as `add` */
  async make(size: number | null): Promise<void> {
    const { client, name, order } = this.#settings
    this.#size = size ?? 0
    await this.#call(async () => {
      try {
        await client.create(name, this.#size, order)
        this.#made = 'yes'
      } catch (error) {
        // Of these it is sure that nothing was made.
        this.#made = failedWith(error, 'EEXIST', 'EPERM', 'EACCES', 'EROFS', 'EINVAL') ? 'no' : 'perhaps'
        throw error
      }
      this.#image = await client.open(name, { snapshot: null, watch: true })
    })
  }

  /** Writes the data. @returns how many bytes there were @throws what the source throws, as it is; StoreError as `add` */
  async fill(data: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number> {
    let total = 0
    await sendParts(data, { partSize, parallel: partsAtOnce, signal }, async ({ bytes, offset }, both) => {
      total += bytes.byteLength
      const interruption = new Interruption(both, 'adding')
      try {
        await interruption.wait(this.#call(() => this.#write(bytes, offset, both)))
      } finally {
        interruption.end()
      }
    })
    return total
  }

  /** Makes the data readable. @throws StoreError as `add` */
  publish(total: number): Promise<void> {
    return this.#call(async () => {
      const image = this.#opened()
      if (this.#size !== total) await image.resize(total)
      await image.createSnapshot(snapshotName)
      await image.protectSnapshot(snapshotName)
      await image.close()
    })
  }

  /** Takes everything back, after the calls that still run. What cannot be taken back is told to the log, and `discard` of the driver finds it later. */
  async discard(): Promise<void> {
    const { client, name, logger } = this.#settings
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
    await this.#image?.close().catch(() => {})
    if (this.#made === 'no') return
    try {
      await removeImage(client, name, { snapshot: snapshotName, onlyUnfinished: this.#made === 'perhaps' })
    } catch (error) {
      const { code } = storeErrorOf(error, 'delete', 'the image')
      if (code !== 'NOT_FOUND') logger.warn({ image: name, code, err: error }, 'an unfinished image stays in the pool')
    }
  }

  async #write(bytes: Uint8Array<ArrayBuffer>, offset: number, signal: AbortSignal): Promise<void> {
    const image = this.#opened()
    await this.#grow(image, offset + bytes.byteLength)
    const whole = bytes.byteLength === 0 ? [] : [{ from: 0, to: bytes.byteLength }]
    for (const { from, to } of this.#settings.thin ? stretchesOfData(bytes) : whole) {
      if (signal.aborted) return
      await image.write(bytes.subarray(from, to), offset + from)
    }
  }

  /** Makes room up to an offset. Parts come in order, so what one of them asks for is enough for those before it. */
  #grow(image: RbdImage, end: number): Promise<void> {
    this.#growing = this.#growing.then(async () => {
      if (end <= this.#size) return
      const size = Math.max(end, this.#size + this.#growth)
      await image.resize(size)
      this.#size = size
      this.#growth = Math.min(this.#growth * 2, mostGrowth)
    })
    return this.#growing
  }

  #opened(): RbdImage {
    if (!this.#image) throw new Error('the image is not open')
    return this.#image
  }

  /** Runs native calls. */
  async #call<T>(run: () => Promise<T>): Promise<T> {
    const running = run()
    this.#running.add(running)
    try {
      return await naming(running, 'write', 'the image')
    } finally {
      this.#running.delete(running)
    }
  }
}
