/**
 * Shapes of the Image API v2 as they travel on the wire.
 *
 * Member names stay in snake_case so that what a program prints, compares or stores equals what the service sent.
 */

/** Any value JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue }

/** Life-cycle state of an image; the service alone changes it. */
export type ImageStatus =
  | 'queued'
  | 'saving'
  | 'uploading'
  | 'importing'
  | 'active'
  | 'deactivated'
  | 'killed'
  | 'deleted'
  | 'pending_delete'

/** Who sees an image. */
export type ImageVisibility = 'public' | 'community' | 'shared' | 'private'

/** One place where image data lies. Shown only by services that are configured to do so. */
export interface ImageLocation {
  readonly url: string
  readonly metadata: { readonly [name: string]: JsonValue }
}

/** Hashes that image data are known to have. */
export interface LocationHashes {
  /** Name of the algorithm of `value`, as `os_hash_algo` has it. */
  readonly algorithm: string
  /** Hexadecimal. */
  readonly value: string
  /** MD5 in hexadecimal. */
  readonly checksum?: string
}

/** A location to give a queued image. */
export interface NewLocation {
  readonly url: string
  /** sha512, sha256, sha1 or md5 of the data, for the service to compare. */
  readonly hash?: Omit<LocationHashes, 'checksum'>
}

/**
 * An image record.
 *
 * Members the service does not know by itself are custom properties: strings that lie beside the others.
 * `size` and `virtual_size` are bytes, `min_ram` is MB, `min_disk` is GB, `checksum` is MD5 in hexadecimal.
 */
export interface Image {
  readonly id: string
  readonly name: string | null
  readonly status: ImageStatus
  readonly visibility: ImageVisibility
  readonly protected: boolean
  readonly os_hidden: boolean
  readonly checksum: string | null
  readonly os_hash_algo: string | null
  readonly os_hash_value: string | null
  readonly owner: string | null
  readonly size: number | null
  readonly virtual_size: number | null
  readonly container_format: string | null
  readonly disk_format: string | null
  readonly min_ram: number
  readonly min_disk: number
  readonly created_at: string
  readonly updated_at: string
  readonly tags: readonly string[]
  readonly self: string
  readonly file: string
  readonly schema: string
  readonly direct_url?: string
  readonly locations?: readonly ImageLocation[]
  /** Comma-separated ids of the stores that hold the data. */
  readonly stores?: string
  readonly [property: string]: unknown
}

/** What a caller may give when a record is created. Everything has a default in the service; other names are custom properties. */
export interface NewImage {
  readonly id?: string
  readonly name?: string | null
  readonly visibility?: ImageVisibility
  readonly protected?: boolean
  readonly os_hidden?: boolean
  readonly owner?: string
  readonly container_format?: string | null
  readonly disk_format?: string | null
  readonly min_ram?: number
  readonly min_disk?: number
  readonly tags?: readonly string[]
  readonly [property: string]: JsonValue | undefined
}

/** One step of a JSON patch of media type `application/openstack-images-v2.1-json-patch`. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }

/** What a project answered to an image that is shared with it. Only what it accepted is in its lists. */
export type MemberStatus = 'pending' | 'accepted' | 'rejected'

/** A project that an image is shared with. */
export interface ImageMember {
  readonly member_id: string
  readonly image_id: string
  readonly status: MemberStatus
  readonly created_at: string
  readonly updated_at: string
  readonly schema: string
}

/** A store as `GET /v2/info/stores` shows it. The flags are the text `"true"` or absent. */
export interface StoreInfo {
  readonly id: string
  readonly description?: string
  readonly default?: 'true'
  readonly 'read-only'?: 'true'
}

/** A store as `GET /v2/info/stores/detail` shows it to administrators. */
export interface StoreDetail extends StoreInfo {
  readonly type: string
  readonly weight?: number
  readonly properties?: { readonly [name: string]: JsonValue }
}

/** A JSON schema document of the service. */
export interface SchemaDocument {
  readonly name: string
  readonly properties: { readonly [name: string]: { readonly [keyword: string]: JsonValue } }
  readonly [keyword: string]: unknown
}

/** One version of the API that the service offers. */
export interface ApiVersion {
  readonly id: string
  readonly status: string
  readonly links: readonly { readonly rel: string; readonly href: string }[]
}
