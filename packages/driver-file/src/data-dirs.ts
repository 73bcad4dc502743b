/** Which data directories a store has, and which one takes a new image. */
import { isAbsolute, resolve } from 'node:path'
import { StoreError } from '@glance/core'
import { DataDir, type DataDirSettings } from './data-dir.ts'
import { defaultDataDir, type FileOptions } from './options.ts'

/** A directory as configured. */
export interface ConfiguredDir {
  /** Absolute and normalised. */
  readonly path: string
  readonly priority: number
}

/**
 * What is configured, each directory once.
 *
 * @throws StoreError BAD_CONFIGURATION when both options are set, or none because the first is blank; when a path is not absolute or holds what a
 *   location cannot; when a priority is no whole number; when a path has two priorities
 */
export function configuredDirs({
  dataDir,
  dataDirs,
}: Pick<FileOptions, 'dataDir' | 'dataDirs'>): readonly ConfiguredDir[] {
  const one = dataDir?.trim()
  const several = dataDirs.map((entry) => entry.trim()).filter((entry) => entry !== '')
  if (several.length === 0) {
    if (one === '') throw wrong('filesystem_store_datadir or filesystem_store_datadirs must be set')
    return [{ path: pathOf(one ?? defaultDataDir), priority: 0 }]
  }
  if (one) throw wrong('filesystem_store_datadir and filesystem_store_datadirs exclude each other')
  const byPath = new Map<string, ConfiguredDir>()
  for (const dir of several.map(parseEntry)) {
    if ((byPath.get(dir.path)?.priority ?? dir.priority) !== dir.priority)
      throw wrong(`filesystem_store_datadirs names ${dir.path} with two priorities`)
    byPath.set(dir.path, dir)
  }
  return [...byPath.values()]
}

/**
 * Opens directories.
 *
 * @returns them by path: all servers that share them have the same first one, since locations hold their paths
 * @throws StoreError as `DataDir.open`; BAD_CONFIGURATION when two paths are one directory
 */
export async function openDirs(dirs: readonly ConfiguredDir[], settings: DataDirSettings): Promise<readonly DataDir[]> {
  const opened: DataDir[] = []
  for (const { path, priority } of dirs.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const dir = await DataDir.open(path, priority, settings)
    const twin = opened.find(({ real }) => real === dir.real)
    if (twin) throw wrong(`filesystem_store_datadirs names one directory twice, as ${twin.path} and as ${path}`)
    opened.push(dir)
  }
  return opened
}

/**
 * The directory for a new image: highest priority first, there the one with most room that still fits.
 *
 * @param size - bytes; null when unknown, then any room will do
 * @param mustFit - false when an image may need less than its size (holes): then the one with most room is taken if it fits nowhere
 * @throws StoreError STORE_FULL when it fits nowhere; errors of the file system
 */
export async function chooseDir<D extends Pick<DataDir, 'priority' | 'room'>>(
  dirs: readonly D[],
  size: number | null,
  mustFit: boolean,
): Promise<D> {
  const rooms = await Promise.all(dirs.map(async (dir) => ({ dir, room: await dir.room() })))
  const byRoom = rooms.toSorted((a, b) => (a.room === b.room ? 0 : b.room - a.room))
  const [best] = byRoom.filter(({ room }) => room >= (size ?? 1)).toSorted((a, b) => b.dir.priority - a.dir.priority)
  const chosen = best ?? (mustFit ? undefined : byRoom[0])
  if (!chosen) throw new StoreError('STORE_FULL', 'no data directory of the store has room for the image')
  return chosen.dir
}

/** Splits `path[:priority]` at its last colon. */
function parseEntry(entry: string): ConfiguredDir {
  const colon = entry.lastIndexOf(':')
  const [path, priority] = colon === -1 ? [entry, ''] : [entry.slice(0, colon), entry.slice(colon + 1)]
  if (!/^\d{0,9}$/.test(priority.trim()))
    throw wrong(`filesystem_store_datadirs: the priority of ${path} must be a whole number from 0`)
  return { path: pathOf(path.trim()), priority: Number(priority) }
}

function pathOf(path: string): string {
  if (!isAbsolute(path)) throw wrong(`the data directory ${JSON.stringify(path)} must be an absolute path`)
  if (/[\\\0]/.test(path) || !path.isWellFormed())
    throw wrong(`the data directory ${JSON.stringify(path)} must not contain backslashes, NUL or broken Unicode`)
  return resolve(path)
}

function wrong(message: string): StoreError {
  return new StoreError('BAD_CONFIGURATION', message)
}
