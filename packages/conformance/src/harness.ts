/**
 * What the author of a driver gives to the suite: a way to a working backend, and to some broken ones.
 *
 * `definition` and `options` are enough for a driver that adds. Every further member lets the suite ask more; a case that lacks one says so
 * in its result. The suite calls nothing before a case runs, and nothing after it but `release`.
 */
import type { DriverDefinition } from '@glance/core'

/** Options as they come from a configuration: by own or Glance's names, as text or typed. */
export type RawOptions = Readonly<Record<string, unknown>>

/** How the suite reaches a driver and its backend. */
export interface Harness {
  /** The default export of the driver's module. */
  readonly definition: DriverDefinition

  /**
   * Options of a working, empty store that nobody else uses: each call makes room for a new one (a temporary directory, a new bucket or
   * prefix). Called once or twice in a case; the same options are used again to open the same store a second time.
   */
  options(): Promise<RawOptions>

  /** Removes what `options` made. Called at the end of the case, after every store on it was closed. */
  release?(options: RawOptions): Promise<void>

  /**
   * Largest image that the suite may store, in bytes; 8 MiB when left out. Cases that make no sense below a size are then not applicable.
   * A smaller `maxImageBytes` of the store counts as well.
   */
  readonly maxPayloadBytes?: number

  /**
   * Longest time in milliseconds that one call may take before the suite says that it hangs; 4000 when left out, which is below the
   * time-outs of the usual runners. Raise both for a slow backend.
   */
  readonly patienceMs?: number

  /** Mixed into the seed of every payload; 1 when left out. The bytes of a case are the same in each run. */
  readonly seed?: number

  /** True when the data end with the store that holds them (memory). Then no case expects to find them after it was opened again. */
  readonly volatile?: boolean

  /**
   * Names of everything that is in the backend behind these options, looked up without the driver: objects, segments, unfinished uploads,
   * temporary names; not the fixed furniture that a store makes for itself (a directory, a bucket, a label). This is the only way to see
   * what a failed upload left behind, so give it whenever the backend can be listed.
   */
  leftovers?(options: RawOptions): Promise<readonly string[]>

  /** Options with which the driver finds its backend down, e.g. a port where nobody listens. The driver may notice at `open` or later. */
  unreachable?(): Promise<RawOptions>

  /** Needed by a driver that does not add: other ways for image data to get into its backend. */
  readonly prepared?: PreparedBackend
}

/** Out-of-band access to the backend of a driver that does not add. */
export interface PreparedBackend {
  /** Puts bytes where the driver can read them. @returns the location to read them from */
  place(imageId: string, bytes: Uint8Array, options: RawOptions): Promise<string>
  /** A location that is well formed and reachable, and has no data. */
  missing(options: RawOptions): Promise<string>
  /** A location whose backend is down, used with the options of `Harness.unreachable`. */
  away?(options: RawOptions): Promise<string>
}
