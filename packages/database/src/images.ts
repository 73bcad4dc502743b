import {
  type FoundImage,
  type Image,
  type ImageChanges,
  type ImageLocation,
  type ImageQuery,
  type ImageStatus,
  type Images,
  type NewImage,
  ServiceError,
} from '@glance/service'
import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Backend } from './backend.ts'
import { pageOfIds, positionFromRow, positionOf } from './image-query.ts'
import { findRow, imageToWrite } from './image-record.ts'
import { changedColumns, type ImageRow, imagesOf, newRow } from './image-rows.ts'
import { laterThan } from './later-than.ts'
import { isLive } from './live.ts'
import { rewriteLocations, writeLocations } from './locations.ts'
import { readMemberStatuses, removeMembers } from './members.ts'
import { writeProperties } from './properties.ts'
import { fewImages } from './rare-filters.ts'
import { writeTags } from './tags.ts'
import type { Connection, Transactions } from './transactions.ts'

/** The image records of a Glance database: the port `Images` of the service. */
export class DatabaseImages implements Images {
  readonly #transactions: Transactions
  readonly #backend: Backend

  constructor(transactions: Transactions, backend: Backend) {
    this.#transactions = transactions
    this.#backend = backend
  }

  find(id: string, project: string | null): Promise<FoundImage | null> {
    return this.#transactions.read(async (connection) => {
      const row = await findRow(connection, this.#backend, id, false)
      return row === null ? null : ((await this.#found(connection, [row], project))[0] ?? null)
    })
  }

  isTaken(id: string): Promise<boolean> {
    return this.#transactions.read(async (connection) => {
      const row = await connection.selectFrom('images').select('id').where('id', '=', id).executeTakeFirst()
      return row !== undefined
    })
  }

  insert(image: NewImage): Promise<Image> {
    const { values } = this.#backend
    return this.#transactions.write(async (connection) => {
      try {
        await connection.insertInto('images').values(newRow(values, image)).execute()
      } catch (error) {
        if (this.#backend.failureOf(error)?.kind !== 'duplicate') throw error
        throw new ServiceError('CONFLICT', `Image ID ${image.id} already exists!`, { cause: error })
      }
      const now = image.createdAt
      await writeTags(connection, values, image.id, [], image.tags, now)
      await writeProperties(connection, values, image.id, new Map(), image.properties, now)
      await writeLocations(connection, values, image.id, image.locations, now)
      return await this.#reread(connection, image.id)
    })
  }

  change(id: string, now: Date, decide: (image: Image) => ImageChanges | null): Promise<Image | null> {
    const { values } = this.#backend
    return this.#transactions.write(async (connection) => {
      const image = await imageToWrite(connection, this.#backend, id)
      if (image === null) return null
      const changes = decide(image)
      if (changes === null) return image
      if (changes.status === 'deleted') throw new TypeError('an image is deleted by remove, not by change')
      const at = laterThan(image.updatedAt, now)
      const columns = changedColumns(values, image, changes)
      const tags = changes.tags !== undefined && (await writeTags(connection, values, id, image.tags, changes.tags, at))
      const properties =
        changes.properties !== undefined &&
        (await writeProperties(connection, values, id, image.properties, changes.properties, at))
      const locations =
        changes.locations !== undefined && (await writeLocations(connection, values, id, changes.locations, at))
      if (Object.keys(columns).length === 0 && !tags && !properties && !locations) return image
      await connection
        .updateTable('images')
        .set({ ...columns, updated_at: values.time(at) })
        .where('id', '=', id)
        .execute()
      return await this.#reread(connection, id)
    })
  }

  remove(id: string, now: Date, decide: (image: Image) => void): Promise<Image | null> {
    const { values } = this.#backend
    return this.#transactions.write(async (connection) => {
      const image = await imageToWrite(connection, this.#backend, id)
      if (image === null) return null
      decide(image)
      const at = values.time(laterThan(image.updatedAt, now))
      const gone = { deleted: values.flag(true), deleted_at: at, updated_at: at }
      await connection
        .updateTable('images')
        .set({ ...gone, status: 'deleted' })
        .where('id', '=', id)
        .execute()
      for (const table of ['image_properties', 'image_tags'] as const) {
        await connection.updateTable(table).set(gone).where('image_id', '=', id).where(isLive(values, table)).execute()
      }
      await removeMembers(connection, values, id, laterThan(image.updatedAt, now))
      await connection
        .updateTable('image_locations')
        .set({ ...gone, status: 'deleted' })
        .where('image_id', '=', id)
        .where(isLive(values, 'image_locations'))
        .execute()
      return image
    })
  }

  async list(query: ImageQuery): Promise<readonly FoundImage[]> {
    const { values } = this.#backend
    return await this.#transactions.read(async (connection) => {
      const after = query.marker === null ? null : await this.#position(connection, query, query.marker)
      const few = query.limit <= 0 ? null : await fewImages(connection, this.#backend, query)
      const page = query.limit <= 0 ? null : pageOfIds(values, query, after, few)
      const ids = page === null ? [] : (await page.execute(connection)).rows.map(({ id }) => id)
      if (ids.length === 0) return []
      const rows = await connection.selectFrom('images').selectAll().where('id', 'in', ids).execute()
      const byId = new Map(rows.map((row) => [row.id, row]))
      const inOrder = ids.map((id) => byId.get(id)).filter((row) => row !== undefined)
      return await this.#found(connection, inOrder, query.viewer.project)
    })
  }

  idsInStatus(status: ImageStatus): Promise<readonly string[]> {
    return this.#transactions.read(async (connection) => {
      const rows = await connection
        .selectFrom('images')
        .select('id')
        .where('status', '=', status)
        .orderBy('created_at')
        .orderBy('id')
        .execute()
      return rows.map(({ id }) => id)
    })
  }

  idsWithProperty(name: string): Promise<readonly string[]> {
    return this.#idsOf(
      'image_properties',
      ({ values }) => sql<SqlBool>`owned.name = ${name} and ${isLive(values, 'owned')}`,
    )
  }

  idsWithPendingLocations(): Promise<readonly string[]> {
    const pending = 'pending_delete'
    return this.#idsOf(
      'image_locations',
      ({ values }) =>
        sql<SqlBool>`owned.status = ${pending} and images.status <> ${pending} and ${isLive(values, 'owned')}`,
    )
  }

  idsAt(url: string): Promise<readonly string[]> {
    return this.#idsOf(
      'image_locations',
      ({ values }) => sql<SqlBool>`owned.value = ${url} and ${isLive(values, 'owned')}`,
    )
  }

  rewriteLocations(id: string, rewrite: (location: ImageLocation) => ImageLocation): Promise<Image | null> {
    return this.#transactions.write(async (connection) => {
      const image = await imageToWrite(connection, this.#backend, id)
      if (image === null) return null
      await rewriteLocations(connection, this.#backend.values, id, rewrite)
      return await this.#reread(connection, id)
    })
  }

  async check(): Promise<void> {
    await this.#transactions.read(async (connection) => {
      await connection.selectFrom('images').select('id').limit(1).execute()
    })
  }

  /** Ids of live images, oldest first, of which a row (`owned`) of another table fits. */
  #idsOf(
    table: 'image_properties' | 'image_locations',
    fits: (backend: Backend) => RawBuilder<SqlBool>,
  ): Promise<readonly string[]> {
    return this.#transactions.read(async (connection) => {
      const query = sql<{ id: string }>`
        select distinct images.id, images.created_at from images join ${sql.table(table)} as owned on owned.image_id = images.id
        where ${fits(this.#backend)} and ${isLive(this.#backend.values, 'images')} order by images.created_at, images.id`
      return (await query.execute(connection)).rows.map(({ id }) => id)
    })
  }

  async #position(connection: Connection, query: ImageQuery, marker: string): Promise<readonly unknown[]> {
    const row = (await positionOf(this.#backend.values, query, marker).execute(connection)).rows[0]
    if (row === undefined) throw new ServiceError('INVALID', `Marker ${marker} could not be found`)
    return positionFromRow(query, row)
  }

  /** The record as it is stored now, so that what a caller gets is what the next reader will get. */
  async #reread(connection: Connection, id: string): Promise<Image> {
    const image = await imageToWrite(connection, this.#backend, id)
    if (image === null) throw new Error('an image vanished inside its own transaction')
    return image
  }

  async #found(connection: Connection, rows: readonly ImageRow[], project: string | null): Promise<FoundImage[]> {
    const images = await imagesOf(connection, this.#backend.values, rows)
    const statuses = await readMemberStatuses(connection, this.#backend.values, images, project)
    return images.map((image) => ({ image, memberStatus: statuses.get(image.id) ?? null }))
  }
}
