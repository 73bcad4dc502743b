/**
 * A new file that appears whole or not at all, and never in place of another.
 *
 * 1. The bytes go to a hidden file in the image's directory; its name tells whose it is, so that a later start can remove what a killed process left.
 * 2. Permissions are set, and the bytes synced.
 * 3. `link` gives the file the image's name, which fails if the name is taken: of two adds one wins.
 * 4. The hidden name is removed, and the directory synced.
 *
 * A link decides inside one directory only, and some file systems (FAT, some network shares) have none. There, and when a store has several
 * directories, a claim is held around step 3: a hidden file `.claim~IMAGE_ID` in the first directory, created exclusively. Whoever holds it
 * looks whether any directory has the image, and links, or renames where there are no links. Creating the image's own name and renaming over it
 * would decide the race as well, but for a moment, and after a kill in that moment for ever, show an empty image.
 */
import { type FileHandle, link, lstat, open, rename, unlink } from 'node:fs/promises'
import { StoreError } from '@glance/core'
import { errnoOf } from './errors.ts'
import { inDirectory } from './location.ts'
import { extentsOf } from './sparse.ts'
import type { Bounded } from './waiting.ts'

/** Chunks smaller than this are gathered, so that a source of single bytes does not cause writes of single bytes. */
const directBytes = 131_072

/** How often a running upload shows that it lives, in milliseconds: servers on other hosts take a file for left behind after a day. */
const signOfLifeMs = 3600 * 1000

/** What a file system without hard links answers. */
const linkless: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

/** What a file system answers that cannot sync a directory; it has no better to offer. */
const syncless: readonly string[] = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/** The names of a file that is to appear. */
export interface ExclusiveNames {
  readonly directory: string
  /** Name in `directory` while it is written. */
  readonly temporary: string
  /** Name in `directory` afterwards. */
  readonly final: string
  /** Path of the claim, and its content. */
  readonly claim: string
  readonly owner: string
  /** Paths in other directories that must be free as well. */
  readonly rivals: readonly string[]
}

/** How a file is written. */
export interface ExclusiveFileSettings {
  readonly thin: boolean
  /** Permissions, or null to leave them to the umask. */
  readonly mode: number | null
  /** Bytes that are gathered from small chunks. */
  readonly piece: number
  readonly bounded: Bounded
  /** Told when permissions cannot be set, which stops nothing, as in Glance. */
  readonly modeRefused: (error: unknown) => void
  /** Gives a file a second name; `link` unless a test has something else. */
  readonly link?: typeof link
}

export class ExclusiveFile {
  readonly #handle: FileHandle
  readonly #names: ExclusiveNames
  readonly #settings: ExclusiveFileSettings
  readonly #signOfLife: NodeJS.Timeout
  #gathering: Buffer | null = null
  #held = 0
  #position = 0
  /** Device and inode, from the moment in which the image's name may be ours. */
  #identity: string | null = null
  /** The last operation; it may still be under way although nobody waits for it any more. */
  #pending: Promise<unknown> = Promise.resolve()

  /** Starts a file. @throws errors of the file system; StoreError TIMEOUT */
  static async create(names: ExclusiveNames, settings: ExclusiveFileSettings): Promise<ExclusiveFile> {
    const path = inDirectory(names.directory, names.temporary)
    // Whoever will not be allowed to read the image must not read it while it comes in.
    const opening = open(path, 'wx', settings.mode === null ? 0o666 : 0o600)
    const handle = await settings.bounded(opening).catch((error: unknown) => {
      dropLate(opening, path)
      throw error
    })
    return new ExclusiveFile(handle, names, settings)
  }

