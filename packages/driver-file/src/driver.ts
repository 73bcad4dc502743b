import { constants } from 'node:fs'
import { type FileHandle, lstat, open, realpath, unlink } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import {
  type AddOptions,
  type AddResult,
  abortError,
  assertImageId,
  type CallOptions,
  type GetOptions,
  Interruption,
  isImageId,
  type OpenContext,
  orAborted,
  type StoreCapabilities,
  type StoreDriver,
  type StoredImage,
  StoreError,
  untilAborted,
} from '@glance/core'
import type { DataDir } from './data-dir.ts'
import { chooseDir, configuredDirs, openDirs } from './data-dirs.ts'
import { type Doing, openErrorOf, storeErrorOf } from './errors.ts'
import { ExclusiveFile, isThere, removeIfThere } from './exclusive-file.ts'
import { FileBody } from './file-body.ts'
import { removeLeftovers, removeUploadsOf } from './leftovers.ts'
import { formatLocation, inDirectory, isInside, outside, placeOf, schemes } from './location.ts'
import { type MetadataEntry, metadataFor, readMetadataFile } from './metadata-file.ts'
import type { FileOptions } from './options.ts'
import { type Owner, thisProcess } from './owner.ts'
import { parseFilePerm } from './permissions.ts'
import { claimName, formatOwner, uploadName } from './temporary-names.ts'
import { type Bounded, boundedBy, withinGrace } from './waiting.ts'

/** Smallest piece that is read at once, in bytes. */
const leastPiece = 1024 * 1024

/** Never through a link, and never waiting for the writer of a pipe. */
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** What an open store works with. */
interface Parts {
  readonly dirs: readonly DataDir[]
  readonly entries: readonly MetadataEntry[]
  readonly owner: Owner
  readonly mode: number | null
  readonly piece: number
  readonly thin: boolean
  readonly bounded: Bounded
  readonly context: OpenContext
}

/** Image data as files `IMAGE_ID` in one directory or several. */
export class FileDriver implements StoreDriver {
  readonly capabilities: StoreCapabilities = {
    add: true,
    delete: true,
    randomRead: true,
    setAcls: false,
    maxImageBytes: null,
  }
  readonly locationPrefixes: readonly string[]
  readonly #parts: Parts
  readonly #closing = new AbortController()
  /** Calls that run and files that are open: `close` waits for them. */
  readonly #running = new Set<Promise<unknown>>()

  /**
   * Opens the directories and removes what dead processes left in them.
   *
   * @throws StoreError BAD_CONFIGURATION | UNAVAILABLE | TIMEOUT | ABORTED
   */
  static async open(options: FileOptions, context: OpenContext): Promise<FileDriver> {
    if (context.signal.aborted) throw abortError(context.signal, 'opening the store')
    return orAborted(FileDriver.#open(options, context), context.signal, 'opening the store')
  }

  static async #open(options: FileOptions, context: OpenContext): Promise<FileDriver> {
    const mode = parseFilePerm(options.filePerm)
    const bounded = boundedBy(options.timeout * 1000)
    const entries = options.metadataFile === undefined ? [] : await readMetadataFile(options.metadataFile)
    const dirs = await openDirs(configuredDirs(options), { mode, bounded })
    const owner = await thisProcess()
    for (const { path, real } of dirs) {
      try {
        const gone = await bounded(removeLeftovers(real, owner))
        for (const name of gone) context.logger.debug({ store: context.storeId, name }, 'removed what an upload left')
      } catch (error) {
        throw openErrorOf(error, `the data directory ${path}`)
      }
    }
    const piece = Math.max(leastPiece, options.chunkSize)
    return new FileDriver({ dirs, entries, owner, mode, piece, thin: options.thinProvisioning, bounded, context })
  }

  private constructor(parts: Parts) {
    this.#parts = parts
    const names = [...new Set(parts.dirs.flatMap(({ path, real }) => [path, real]))]
    this.locationPrefixes = schemes.flatMap((scheme) =>
      names.map((name) => formatLocation(inDirectory(name, ''), scheme)),
    )
  }

  add(imageId: string, data: AsyncIterable<Uint8Array>, { size, signal }: AddOptions): Promise<AddResult> {
    return this.#call('add', signal, async (both) => {
      assertImageId(imageId)
      const dir = await writing(this.#dirFor(imageId, size))
      const file = await writing(this.#startFile(imageId, dir))
      const interruption = new Interruption(both, 'adding')
      try {
        for await (const chunk of untilAborted(data, both, 'adding')) {
          const written = file.write(chunk)
          if (written) await interruption.wait(writing(written))
        }
        if (interruption.error) throw interruption.error
        await writing(file.publish())
      } catch (error) {
        await withinGrace(this.#track(file.discard()))
        throw interruption.error ?? error
      } finally {
        interruption.end()
      }
      const path = inDirectory(dir.path, imageId)
      return { location: formatLocation(path), size: file.size, metadata: metadataFor(this.#parts.entries, path) }
    })
  }

  get(location: string, { offset, length, signal }: GetOptions): Promise<StoredImage> {
    return this.#onFile('read', location, signal, async (path, both) => {
      const { bounded, piece } = this.#parts
      const handle = await this.#openFile(path)
      try {
        const facts = await bounded(handle.stat())
        if (!facts.isFile()) throw noFile()
        if (both.aborted) throw abortError(both, 'get')
        const start = Math.min(offset, facts.size)
        const size = Math.min(facts.size - start, length ?? facts.size)
        const body = new FileBody(handle, { offset: start, length: size, piece, signal: both, bounded })
        this.#track(body.closed)
        return { size, body }
      } catch (error) {
        await withinGrace(handle.close())
        throw error
      }
    })
  }

  getSize(location: string, { signal }: CallOptions): Promise<number> {
    return this.#onFile('read', location, signal, (path) => this.#sizeOf(path))
  }

  delete(location: string, { signal }: CallOptions): Promise<void> {
    return this.#onFile('delete', location, signal, async (path, both, named) => {
      await this.#sizeOf(path)
      // Of a link to another image the link is removed, as in Glance.
      const folder = await this.#parts.bounded(realpath(dirname(named)))
      if (!this.#holds(folder)) throw outside()
      if (both.aborted) throw abortError(both, 'delete')
      await this.#parts.bounded(unlink(inDirectory(folder, basename(named))))
    })
  }

