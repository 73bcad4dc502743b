/**
 * The tables of a Glance database, as kysely sees them.
 *
 * Names and columns are Glance's own (its `db sync` of Wallaby and later makes them), because an operator may go back to it at any time.
 * Times and booleans look different in each database system: here they are opaque, and `Values` of the backend turns them into ours.
 */
import type { ColumnType, Generated } from 'kysely'

/** A time as the database holds it: text in SQLite, a date in others. Only `Values` looks inside. */
export type StoredTime = string | Date

/** A boolean as the database holds it. Only `Values` looks inside. */
export type StoredFlag = number | boolean

/** When a row was made, last changed and softly deleted. `deleted_at` is set when and only when `deleted` is. */
interface SoftDeleted {
  created_at: StoredTime
  updated_at: StoredTime | null
  deleted_at: StoredTime | null
  deleted: StoredFlag
}

/** When a row was made and last changed, in tables that delete for real. */
interface Timed {
  created_at: StoredTime
  updated_at: StoredTime | null
}

/** One image. */
export interface ImagesTable extends SoftDeleted {
  id: string
  name: string | null
  size: number | null
  status: string
  disk_format: string | null
  container_format: string | null
  checksum: string | null
  owner: string | null
  min_disk: number
  min_ram: number
  protected: ColumnType<StoredFlag, StoredFlag | undefined, StoredFlag>
  virtual_size: number | null
  visibility: ColumnType<string, string | undefined, string>
  os_hidden: ColumnType<StoredFlag, StoredFlag | undefined, StoredFlag>
  os_hash_algo: string | null
  os_hash_value: string | null
}

/** An additional property. Unique on image and name, deleted or not. */
export interface ImagePropertiesTable extends SoftDeleted {
  id: Generated<number>
  image_id: string
  name: string
  value: string | null
}

/** A tag. The same tag may have deleted rows besides the live one. */
export interface ImageTagsTable extends SoftDeleted {
  id: Generated<number>
  image_id: string
  value: string
}

/** Where data of an image lies. `meta_data` is JSON text. */
export interface ImageLocationsTable extends SoftDeleted {
  id: Generated<number>
  image_id: string
  value: string
  meta_data: string | null
  status: ColumnType<string, string | undefined, string>
}

/** A project that an image is shared with. */
export interface ImageMembersTable extends SoftDeleted {
  id: Generated<number>
  image_id: string
  member: string
  can_share: StoredFlag
  status: ColumnType<string, string | undefined, string>
}

/** A task. `task_info` has its long texts. */
export interface TasksTable extends SoftDeleted {
  id: string
  type: string
  status: string
  owner: string
  expires_at: StoredTime | null
  image_id: string | null
  request_id: string | null
  user_id: string | null
}

/** Input and outcome of a task; JSON text. */
export interface TaskInfoTable {
  task_id: string
  input: string | null
  result: string | null
  message: string | null
}

/** A namespace of metadata definitions. */
export interface MetadefNamespacesTable extends Timed {
  id: Generated<number>
  namespace: string
  display_name: string | null
  description: string | null
  visibility: string | null
  protected: StoredFlag | null
  owner: string
}

/** A kind of resource that definitions may apply to. */
export interface MetadefResourceTypesTable extends Timed {
  id: Generated<number>
  name: string
  protected: StoredFlag
}

/** Which namespace applies to which kind of resource. */
export interface MetadefNamespaceResourceTypesTable extends Timed {
  resource_type_id: number
  namespace_id: number
  properties_target: string | null
  prefix: string | null
}

/** An object definition. */
export interface MetadefObjectsTable extends Timed {
  id: Generated<number>
  namespace_id: number
  name: string
  description: string | null
  required: string | null
  json_schema: string
}

/** A property definition. */
export interface MetadefPropertiesTable extends Timed {
  id: Generated<number>
  namespace_id: number
  name: string
  json_schema: string
}

/** A tag definition. */
export interface MetadefTagsTable extends Timed {
  id: Generated<number>
  namespace_id: number
  name: string
}

/** A server that has an image cache. */
export interface NodeReferenceTable {
  node_reference_id: Generated<number>
  node_reference_url: string
}

/** An image in the cache of one server. */
export interface CachedImagesTable {
  id: Generated<number>
  image_id: string
  last_accessed: StoredTime
  last_modified: StoredTime
  size: number
  hits: number
  checksum: string | null
  node_reference_id: number
}

/** Every table by name. */
export interface Tables {
  alembic_version: { version_num: string }
  images: ImagesTable
  image_properties: ImagePropertiesTable
  image_tags: ImageTagsTable
  image_locations: ImageLocationsTable
  image_members: ImageMembersTable
  tasks: TasksTable
  task_info: TaskInfoTable
  metadef_namespaces: MetadefNamespacesTable
  metadef_resource_types: MetadefResourceTypesTable
  metadef_namespace_resource_types: MetadefNamespaceResourceTypesTable
  metadef_objects: MetadefObjectsTable
  metadef_properties: MetadefPropertiesTable
  metadef_tags: MetadefTagsTable
  node_reference: NodeReferenceTable
  cached_images: CachedImagesTable
}
