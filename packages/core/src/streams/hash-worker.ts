/**
 * The thread that computes digests. It is told in messages what to do and hashes straight from shared memory, so nothing is copied.
 *
 * For each lane (one digest of one stream): `open`, any number of `update` in order, then `digest` or `drop`. Each update is answered with
 * `done`, after which the memory may be filled again.
 */
import { createHash, type Hash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'

/** What the pool asks of a worker. */
export type HashRequest =
  | { readonly kind: 'open'; readonly lane: number; readonly algorithm: string }
  | {
      readonly kind: 'update'
      readonly lane: number
      readonly slot: number
      readonly length: number
      /** Null when the thread remembers the slot: each hand-over counts as new memory to the garbage collectors of both sides. */
      readonly memory: SharedArrayBuffer | null
      /** Whether to remember the slot. */
      readonly lasting: boolean
    }
  | { readonly kind: 'digest'; readonly lane: number }
  | { readonly kind: 'drop'; readonly lane: number }

/** What a worker answers. */
export type HashAnswer =
  | { readonly kind: 'done'; readonly lane: number; readonly slot: number }
  | { readonly kind: 'digest'; readonly lane: number; readonly hex: string }

const lanes = new Map<number, Hash>()
const slots = new Map<number, Uint8Array>()

function bytesOf({ slot, memory, lasting }: Extract<HashRequest, { kind: 'update' }>): Uint8Array {
  const bytes = memory ? new Uint8Array(memory) : slots.get(slot)
  if (!bytes) throw new Error('a slot that was never handed over')
  if (lasting && memory) slots.set(slot, bytes)
  return bytes
}

function hash(lane: number, bytes: Uint8Array): void {
  lanes.get(lane)?.update(bytes)
}

parentPort?.on('message', (request: HashRequest) => {
  switch (request.kind) {
    case 'open':
      lanes.set(request.lane, createHash(request.algorithm))
      break
    case 'update':
      // Also when the lane was dropped meanwhile: later messages count on the slot being remembered.
      hash(request.lane, bytesOf(request).subarray(0, request.length))
      parentPort?.postMessage({ kind: 'done', lane: request.lane, slot: request.slot } satisfies HashAnswer)
      break
    case 'digest': {
      const hex = lanes.get(request.lane)?.digest('hex') ?? ''
      lanes.delete(request.lane)
      parentPort?.postMessage({ kind: 'digest', lane: request.lane, hex } satisfies HashAnswer)
      break
    }
    case 'drop':
      lanes.delete(request.lane)
  }
})
