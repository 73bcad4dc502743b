import { randomBytes } from 'node:crypto'
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * A file that appears under its name only when it is complete.
 *
 * Life: `open` creates `.<name>.<random>.part` beside the target, so that the final rename stays within one file system.
 * `write` appends. `publish` syncs the data, renames over the target and syncs the folder: a reader sees the old file
 * or the whole new one, also after a power cut. `discard` removes the part and leaves the target alone. A target that
 * is a link stays one; a target that exists keeps its permissions. A device or pipe has no name to swap and is written
 * in place.
 */
export class TargetFile {
  readonly #handle: FileHandle
  readonly #target: string
  /** Null when the target is written in place. */
  readonly #part: string | null

  private constructor(handle: FileHandle, target: string, part: string | null) {
    this.#handle = handle
    this.#target = target
    this.#part = part
  }

  /** Rejects with the system's error, for example when the folder is missing or the target is a folder (EISDIR). */
  static async open(path: string): Promise<TargetFile> {
    const target = await realpath(path).catch(() => path)
    const present = await stat(target).catch(() => null)
    if (present !== null && !present.isFile()) return new TargetFile(await open(target, 'w'), target, null)
    // Names are limited to 255 bytes, of which a character may take four.
    const part = join(dirname(target), `.${basename(target).slice(0, 50)}.${randomBytes(6).toString('hex')}.part`)
    const handle = await open(part, 'wx')
    const file = new TargetFile(handle, target, part)
    try {
      if (present !== null) await handle.chmod(present.mode & 0o777)
    } catch (error) {
      await file.discard()
      throw error
    }
    return file
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.byteLength; ) {
      done += (await this.#handle.write(chunk, done, chunk.byteLength - done)).bytesWritten
    }
  }

  async publish(): Promise<void> {
    if (this.#part === null) return await this.#handle.close()
    await this.#handle.sync()
    await this.#handle.close()
    await rename(this.#part, this.#target)
    await syncFolder(dirname(this.#target))
  }

  /** Never rejects: it runs while an error is on its way. Also fine after a failed `publish`. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {})
    if (this.#part !== null) await unlink(this.#part).catch(() => {})
  }
}

async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r')
    await folder.sync().finally(() => folder.close())
  } catch {
    // Windows and some network file systems cannot sync a folder; the file itself is safe.
  }
}
