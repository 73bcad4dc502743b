import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** The first of the folders in which a file of this name is, with its path; null when none has it. Absolute names are only looked at. */
export function findFile(name: string, folders: readonly string[]): string | null {
  const places = folders.length === 0 ? [resolve(name)] : folders.map((folder) => resolve(folder, name))
  return places.find((path) => existsSync(path)) ?? null
}
