import { setTimeout as timer } from 'node:timers/promises'
import { abortError } from '@glance/core'

/** Waits. @throws StoreError ABORTED | TIMEOUT when the signal fires */
export async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  await timer(ms, undefined, { signal, ref: true }).catch(() => {
    throw abortError(signal, 'waiting')
  })
}
