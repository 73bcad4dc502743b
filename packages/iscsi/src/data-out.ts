/** How the data of a write command leave: with it, after it unasked, and then as the target asks for them. */
import type { Agreement } from './negotiation.ts'
import { dataOut, noTag } from './pdu.ts'
import type { Task } from './task.ts'
import type { Wire } from './wire.ts'

/** Most data of one PDU of ours, whatever the target takes: a ping must not wait behind more. */
const maxPieceBytes = 256 * 1024

/** What is sent before the target asks, in bytes (RFC 7143, 13.10 to 13.14). */
export function firstBurst(
  agreement: Agreement,
  length: number,
): { readonly immediate: number; readonly unsolicited: number } {
  const limit = Math.min(agreement.firstBurst, length)
  const immediate = agreement.immediateData ? Math.min(limit, agreement.maxSend) : 0
  return { immediate, unsolicited: agreement.initialR2T ? 0 : limit - immediate }
}

/** A part of a command's data that is wanted. */
interface Burst {
  readonly task: Task
  readonly transferTag: number
  readonly end: number
  offset: number
  number: number
}

/**
 * Sends data in the order in which they were asked for, while the wire has room.
 *
 * Nothing is copied: what waits here are places in the callers' memory.
 */
export class DataOutQueue {
  readonly #wire: Wire
  readonly #pieceBytes: number
  readonly #status: () => number
  #bursts: Burst[] = []

  /** @param status - ExpStatSN at the moment */
  constructor(wire: Wire, agreement: Agreement, status: () => number) {
    this.#wire = wire
    this.#pieceBytes = Math.min(agreement.maxSend, maxPieceBytes)
    this.#status = status
  }

  /** Data that the target asked for. */
  solicited(task: Task, transferTag: number, offset: number, length: number): void {
    this.#bursts.push({ task, transferTag, offset, end: offset + length, number: 0 })
    this.pump()
  }

  /** Data that follow their command unasked. They must leave in the order of the commands, so they do not wait. */
  unsolicited(task: Task, offset: number, length: number): void {
    const burst = { task, transferTag: noTag, offset, end: offset + length, number: 0 }
    while (burst.offset < burst.end) this.#sendPiece(burst)
  }

  /** Sends what there is room for. */
  pump(): void {
    for (;;) {
      const burst = this.#bursts[0]
      if (burst === undefined || this.#wire.congested) return
      if (!burst.task.ended && burst.offset < burst.end) this.#sendPiece(burst)
      else this.#bursts.shift()
    }
  }

  #sendPiece(burst: Burst): void {
    const { task, transferTag, offset, end, number } = burst
    const next = Math.min(end, offset + this.#pieceBytes)
    const { lun, write } = task.request
    const header = dataOut({
      tag: task.tag,
      transferTag,
      lun,
      status: this.#status(),
      number,
      offset,
      last: next === end,
    })
    this.#wire.send(header, write?.subarray(offset, next))
    burst.offset = next
    burst.number += 1
  }
}
