import type { FoundImage, Image, ImageChanges, ImageLocation } from '../domain/image.ts'
import type { ImageQuery } from '../domain/query.ts'

/** A new record: everything but what the repository sets. */
export type NewImage = Omit<Image, 'updatedAt'>

/**
 * The image records. Every method is one transaction: it happens wholly or not at all, and what it returned is durable.
 *
 * Deleted images (`status` deleted) are found by nobody but `isTaken`; images in `pending_delete` and `killed` are found by id.
 */
export interface Images {
  /** The record, whoever asks, with what `project` answered if it is shared with it. Null when there is none or it is deleted. */
  find(id: string, project: string | null): Promise<FoundImage | null>

  /** Whether an id is or was in use: deleted ids are taken until an operator purges them. */
  isTaken(id: string): Promise<boolean>

  /** @throws ServiceError CONFLICT when the id is taken ("Image ID X already exists!") */
  insert(image: NewImage): Promise<Image>

  /**
   * Changes a record by a decision on its present state.
   *
   * `decide` gets the record as it is now and returns what to change, synchronously and without side effects; it may be called again when
   * another writer was faster. What it throws ends the transaction without a change. Null changes nothing. `updatedAt` becomes `now` when
   * something changed. Of two changes at once each sees the result of the other.
   *
   * @returns the record after the change, or null when there is none or it is deleted
   */
  change(id: string, now: Date, decide: (image: Image) => ImageChanges | null): Promise<Image | null>

  /**
   * Marks a record deleted, with its properties, tags, members and locations. `decide` may throw to refuse, as with `change`.
   *
   * @returns the record as it was, or null when there was none
   */
  remove(id: string, now: Date, decide: (image: Image) => void): Promise<Image | null>

  /** One page in the order of the query. @throws ServiceError INVALID when the marker does not exist */
  list(query: ImageQuery): Promise<readonly FoundImage[]>

  /** Ids of all images in a state, oldest first, for maintenance. */
  idsInStatus(status: Image['status']): Promise<readonly string[]>

  /** Ids of all images that have a property of this name, oldest first, for maintenance. */
  idsWithProperty(name: string): Promise<readonly string[]>

  /** Ids of all images of which a location is being removed (`pending_delete`) while the image itself is not, oldest first, for maintenance. */
  idsWithPendingLocations(): Promise<readonly string[]>

  /** Ids of all images that have a location with exactly this URI, oldest first. */
  idsAt(url: string): Promise<readonly string[]>

  /**
   * Rewrites the locations of an image in place: their order stays, and so does `updatedAt`, for nothing changes that users see.
   *
   * @param rewrite - gets each location as it is now and returns it as it should be; synchronous and without side effects
   * @returns the record afterwards, or null when there is none or it is deleted
   */
  rewriteLocations(id: string, rewrite: (location: ImageLocation) => ImageLocation): Promise<Image | null>

  /** Whether the records can be reached now. @throws ServiceError UNAVAILABLE */
  check(): Promise<void>
}
