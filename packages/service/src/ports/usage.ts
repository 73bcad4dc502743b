/**
 * What a project uses, counted in the image records as they are now. Deleted and killed images count for nothing, images that wait for their deletion as long as they are there.
 *
 * An owner of null means the images that no project owns.
 */
export interface Usage {
  /** Bytes in stores: of each image its size times its locations. @param except - id of an image that does not count, or null */
  storedBytes(owner: string | null, except: string | null): Promise<number>

  /** Bytes in staging areas: images that are being uploaded there or imported, and those whose data are being copied into more stores. */
  stagedBytes(owner: string | null): Promise<number>

  /** Images in any state. */
  imageCount(owner: string | null): Promise<number>

  /** Images that get data: in state saving, uploading or importing, or being copied into more stores. */
  uploadingCount(owner: string | null): Promise<number>
}
