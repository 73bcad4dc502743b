/** The bytes of one upload, announced or received so far, whichever are more. */
export interface RunningUpload {
  readonly owner: string | null
  bytes: number
}

/**
 * The bytes that uploads of this process are about to add, by owner.
 *
 * They count against a quota from the start of the upload until its bytes are in the records or gone from the store: several uploads at once cannot pass together what each would keep alone, and
 * deleting an image whose upload still runs frees nothing before its bytes are really gone (OSSA-2015-003).
 */
export class RunningBytes {
  readonly #running = new Set<RunningUpload>()

  /** Notes an upload; `end` must be called however it ended. */
  begin(owner: string | null, bytes: number): RunningUpload {
    const upload = { owner, bytes }
    this.#running.add(upload)
    return upload
  }

  end(upload: RunningUpload): void {
    this.#running.delete(upload)
  }

  /** Bytes of the uploads of an owner. @param except - one that does not count, or null */
  of(owner: string | null, except: RunningUpload | null): number {
    let bytes = 0
    for (const upload of this.#running) if (upload.owner === owner && upload !== except) bytes += upload.bytes
    return bytes
  }
}
