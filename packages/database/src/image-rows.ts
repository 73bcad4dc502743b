import type { Image, ImageFieldChanges, ImageStatus, NewImage, Visibility } from '@glance/service'
import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Values } from './backend.ts'
import { readLocations } from './locations.ts'
import { readProperties } from './properties.ts'
import type { ImagesTable } from './schema.ts'
import { readTags } from './tags.ts'
import { assertStorable } from './text.ts'
import type { Connection } from './transactions.ts'

/** A row of `images` as it is read. */
export type ImageRow = Selectable<ImagesTable>

type Field = keyof ImageFieldChanges

/** The column of each member of an image that a change may set. */
const columns = {
  name: 'name',
  status: 'status',
  visibility: 'visibility',
  protected: 'protected',
  hidden: 'os_hidden',
  owner: 'owner',
  size: 'size',
  virtualSize: 'virtual_size',
  checksum: 'checksum',
  hashAlgorithm: 'os_hash_algo',
  hashValue: 'os_hash_value',
  diskFormat: 'disk_format',
  containerFormat: 'container_format',
  minDisk: 'min_disk',
  minRam: 'min_ram',
} as const satisfies Record<Field, keyof ImagesTable>

/** `Object.keys` forgets the names; the table above has exactly these. */
const fields = Object.keys(columns) as readonly Field[]

/**
 * The columns in which changes differ from the present record; empty when nothing does.
 *
 * @throws ServiceError INVALID for text that cannot be stored as it is
 */
export function changedColumns(values: Values, present: Image, changes: ImageFieldChanges): Updateable<ImagesTable> {
  return Object.fromEntries(
    fields
      .filter((field) => changes[field] !== undefined && changes[field] !== present[field])
      .map((field) => [columns[field], stored(values, changes[field])]),
  )
}

/** The row of a new image; its tags, properties and locations are rows of their own. */
export function newRow(values: Values, image: NewImage): Insertable<ImagesTable> {
  assertStorable(image.id)
  for (const field of fields) stored(values, image[field])
  const at = values.time(image.createdAt)
  return {
    id: image.id,
    name: image.name,
    size: image.size,
    status: image.status,
    created_at: at,
    updated_at: at,
    deleted_at: null,
    deleted: values.flag(false),
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    checksum: image.checksum,
    owner: image.owner,
    min_disk: image.minDisk,
    min_ram: image.minRam,
    protected: values.flag(image.protected),
    virtual_size: image.virtualSize,
    visibility: image.visibility,
    os_hidden: values.flag(image.hidden),
    os_hash_algo: image.hashAlgorithm,
    os_hash_value: image.hashValue,
  }
}

/** The records of rows, in their order, with tags, properties and locations: one query for each of the three, however many rows. */
export async function imagesOf(connection: Connection, values: Values, rows: readonly ImageRow[]): Promise<Image[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.id)
  const tags = await readTags(connection, values, ids)
  const properties = await readProperties(connection, values, ids)
  const locations = await readLocations(connection, values, ids)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    // Glance writes no other words; one that it did write must reach the user as it is.
    status: row.status as ImageStatus,
    visibility: row.visibility as Visibility,
    protected: values.readFlag(row.protected),
    hidden: values.readFlag(row.os_hidden),
    owner: row.owner,
    size: row.size,
    virtualSize: row.virtual_size,
    checksum: row.checksum,
    hashAlgorithm: row.os_hash_algo,
    hashValue: row.os_hash_value,
    diskFormat: row.disk_format,
    containerFormat: row.container_format,
    minDisk: row.min_disk,
    minRam: row.min_ram,
    createdAt: values.readTime(row.created_at),
    updatedAt: values.readTime(row.updated_at ?? row.created_at),
    tags: [...(tags.get(row.id) ?? [])],
    properties: properties.get(row.id) ?? new Map(),
    locations: locations.get(row.id) ?? [],
  }))
}

function stored(values: Values, value: Image[Field] | undefined): unknown {
  if (typeof value === 'string') assertStorable(value)
  return typeof value === 'boolean' ? values.flag(value) : value
}
