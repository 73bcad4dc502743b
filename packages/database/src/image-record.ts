import type { Image } from '@glance/service'
import type { Backend } from './backend.ts'
import { type ImageRow, imagesOf } from './image-rows.ts'
import type { Connection } from './transactions.ts'

/**
 * The row of an image that is not deleted, or null. One in `pending_delete` can be found even if its row is marked deleted.
 *
 * @param toWrite - whether the transaction will write: then others that will, too, wait for it
 */
export async function findRow(
  connection: Connection,
  backend: Backend,
  id: string,
  toWrite: boolean,
): Promise<ImageRow | null> {
  const row = await connection
    .selectFrom('images')
    .selectAll()
    .where('id', '=', id)
    .$if(toWrite && backend.rowLocks, (query) => query.forUpdate())
    .executeTakeFirst()
  if (row === undefined) return null
  const deleted = backend.values.readFlag(row.deleted)
  return deleted && row.status !== 'pending_delete' ? null : row
}

/** An image that is not deleted, held for the transaction that will change it or what belongs to it; or null. */
export async function imageToWrite(connection: Connection, backend: Backend, id: string): Promise<Image | null> {
  const row = await findRow(connection, backend, id, true)
  return row === null ? null : ((await imagesOf(connection, backend.values, [row]))[0] ?? null)
}