  private constructor(handle: FileHandle, names: ExclusiveNames, settings: ExclusiveFileSettings) {
    this.#handle = handle
    this.#names = names
    this.#settings = settings
    this.#signOfLife = setInterval(() => {
      const now = new Date()
      handle.utimes(now, now).catch(() => {})
    }, signOfLifeMs)
    this.#signOfLife.unref()
  }

  /** Bytes taken so far. */
  get size(): number {
    return this.#position + this.#held
  }

  /** Takes the next bytes: large chunks are written from the memory they came in, small ones copied. They are done with when it resolves; undefined when it only copied. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    if (chunk.byteLength >= directBytes) return this.#flush().then(() => this.#put(chunk))
    this.#gathering ??= Buffer.allocUnsafeSlow(this.#settings.piece)
    if (this.#held + chunk.byteLength > this.#gathering.length) return this.#flush().then(() => this.#gather(chunk))
    this.#gather(chunk)
    return undefined
  }

  /** Makes it appear. @throws StoreError ALREADY_EXISTS when the name is taken (what is there stays as it is) | TIMEOUT; errors of the file system */
  async publish(): Promise<void> {
    const { mode, thin, modeRefused } = this.#settings
    await this.#flush()
    // A hole at the end is made by the length alone.
    if (thin) await this.#run(this.#handle.truncate(this.#position))
    if (mode !== null) await this.#run(this.#handle.chmod(mode)).catch(modeRefused)
    await this.#run(this.#handle.sync())
    const { dev, ino } = await this.#run(this.#handle.stat({ bigint: true }))
    clearInterval(this.#signOfLife)
    await this.#run(this.#handle.close())
    this.#identity = `${dev}:${ino}`
    if (this.#names.rivals.length > 0 || !(await this.#link())) await this.#appearUnderClaim()
    await this.#run(removeIfThere(this.#temporary))
    await this.#run(syncDirectory(this.#names.directory))
  }

  /** Removes whatever there is of it, its image's name too, after the operation under way. For failures alone. */
  async discard(): Promise<void> {
    clearInterval(this.#signOfLife)
    await this.#pending.catch(() => {})
    await this.#handle.close().catch(() => {})
    if (await this.#isOurs()) await removeIfThere(this.#final)
    await removeIfThere(this.#temporary)
  }

  get #temporary(): string {
    return inDirectory(this.#names.directory, this.#names.temporary)
  }

  get #final(): string {
    return inDirectory(this.#names.directory, this.#names.final)
  }

  #gather(chunk: Uint8Array): void {
    this.#gathering?.set(chunk, this.#held)
    this.#held += chunk.byteLength
  }

  async #flush(): Promise<void> {
    if (this.#held === 0 || !this.#gathering) return
    const held = this.#gathering.subarray(0, this.#held)
    this.#held = 0
    await this.#put(held)
  }

  async #put(chunk: Uint8Array): Promise<void> {
    const extents = this.#settings.thin ? extentsOf(chunk, this.#position) : [{ from: 0, to: chunk.byteLength }]
    for (const { from, to } of extents) await this.#writeAll(chunk, from, to)
    this.#position += chunk.byteLength
  }

  /** The kernel may take less than it is given, for instance when the disk is nearly full. */
  async #writeAll(chunk: Uint8Array, from: number, to: number): Promise<void> {
    for (let done = from; done < to; ) {
      const { bytesWritten } = await this.#run(this.#handle.write(chunk, done, to - done, this.#position + done))
      if (bytesWritten === 0) throw new Error('the file system wrote nothing and gave no error')
      done += bytesWritten
    }
  }

  /** Whether the file has the image's name now; false when there are no links here. @throws StoreError ALREADY_EXISTS */
  async #link(): Promise<boolean> {
    try {
      await this.#run((this.#settings.link ?? link)(this.#temporary, this.#final))
      return true
    } catch (error) {
      const errno = errnoOf(error) ?? ''
      if (linkless.includes(errno)) return false
      // NFS repeats a request whose answer was lost, and then finds the name that it made itself.
      if (errno === 'EEXIST' && (await this.#run(this.#isOurs()))) return true
      throw errno === 'EEXIST' ? taken(error) : error
    }
  }

  async #appearUnderClaim(): Promise<void> {
    const { claim, owner, rivals } = this.#names
    const opening = open(claim, 'wx', 0o600)
    const claimed = await this.#run(opening).catch((error: unknown) => {
      if (errnoOf(error) === 'EEXIST') throw taken(error)
      dropLate(opening, claim)
      throw error
    })
    try {
      await this.#run(claimed.writeFile(owner).finally(() => claimed.close()))
      for (const path of [...rivals, this.#final]) if (await this.#run(isThere(path))) throw taken(undefined)
      if (!(await this.#link())) await this.#run(rename(this.#temporary, this.#final))
    } finally {
      // After the operation under way: a claim given up too early would let a second add win.
      const last = this.#pending.catch(() => {})
      await this.#run(last.then(() => removeIfThere(claim)))
    }
  }

  async #isOurs(): Promise<boolean> {
    if (this.#identity === null) return false
    const stats = await lstat(this.#final, { bigint: true }).catch(() => null)
    return stats !== null && `${stats.dev}:${stats.ino}` === this.#identity
  }

  #run<T>(operation: Promise<T>): Promise<T> {
    this.#pending = operation
    return this.#settings.bounded(operation)
  }
}

/** Whether there is anything under a path, be it a link that leads nowhere. @throws errors of the file system */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

/** Removes a file; one that is not there is no error. @throws errors of the file system */
export async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error
  })
}

/** Removes a file that comes into being after nobody waits for it any more. */
function dropLate(opening: Promise<FileHandle>, path: string): void {
  const drop = async (handle: FileHandle): Promise<void> => {
    await handle.close()
    await unlink(path)
  }
  opening.then(drop).catch(() => {})
}

function taken(cause: unknown): StoreError {
  return new StoreError('ALREADY_EXISTS', 'the store already holds data of this image', { cause })
}

/** A new name is durable when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } catch (error) {
    if (!syncless.includes(errnoOf(error) ?? '')) throw error
  } finally {
    await handle.close()
  }
}
