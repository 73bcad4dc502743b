/**
 * A library of tapes: one tape for each image.
 *
 * An upload is written to `<library>/unfinished/<hash of the image id>.<random>` and, when it is whole and on the disk, gets its second
 * name `<library>/images/<image id>` by `link`, which fails when that name exists. So an image appears in one step, and of two uploads of
 * one id one wins, whichever processes they run in. What a killed process leaves has no name under `images` and is never visible.
 */
import { createHash, randomUUID } from 'node:crypto'
import { access, constants, link, mkdir, open, readdir, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type AddOptions,
  type AddResult,
  abortError,
  type CallOptions,
  type GetOptions,
  isImageId,
  redactLocation,
  type StoreCapabilities,
  type StoreDriver,
  type StoredImage,
  StoreError,
  untilAborted,
} from '@glance/core'
import { native } from './errors.ts'
import { readTape, sizeOfTape, writeTape } from './tape.ts'

export class TapeDriver implements StoreDriver {
  // A tape has to be wound to any place but its beginning, so parts of images are not on offer.
  readonly capabilities: StoreCapabilities = {
    add: true,
    delete: true,
    randomRead: false,
    setAcls: false,
    maxImageBytes: null,
  }
  readonly locationPrefixes: readonly string[]
  readonly #images: string
  readonly #unfinished: string
  readonly #prefix: string
  readonly #closing = new AbortController()

  static async open(library: string, label: string, signal: AbortSignal): Promise<TapeDriver> {
    if (signal.aborted) throw abortError(signal, 'opening the library')
    if (!isImageId(label)) throw new StoreError('BAD_CONFIGURATION', 'tape_label must be letters, digits, . _ and -')
    await native('opening the library', access(library, constants.W_OK), { ENOENT: 'UNAVAILABLE' })
    const driver = new TapeDriver(library, label)
    await native('opening the library', mkdir(driver.#images, { recursive: true }))
    await native('opening the library', mkdir(driver.#unfinished, { recursive: true }))
    return driver
  }

  private constructor(library: string, label: string) {
    this.#images = join(library, 'images')
    this.#unfinished = join(library, 'unfinished')
    this.#prefix = `tape://${label}/`
    this.locationPrefixes = [this.#prefix]
  }

  async add(imageId: string, data: AsyncIterable<Uint8Array>, options: AddOptions): Promise<AddResult> {
    const what = `add of ${imageId}`
    const signal = this.#begin(what, options)
    const tape = join(this.#images, imageId)
    // Saves an upload that would lose; what decides is `link`.
    if (await exists(tape)) throw new StoreError('ALREADY_EXISTS', `image ${imageId} has a tape already`)
    const unfinished = join(this.#unfinished, `${hashOf(imageId)}.${randomUUID()}`)
    const file = await native(what, open(unfinished, 'wx'), { ENOENT: 'UNAVAILABLE' })
    try {
      const size = await writeTape(file, untilAborted(data, signal, what), what)
      await native(what, file.sync())
      if (signal.aborted) throw abortError(signal, what)
      await native(what, link(unfinished, tape), { EEXIST: 'ALREADY_EXISTS' })
      await this.#keep(tape, what)
      return { location: this.#prefix + imageId, size, metadata: {} }
    } finally {
      await file.close()
      await rm(unfinished, { force: true })
    }
  }

  async get(location: string, options: GetOptions): Promise<StoredImage> {
    const signal = this.#begin('get', options)
    if (options.offset > 0 || options.length !== null)
      throw new StoreError('UNSUPPORTED', 'a tape is read from its beginning to its end')
    const tape = this.#tapeAt(location)
    const what = `get of ${redactLocation(location)}`
    const file = await native(what, open(tape, 'r'))
    try {
      const size = await sizeOfTape(file, what)
      return { size, body: readTape(file, size, signal, what) }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async getSize(location: string, options: CallOptions): Promise<number | null> {
    this.#begin('getSize', options)
    const what = `getSize of ${redactLocation(location)}`
    const file = await native(what, open(this.#tapeAt(location), 'r'))
    try {
      return await sizeOfTape(file, what)
    } finally {
      await file.close()
    }
  }

  async delete(location: string, options: CallOptions): Promise<void> {
    this.#begin('delete', options)
    // Who has the tape open reads on: the file stays until the last handle is closed.
    await native(`delete of ${redactLocation(location)}`, unlink(this.#tapeAt(location)))
  }

  async discard(imageId: string, options: CallOptions): Promise<void> {
    this.#begin('discard', options)
    const what = `discard of ${imageId}`
    const names = await native(what, readdir(this.#unfinished))
    for (const name of names.filter((each) => each.startsWith(`${hashOf(imageId)}.`)))
      await native(what, rm(join(this.#unfinished, name), { force: true }))
    await native(what, rm(join(this.#images, imageId), { force: true }))
  }

  async check(options: CallOptions): Promise<void> {
    this.#begin('check', options)
    await native('check', access(this.#unfinished, constants.W_OK), { ENOENT: 'UNAVAILABLE' })
  }

  async close(): Promise<void> {
    this.#closing.abort(new StoreError('ABORTED', 'the tape library is closed'))
  }

  /** What every call begins with. @returns a signal that fires when the caller gives up or the library is closed */
  #begin(what: string, { signal }: CallOptions): AbortSignal {
    const either = AbortSignal.any([signal, this.#closing.signal])
    if (either.aborted) throw abortError(either, what)
    return either
  }

  /** Path of the tape of a location. An image id is safe as a name of a file, so there is nothing else to check. */
  #tapeAt(location: string): string {
    const imageId = location.startsWith(this.#prefix) ? location.slice(this.#prefix.length) : ''
    if (isImageId(imageId)) return join(this.#images, imageId)
    throw new StoreError('INVALID_LOCATION', `${redactLocation(location)} is no location of this library`)
  }

  /** Makes the new name of a tape survive a power failure, or takes it back. */
  async #keep(tape: string, what: string): Promise<void> {
    try {
      const directory = await native(what, open(this.#images, 'r'))
      await native(what, directory.sync()).finally(() => directory.close())
    } catch (error) {
      await rm(tape, { force: true })
      throw error
    }
  }
}

/** Image ids may be as long as a name of a file; their hash leaves room for a suffix. */
function hashOf(imageId: string): string {
  return createHash('sha256').update(imageId).digest('hex')
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
