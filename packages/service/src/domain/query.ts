import type { ImageStatus, MemberStatus, Visibility } from './image.ts'

/** Members of an image that lists may be sorted by (Image API v2, "Sorting images"). */
export const sortKeys = [
  'name',
  'status',
  'container_format',
  'disk_format',
  'size',
  'id',
  'created_at',
  'updated_at',
] as const

/** One of `sortKeys`. */
export type SortKey = (typeof sortKeys)[number]

/** One step of the order of a list. */
export interface SortStep {
  readonly key: SortKey
  readonly direction: 'asc' | 'desc'
}

/** Columns that a filter may test. */
export type FilterField =
  | 'id'
  | 'name'
  | 'status'
  | 'container_format'
  | 'disk_format'
  | 'owner'
  | 'checksum'
  | 'os_hash_algo'
  | 'os_hash_value'
  | 'protected'
  | 'size'
  | 'virtual_size'
  | 'min_ram'
  | 'min_disk'
  | 'created_at'
  | 'updated_at'

/** A test on a column. `in` has any number of values, every other operator one. Values are of the column's type. */
export interface ImageFilter {
  readonly field: FilterField
  readonly operator: 'eq' | 'neq' | 'in' | 'lt' | 'lte' | 'gt' | 'gte'
  readonly values: readonly (string | number | boolean | Date)[]
}

/** Which images to list, completely: every default is filled in. */
export interface ImageQuery {
  /** Whose eyes: the rules of section "Visibility and access" apply to this project unless `admin`. */
  readonly viewer: { readonly project: string | null; readonly admin: boolean }
  /** Only this visibility; `all` also shows community images of others; null is the default list, without those. */
  readonly visibility: Visibility | 'all' | null
  /** Which images that are shared with the viewer join the list, by what the viewer answered. */
  readonly memberStatus: MemberStatus | 'all'
  /** False lists what is not hidden, true lists only what is. */
  readonly hidden: boolean
  readonly filters: readonly ImageFilter[]
  /** Additional properties that must have exactly these values. */
  readonly properties: ReadonlyMap<string, string>
  /** Tags that must all be there. */
  readonly tags: readonly string[]
  /** Complete order: ends with created_at and id, so that no two images are equal. Nulls sort as the empty text or 0. */
  readonly sort: readonly SortStep[]
  readonly limit: number
  /** Id of the image after which the page starts, or null. It exists and the viewer may see it. */
  readonly marker: string | null
}

/** States whose images never appear in a list. */
export const unlistedStatuses: readonly ImageStatus[] = ['killed', 'deleted', 'pending_delete']
