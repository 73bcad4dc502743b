/**
 * The port between the driver and Ceph: what of librados and librbd is used, one method for each native call.
 *
 * `librbd.ts` implements it by the real libraries; tests have one in memory that fails on demand. Methods reject with `RbdError` alone. A native call cannot be interrupted, so no method takes a
 * signal: whoever waits gives up waiting, and memory given to a call stays taken until the call ends.
 */

/** A native call that failed. */
export class RbdError extends Error {
  override readonly name = 'RbdError'
  /** The name of the errno, e.g. `ENOENT`. */
  readonly errno: string
  /** The native call, e.g. `rbd_open`. */
  readonly call: string

  constructor(call: string, errno: string) {
    super(`${call} failed with ${errno}`)
    this.errno = errno
    this.call = call
  }
}

/** Whether a value is an `RbdError` of one of these errnos. */
export function failedWith(error: unknown, ...errnos: readonly string[]): error is RbdError {
  return error instanceof RbdError && errnos.includes(error.errno)
}

/** What it takes to connect. */
export interface RbdConnectSettings {
  /** Path of the configuration file; null for the places where the library looks by itself. */
  readonly conf: string | null
  /** User without `client.`; null for the library's default. */
  readonly user: string | null
  readonly pool: string
  /** Seconds; 0 for no limit, null for what the configuration says. */
  readonly connectTimeout: number | null
}

/** A connection to a cluster, working in one pool. */
export interface RbdClient {
  readonly fsid: string
  /** Makes an image of `size` bytes in objects of 2^`order` bytes. EEXIST when the name is taken. */
  create(image: string, size: number, order: number): Promise<void>
  /** Opens an image at its head, or at a snapshot. ENOENT when there is none. */
  open(image: string, how: RbdOpen): Promise<RbdImage>
  /** Removes an image. EBUSY while somebody has it open for writing or watches it, ENOTEMPTY while it has snapshots, ENOENT. */
  remove(image: string): Promise<void>
  /** Takes the name from an image and puts it into the trash of the pool. EBUSY, ENOENT. */
  moveToTrash(image: string): Promise<void>
  /** Asks the pool for something small. */
  ping(): Promise<void>
  /** Waits for everything that runs, then disconnects. May be called twice. Later calls reject with ESHUTDOWN. */
  close(): Promise<void>
}

/** How an image is opened. */
export interface RbdOpen {
  /** Null for the head, which can be written. */
  readonly snapshot: string | null
  /** A watched image cannot be removed by anybody meanwhile; needed for reading as well, since what is removed reads as zeros. */
  readonly watch: boolean
  /** Another pool than the connection's. */
  readonly pool?: string
}

/** An open image. Reads and writes may run at the same time, in any number. */
export interface RbdImage {
  /** Bytes when it was opened. */
  readonly size: number
  /** Fills `into` from an offset; EIO when there is less. `into` belongs to the call until it settles. */
  read(into: Uint8Array<ArrayBuffer>, offset: number): Promise<void>
  /** Durable when it resolves. `bytes` belong to the call until it settles. EINVAL behind the end of the image. */
  write(bytes: Uint8Array<ArrayBuffer>, offset: number): Promise<void>
  /** Changes the size; what is cut off is gone. */
  resize(size: number): Promise<void>
  snapshots(): Promise<readonly string[]>
  createSnapshot(name: string): Promise<void>
  /** Makes a snapshot one that can be cloned and not removed. EBUSY when it is protected already. */
  protectSnapshot(name: string): Promise<void>
  /** EBUSY while there are clones of it, EINVAL when it is not protected. */
  unprotectSnapshot(name: string): Promise<void>
  /** EBUSY when it is protected. A snapshot with clones (of format 2) stays hidden in the image, whose removal is ENOTEMPTY then. */
  removeSnapshot(name: string): Promise<void>
  /** How many have it open with a watch, this one included. */
  watchers(): Promise<number>
  /** Waits for reads and writes that run, then closes. May be called twice. */
  close(): Promise<void>
}
