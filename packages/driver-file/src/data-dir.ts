import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, chmod, mkdir, open, readFile, realpath, stat, statfs } from 'node:fs/promises'
import { StoreError } from '@glance/core'
import { openErrorOf } from './errors.ts'
import { type Confinement, inDirectory } from './location.ts'
import { directoryMode } from './permissions.ts'
import { markName } from './temporary-names.ts'
import type { Bounded } from './waiting.ts'

/** How a data directory is opened. */
export interface DataDirSettings {
  /** Permissions of image files, null when they are left to the umask. */
  readonly mode: number | null
  readonly bounded: Bounded
}

/** What a directory was when the store opened. */
interface Opened extends Confinement {
  readonly priority: number
  /** Content of the mark; null when it could not be written (a full disk) or read. */
  readonly mark: string | null
  readonly bounded: Bounded
}

/**
 * One directory of image data, which knows which directory it is.
 *
 * A share that is not mounted leaves an empty directory, or none. Then every image seems to be gone, and an upload would go to the wrong
 * disk. So the directory remembers device and inode, and a mark: a hidden file with an id of its own. A share that comes back has another
 * device number, but the same mark.
 */
export class DataDir implements Confinement {
  /** As configured; locations are built from it. */
  readonly path: string
  readonly real: string
  /** Directories with a higher one are filled first. */
  readonly priority: number
  readonly #mark: string | null
  readonly #bounded: Bounded
  #identity: string

  /**
   * Makes the directory if it is missing, checks that it can be used, and marks it.
   *
   * @throws StoreError BAD_CONFIGURATION when it cannot be used, with its path in the message; UNAVAILABLE | TIMEOUT when its file system is away
   */
  static async open(path: string, priority: number, { mode, bounded }: DataDirSettings): Promise<DataDir> {
    try {
      await bounded(mkdir(path, { recursive: true }))
      const real = await bounded(realpath(path))
      const identity = await bounded(identityOf(real))
      if (mode !== null) await bounded(letSearch(real, mode))
      await bounded(access(real, constants.R_OK | constants.W_OK | constants.X_OK))
      const mark = await bounded(makeMark(real))
      return new DataDir({ path, real, priority, mark, bounded }, identity)
    } catch (error) {
      throw openErrorOf(error, `the data directory ${path}`)
    }
  }

  private constructor({ path, real, priority, mark, bounded }: Opened, identity: string) {
    this.path = path
    this.real = real
    this.priority = priority
    this.#mark = mark
    this.#bounded = bounded
    this.#identity = identity
  }

  /** @throws StoreError UNAVAILABLE when the directory is not the one that was opened; TIMEOUT */
  async assertPresent(): Promise<void> {
    const identity = await this.#bounded(identityOf(this.real).catch(away))
    if (identity === this.#identity) return
    const mark = await this.#bounded(readMark(this.real))
    if (mark === null || mark !== this.#mark) return away(new Error('another directory is in its place'))
    this.#identity = identity
  }

  /** Bytes that may still be written; infinite when the file system does not tell. @throws errors of the file system */
  async room(): Promise<number> {
    const { blocks, bavail, bsize } = await this.#bounded(statfs(this.real))
    return blocks > 0 ? bavail * bsize : Number.POSITIVE_INFINITY
  }
}

function away(cause: unknown): never {
  throw new StoreError('UNAVAILABLE', 'a data directory of the store is away', { cause })
}

async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true })
  return `${dev}:${ino}`
}

/** Lets search the directory whoever may read files. As in Glance no reason to stop: it may belong to somebody else. */
async function letSearch(path: string, filePerm: number): Promise<void> {
  const mode = (await stat(path)).mode & 0o7777
  const wanted = directoryMode(mode, filePerm)
  if (wanted !== mode) await chmod(path, wanted).catch(() => {})
}

/** The mark, made if there is none. It is never changed, since other servers remember it. */
async function makeMark(directory: string): Promise<string | null> {
  const file = await open(inDirectory(directory, markName), 'wx', 0o644).catch(() => null)
  await file
    ?.writeFile(`${randomUUID()}\n`)
    .catch(() => {})
    .finally(() => file.close())
  return readMark(directory)
}

async function readMark(directory: string): Promise<string | null> {
  const text = await readFile(inDirectory(directory, markName), 'utf8').catch(() => '')
  return /^[0-9a-f-]{36}\n$/.test(text) ? text : null
}
