/**
 * The contract between a storage backend and the image service: what a vendor writes.
 *
 * A driver moves bytes and names failures. Hashing, counting, checks of sizes, limits, capabilities and arguments, error context and
 * metrics are done once, in `Store`, so a driver always gets complete, checked arguments. The sentences of these comments are duties;
 * `@glance/conformance` has a case for each. New members will be optional, so a driver written today keeps working.
 */
import type { StoreCapabilities } from './capabilities.ts'

/** The version of this contract; a definition states the one it was written against. */
export const contractVersion = 1

/** What may stand in the metadata of a location: strings, lists and objects of them (a rule of Glance's database). */
export type LocationMetadataValue =
  | string
  | readonly LocationMetadataValue[]
  | { readonly [name: string]: LocationMetadataValue }

/** Facts about a location that travel with it in the image record, e.g. the share an NFS file lies on. */
export type LocationMetadata = Readonly<Record<string, LocationMetadataValue>>

/** The project and the token of whoever makes a request, for backends that keep the data of each project in an account of its own. */
export interface Requester {
  /** Null for callers without a project (an administrator's maintenance, say). */
  readonly project: string | null
  /** A token of the identity service, good for as long as the request may last or less; null when there is none. A secret. */
  readonly token: string | null
}

/** Every call that waits takes these. */
export interface CallOptions {
  /** Fires when nobody wants the answer any more. The call then rejects with ABORTED (`cause: signal.reason`) as soon as it can. */
  readonly signal: AbortSignal
  /** On whose behalf the call is made; absent when the service makes it for itself. Only drivers with accounts of users look at it. */
  readonly requester?: Requester
}

/** How to add image data. */
export interface AddOptions extends CallOptions {
  /** Announced bytes, null when unknown. 0 means that the image is really empty. `Store` makes sure that the data keep to it. */
  readonly size: number | null
  /**
   * Digests of the data by algorithm (`md5`, `sha512`), in lower-case hex: complete once `data` have ended, empty before. Absent when nobody
   * hashes them. For backends that keep digests beside the data.
   */
  readonly digests?: ReadonlyMap<string, string>
}

/** Where new image data went. */
export interface AddResult {
  /** The location, an absolute URI in one of the definition's schemes, without any credential. The driver alone gives it meaning. */
  readonly location: string
  /** Bytes written. */
  readonly size: number
  /** What to keep beside the location; `{}` for most drivers. */
  readonly metadata: LocationMetadata
}

/** Which bytes to read. Offset 0 and length null ask for everything; others come only when `randomRead` is declared. */
export interface GetOptions extends CallOptions {
  /** First byte wanted, from 0. An offset at or past the end gives an empty body. */
  readonly offset: number
  /** Number of bytes wanted, null for all up to the end. More than there is gives what there is. */
  readonly length: number | null
}

/** Image data opened for reading. */
export interface StoredImage {
  /** Exactly the number of bytes that `body` will give, null when the backend cannot tell beforehand. */
  readonly size: number | null
  /**
   * The bytes, in order, read once. A chunk is the reader's until it asks for the next one: the driver may then fill the same memory
   * again. Ending early (`return()`) frees everything behind it, as does never reading and `close()` of the driver. A backend that
   * breaks off makes the body throw; a short body never ends as if it were whole.
   */
  readonly body: AsyncIterable<Uint8Array>
}

/** Image data in another store of the same driver. */
export interface CopySource {
  /** A location that the other store wrote. */
  readonly location: string
  /** Bytes that the record says are there. */
  readonly size: number
  /** The other store's driver, where it is open in this process and of the same copy of core: for drivers whose locations alone do not tell clusters or accounts apart. */
  readonly driver?: StoreDriver
}

/** How long and for what a direct URL is good. */
export interface DirectUrlOptions extends CallOptions {
  /** Seconds for which the URL works, at least 1. */
  readonly expiresIn: number
}

/** Who may reach the data directly in the backend (multi-tenant object stores). */
export interface Acls extends CallOptions {
  readonly public: boolean
  /** Projects that may read. */
  readonly read: readonly string[]
  /** Projects that may write. */
  readonly write: readonly string[]
}

/** One open connection to a storage backend. Its methods may run at the same time, in any number. */
export interface StoreDriver {
  /** What this store can do under its present options. Constant after open. */
  readonly capabilities: StoreCapabilities

  /**
   * Beginnings of the locations that belong to this store, e.g. `file:///srv/images/`. The longest match over all stores tells where a
   * location lies whose record names no store.
   */
  readonly locationPrefixes: readonly string[]

