import type SqliteDatabase from 'better-sqlite3'

/** How a database full of images is made. */
export interface ManyImages {
  readonly count: number
  readonly visibility: string
  readonly owner: string
  readonly idPrefix: string
}

/** Writes many live images straight into the tables, each a second older than the one before. */
export function writeManyImages(
  handle: SqliteDatabase.Database,
  { count, visibility, owner, idPrefix }: ManyImages,
): void {
  const insert = handle.prepare(`insert into images
    (id, name, status, created_at, updated_at, deleted, min_disk, min_ram, protected, visibility, os_hidden, owner)
    values (?, ?, 'active', ?, ?, 0, 0, 0, 0, ?, 0, ?)`)
  handle.exec('begin')
  for (let index = 0; index < count; index += 1) {
    const at = new Date(Date.UTC(2024, 0, 1) - index * 1000).toISOString().replace('T', ' ').replace('Z', '000')
    // Names come in another order than times.
    const name = `name ${(index * 7919) % count}`
    insert.run(`${idPrefix}${String(index).padStart(10, '0')}`, name, at, at, visibility, owner)
  }
  handle.exec('commit')
}