  discard(imageId: string, { signal }: CallOptions): Promise<void> {
    return this.#call('discard', signal, async (both) => {
      assertImageId(imageId)
      for (const dir of this.#parts.dirs) {
        if (both.aborted) throw abortError(both, 'discard')
        await dir.assertPresent()
        const removing = removeIfThere(inDirectory(dir.real, imageId)).then(() => removeUploadsOf(dir.real, imageId))
        await this.#parts.bounded(removing).catch((error: unknown) => {
          throw storeErrorOf(error, 'delete', 'what an upload left')
        })
      }
    })
  }

  check({ signal }: CallOptions): Promise<void> {
    return this.#call('check', signal, (both) => orAborted(this.#assertPresent(), both, 'check'))
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort(new StoreError('ABORTED', 'the store is closed'))
    await withinGrace(Promise.allSettled([...this.#running]))
  }

  /** Looks whether an image can be added before any of its data are read, and chooses its directory. */
  async #dirFor(imageId: string, size: number | null): Promise<DataDir> {
    const { dirs, thin, bounded } = this.#parts
    await this.#assertPresent()
    const taken = await Promise.all(dirs.map(({ real }) => bounded(isThere(inDirectory(real, imageId)))))
    if (taken.includes(true)) throw new StoreError('ALREADY_EXISTS', 'the store already holds data of this image')
    return chooseDir(dirs, size, !thin)
  }

  #startFile(imageId: string, dir: DataDir): Promise<ExclusiveFile> {
    const { dirs, owner, mode, piece, thin, bounded, context } = this.#parts
    const [first = dir] = dirs
    const names = {
      directory: dir.real,
      temporary: uploadName(imageId, owner),
      final: imageId,
      claim: inDirectory(first.real, claimName(imageId)),
      owner: formatOwner(owner),
      rivals: dirs.filter((other) => other !== dir).map(({ real }) => inDirectory(real, imageId)),
    }
    const modeRefused = (err: unknown): void =>
      context.logger.debug({ store: context.storeId, imageId, err }, 'permissions of image data could not be set')
    return ExclusiveFile.create(names, { thin, mode, piece, bounded, modeRefused })
  }

  /** One directory that is away may hold an image of any id, so nothing is added without it. */
  async #assertPresent(): Promise<void> {
    await Promise.all(this.#parts.dirs.map((dir) => dir.assertPresent()))
  }

  /** A call about stored data: finds their real path, which lies in a data directory. */
  #onFile<T>(
    doing: Doing,
    location: string,
    signal: AbortSignal,
    run: (path: string, signal: AbortSignal, named: string) => Promise<T>,
  ): Promise<T> {
    const work = async (both: AbortSignal): Promise<T> => {
      const { directory, path } = placeOf(location, this.#parts.dirs)
      try {
        const real = await this.#parts.bounded(realpath(path))
        if (!this.#holds(dirname(real)) || !isImageId(basename(real))) throw outside()
        return await run(real, both, path)
      } catch (thrown) {
        const error = storeErrorOf(thrown, doing, 'the image')
        // It may seem to be gone because its whole directory is away.
        if (error.code === 'NOT_FOUND') await directory.assertPresent()
        throw error
      }
    }
    return this.#call(doing, signal, (both) => orAborted(this.#track(work(both)), both, doing))
  }

  async #openFile(path: string): Promise<FileHandle> {
    const opening = open(path, readFlags)
    return this.#parts.bounded(opening).catch((error: unknown) => {
      // The limit may have passed, and the file be opened afterwards.
      opening.then((late) => late.close()).catch(() => {})
      throw error
    })
  }

  async #sizeOf(path: string): Promise<number> {
    const facts = await this.#parts.bounded(lstat(path))
    if (!facts.isFile()) throw noFile()
    return facts.size
  }

  /** Whether a real directory is a data directory or lies in one. */
  #holds(folder: string): boolean {
    return this.#parts.dirs.some(({ real }) => real === folder || isInside(folder, real))
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

/** Names what the file system refuses; only for our own writing, since what the source throws passes as it is. */
async function writing<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (error) {
    throw storeErrorOf(error, 'write', 'the image')
  }
}

function noFile(): StoreError {
  return new StoreError('INVALID_LOCATION', 'the location is no file')
}
