/** Hidden files that nobody works on any more: what a killed process left, and what belongs to an upload that is given up. */
import { lstat, readdir, readFile } from 'node:fs/promises'
import { removeIfThere } from './exclusive-file.ts'
import { type Owner, stateOf } from './owner.ts'
import { claimName, idKey, isClaimName, parseOwner, parseUploadName } from './temporary-names.ts'

/** After this time without a write a file is left behind, unless its owner is known to live. In milliseconds. */
const leftBehindMs = 24 * 60 * 60 * 1000

/**
 * Removes the uploads and claims of a directory whose process is dead, or that were not touched for a day and whose process may be anywhere.
 * A file of a process that lives on this host stays however old it is.
 *
 * @returns the names of what was removed
 * @throws errors of the file system when the directory cannot be read; a file that cannot be removed stays
 */
export async function removeLeftovers(directory: string, self: Owner): Promise<readonly string[]> {
  const gone: string[] = []
  for (const name of await readdir(directory)) {
    const upload = parseUploadName(name)
    if (!upload && !isClaimName(name)) continue
    const path = `${directory}/${name}`
    try {
      const { mtimeMs } = await lstat(path)
      const owner = upload ? upload.owner : parseOwner(await readFile(path, 'utf8'))
      if (await isLeftBehind(owner, self, mtimeMs)) {
        await removeIfThere(path)
        gone.push(name)
      }
    } catch {
      // Somebody else was quicker, or may do it later.
    }
  }
  return gone
}

/** Removes every hidden file of an image id, whoever owned it. @throws errors of the file system */
export async function removeUploadsOf(directory: string, imageId: string): Promise<void> {
  const key = idKey(imageId)
  for (const name of await readdir(directory))
    if (parseUploadName(name)?.idKey === key || name === claimName(imageId)) await removeIfThere(`${directory}/${name}`)
}

async function isLeftBehind(owner: Owner | null, self: Owner, mtimeMs: number): Promise<boolean> {
  const state = owner ? await stateOf(owner, self, mtimeMs) : 'unknown'
  return state === 'dead' || (state === 'unknown' && Date.now() - mtimeMs >= leftBehindMs)
}
