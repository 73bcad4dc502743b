/** The states of an image. Which may follow which is the table in `status.ts`. */
export type ImageStatus =
  | 'queued'
  | 'saving'
  | 'uploading'
  | 'importing'
  | 'active'
  | 'deactivated'
  | 'killed'
  | 'pending_delete'
  | 'deleted'

/** Who may see an image besides its owner; the rules are in `visibility.ts`. */
export type Visibility = 'public' | 'community' | 'shared' | 'private'

/** What a project that an image is shared with answered. */
export type MemberStatus = 'pending' | 'accepted' | 'rejected'

/** Where a copy of the image data lies. */
export interface ImageLocation {
  /** The store's own URI of the data. Never shown to users but by the options that ask for it. */
  readonly url: string
  /** Facts that travel with the location; `store` names the store it lies in. Strings, lists and objects only. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly status: 'active' | 'pending_delete'
}

/**
 * An image record: what is known about one image. Immutable; changes are made by `Images.change`.
 *
 * Members keep the API's meaning (`/v2/images` in the Image API reference) under camelCase names. Times are UTC.
 */
export interface Image {
  readonly id: string
  readonly name: string | null
  readonly status: ImageStatus
  readonly visibility: Visibility
  /** Blocks deletion. */
  readonly protected: boolean
  /** Left out of lists unless asked for. */
  readonly hidden: boolean
  /** Project that owns it; null for images that an administrator made so. */
  readonly owner: string | null
  /** Bytes of the stored data, null before there are any. */
  readonly size: number | null
  /** Bytes of the disk inside, null when not known. */
  readonly virtualSize: number | null
  /** MD5 of the stored data, lower-case hex. */
  readonly checksum: string | null
  /** Name of the algorithm of `hashValue` as Python's hashlib spells it, e.g. `sha512`. */
  readonly hashAlgorithm: string | null
  readonly hashValue: string | null
  readonly diskFormat: string | null
  readonly containerFormat: string | null
  /** GB. */
  readonly minDisk: number
  /** MB. */
  readonly minRam: number
  readonly createdAt: Date
  readonly updatedAt: Date
  /** A set; the order says nothing. */
  readonly tags: readonly string[]
  /** Additional properties by name; a stored null shows as the empty text in the API. */
  readonly properties: ReadonlyMap<string, string | null>
  /** In the order in which they were added. */
  readonly locations: readonly ImageLocation[]
}

/** An image as one project meets it. */
export interface FoundImage {
  readonly image: Image
  /** What the asking project answered if the image is shared with it, else null. */
  readonly memberStatus: MemberStatus | null
}

/** Members that a change may set; absent ones stay as they are. */
export type ImageFieldChanges = Partial<
  Omit<Image, 'id' | 'createdAt' | 'updatedAt' | 'tags' | 'properties' | 'locations'>
>

/** What a decision makes of an image. Sets (`tags`, `properties`, `locations`) are given whole; absent ones stay. */
export interface ImageChanges extends ImageFieldChanges {
  readonly tags?: readonly string[]
  readonly properties?: ReadonlyMap<string, string | null>
  readonly locations?: readonly ImageLocation[]
}
