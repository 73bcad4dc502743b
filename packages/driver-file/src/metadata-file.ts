import { readFile } from 'node:fs/promises'
import { sep } from 'node:path'
import { type LocationMetadata, type LocationMetadataValue, StoreError } from '@glance/core'

/** An entry of a metadata file: facts about a mount point, told with every location on it. */
export type MetadataEntry = LocationMetadata & { readonly id: string; readonly mountpoint: string }

/** Reads a metadata file: one entry or a list. @throws StoreError BAD_CONFIGURATION saying what is wrong with it */
export async function readMetadataFile(path: string): Promise<readonly MetadataEntry[]> {
  const wrong = (why: string, cause?: unknown): StoreError =>
    new StoreError('BAD_CONFIGURATION', `filesystem_store_metadata_file ${path} ${why}`, { cause })
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw wrong('cannot be read', error)
  })
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw wrong('is not JSON', error)
  }
  return (Array.isArray(parsed) ? parsed : [parsed]).map((entry: unknown, index) => {
    if (!isMetadata(entry) || typeof entry['id'] !== 'string' || typeof entry['mountpoint'] !== 'string') {
      throw wrong(`entry ${index + 1} needs id and mountpoint as texts, and nothing but texts, lists and objects`)
    }
    return { ...entry, id: entry['id'], mountpoint: entry['mountpoint'] }
  })
}

/** The facts for a file: those of the longest mount point that it lies under; none when there is no such entry. A copy, so that nobody changes the table. */
export function metadataFor(entries: readonly MetadataEntry[], path: string): LocationMetadata {
  const [best] = entries
    .filter(({ mountpoint }) => path.startsWith(mountpoint.endsWith(sep) ? mountpoint : `${mountpoint}${sep}`))
    .toSorted((a, b) => b.mountpoint.length - a.mountpoint.length)
  return best ? structuredClone(best) : {}
}

function isMetadata(value: unknown): value is LocationMetadata {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isMetadataValue)
  )
}

function isMetadataValue(value: unknown): value is LocationMetadataValue {
  return typeof value === 'string' || (Array.isArray(value) ? value.every(isMetadataValue) : isMetadata(value))
}