  /** Optional: facts of the backend that operators are told beside the options (`OptionFacts.told`), under Glance's names, e.g. `fsid`. No secret. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>

  /**
   * Stores image data under a new location.
   *
   * The image id must not exist in this store before: of two adds of one id exactly one succeeds, and the bytes that were there stay as
   * they were. Nothing is readable until the promise resolves, and then everything is durable. After a rejection or an abort nothing
   * remains, not even parts of an unfinished upload; what a killed process left is removed by the next `open` or is never visible.
   *
   * @param imageId - checked by `Store` (`assertImageId`): safe as one segment of a path, of an object name and of a URI
   * @param data - chunks of any length, none of them empty, read once and in order. **A chunk is the driver's only until it asks for the
   *   next one**: the memory is filled again then (and may be shared memory), so what has to outlive that is copied. A source that throws
   *   makes the add reject with what it threw, as it is. When the driver stops early it calls `return()` (a `for await` does).
   * @returns where it is and how many bytes were written
   * @throws StoreError ALREADY_EXISTS | STORE_FULL | WRITE_DENIED | FORBIDDEN | UNAVAILABLE | TIMEOUT | ABORTED | UNKNOWN
   */
  add(imageId: string, data: AsyncIterable<Uint8Array>, options: AddOptions): Promise<AddResult>

  /**
   * Opens image data for reading; resolves once the backend has found it.
   *
   * @throws StoreError NOT_FOUND | INVALID_LOCATION | FORBIDDEN | UNAVAILABLE | TIMEOUT | ABORTED | UNKNOWN
   */
  get(location: string, options: GetOptions): Promise<StoredImage>

  /**
   * Size in bytes of the data at a location, or null when the store cannot tell without reading it.
   *
   * @throws StoreError as `get`
   */
  getSize(location: string, options: CallOptions): Promise<number | null>

  /**
   * Removes image data. Readers that have it open keep reading or end with NOT_FOUND, as the backend does.
   *
   * @throws StoreError NOT_FOUND | INVALID_LOCATION | IN_USE | FORBIDDEN | UNAVAILABLE | TIMEOUT | ABORTED | UNKNOWN
   */
  delete(location: string, options: CallOptions): Promise<void>

  /** Releases every handle. May be called twice. Open readers and running adds end with ABORTED; later calls reject with ABORTED. */
  close(): Promise<void>

  /**
   * Optional, and wanted of every driver that adds: removes whatever an add of this id left that was never acknowledged, be it a whole image,
   * a temporary name or parts of an unfinished upload. Nothing to remove is no error. The server calls it at its start for images whose
   * upload a killed process did not finish; no record refers to data of this id in this store then, and no add of it is running.
   *
   * @throws StoreError FORBIDDEN | UNAVAILABLE | TIMEOUT | ABORTED
   */
  discard?(imageId: string, options: CallOptions): Promise<void>

  /**
   * Optional: asks the backend whether it would take a call now. Used for health; must be cheap.
   *
   * @throws StoreError UNAVAILABLE | FORBIDDEN | TIMEOUT | ABORTED
   */
  check?(options: CallOptions): Promise<void>

  /** Optional, declared by the capability `setAcls`: opens data in the backend to other projects. @throws StoreError as `delete` */
  setAcls?(location: string, acls: Acls): Promise<void>

  /**
   * Optional: a location as this driver would write it today, for records that older services wrote, e.g. without the credentials that
   * stood in it. Pure and quick. A location that it does not understand comes back as it is; what comes back must lead to the same data.
   */
  canonicalLocation?(location: string): string

  /**
   * Optional, declared by the capability `copy`: stores the data of another store of the same driver under a new location, within the backend and
   * without moving the bytes through this process. Duties as for `add`.
   *
   * @returns null when the backend cannot do it for this source (another cluster, another account); nothing was written then, and the caller adds the data itself
   * @throws StoreError as `add`, and NOT_FOUND when the source is gone, SIZE_MISMATCH when it has another size
   */
  copy?(imageId: string, source: CopySource, options: CallOptions): Promise<AddResult | null>

  /**
   * Optional, declared by the capability `directUrl`: a URL from which whoever has it can read the data, whole or in ranges, without a
   * credential, until it expires. The URL itself is a secret as long as it is good.
   *
   * @throws StoreError as `get`
   */
  directUrl?(location: string, options: DirectUrlOptions): Promise<string>
}
