import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The mark that a store leaves in its directories. */
const mark = '.glance-store'

/** Paths of everything in directories but their marks, in order. */
export async function imageFiles(...directories: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const directory of directories) {
    const names = (await readdir(directory)).filter((name) => name !== mark)
    found.push(...names.map((name) => join(directory, name)))
  }
  return found.sort()
}
