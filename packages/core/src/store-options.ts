import type { LocationMetadata, Requester } from './driver.ts'
import type { Logger } from './log.ts'

/** How a store is set up beside its driver's options. */
export interface StoreSettings {
  /** The identifier that the operator gave it. */
  readonly id: string
  /** For users, in the list of stores. */
  readonly description?: string | null
  /** Of several copies the one in the heaviest store is read first. */
  readonly weight?: number
  /** Takes no new image data, whatever the driver can do. */
  readonly readOnly?: boolean
  readonly logger?: Logger
  readonly signal?: AbortSignal
  /** Longest wait for the backend to give the next piece of a read, in milliseconds; 0 for ever. Default 15 minutes. */
  readonly idleMs?: number
  /** How long after a failed opening the next one is tried, in milliseconds. Default 2 seconds. */
  readonly reopenAfterMs?: number
}

/** Options of every call. */
export interface StoreCallOptions {
  readonly signal?: AbortSignal
  /** On whose behalf the call is made; see `CallOptions.requester`. */
  readonly requester?: Requester
}

/** How to store image data. */
export interface StoreAddOptions extends StoreCallOptions {
  /** Announced bytes; null or absent when unknown. The data must keep to it. */
  readonly size?: number | null
  /** Most bytes that are taken; null or absent for no limit. */
  readonly limit?: number | null
  /** Algorithm of `hashValue`, as hashlib spells it. Default sha512. */
  readonly hashAlgorithm?: string
}

/** What is known of image data that were stored. */
export interface StoredData {
  readonly location: string
  readonly metadata: LocationMetadata
  /** Bytes. */
  readonly size: number
  /** MD5 in lower-case hex. */
  readonly checksum: string
  readonly hashAlgorithm: string
  /** Lower-case hex. */
  readonly hashValue: string
}

/** What image data that lie in a store are known to be once they were read. */
export interface DigestedData {
  /** Bytes. */
  readonly size: number
  /** Digests in lower-case hex by algorithm, as hashlib spells it. */
  readonly digests: ReadonlyMap<string, string>
}

/** Which bytes to read; absent members mean all of them. */
export interface StoreGetOptions extends StoreCallOptions {
  readonly offset?: number
  readonly length?: number | null
}
