/**
 * What stores do, for whoever wants to know: metrics, traces, tests.
 *
 * Every finished call of a `Store` is published on the channel `glance:store` of node:diagnostics_channel. Nobody listening costs nothing.
 */
import { type Channel, channel } from 'node:diagnostics_channel'
import type { StoreErrorCode } from './errors.ts'

/** One finished call. A `get` is finished when its body has ended. */
export interface StoreEvent {
  readonly store: string
  readonly driver: string
  readonly operation:
    | 'open'
    | 'add'
    | 'get'
    | 'getSize'
    | 'delete'
    | 'discard'
    | 'check'
    | 'setAcls'
    | 'copy'
    | 'directUrl'
  /** From the call to its end, in milliseconds. */
  readonly durationMs: number
  /** Bytes stored or read; 0 for calls that move none. */
  readonly bytes: number
  /** Null when it succeeded. An add whose source broke off counts as ABORTED, unless the source threw a `StoreError` of its own. */
  readonly code: StoreErrorCode | null
}

/** The channel on which `StoreEvent`s are published. */
export const storeChannel: Channel<StoreEvent, unknown> = channel('glance:store') as Channel<StoreEvent, unknown>
