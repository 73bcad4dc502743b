import {
  type Asking,
  askBlockLimits,
  askCapacity,
  askIdentity,
  askInquiry,
  askLuns,
  askVpd,
  findUnit,
  optional,
  waitUntilReady,
} from './bring-up.ts'
import { Depth } from './depth.ts'
import { newIsid } from './dial.ts'
import { IscsiError } from './errors.ts'
import { Link } from './link.ts'
import { type CallOptions, type ResolvedSessionOptions, resolveSessionOptions, type SessionOptions } from './options.ts'
import { inPieces } from './pieces.ts'
import { runCommand } from './run-command.ts'
import {
  type BlockLimits,
  type Capacity,
  type Designator,
  type Inquiry,
  parseDesignators,
  type ReportedLun,
  synchronizeCache10,
  synchronizeCache16,
  transferBlocks,
  unmap,
  unmapParameter,
} from './scsi.ts'
import { taskSetFull } from './sense.ts'
import type { ScsiAnswer, ScsiRequest } from './task.ts'

/**
 * A session with one logical unit of one target: a disk to read and write at byte offsets.
 *
 * Calls may overlap; each is split into commands of at most `commandBytes`, and at most `queueDepth` commands of all calls are in flight. Overlapping
 * writes to the same bytes have no order among each other.
 *
 * A lost connection is had again, at the next portal, and what was not answered is sent again: all commands here may be
 * done twice without harm. `reconnects` tells that it happened. What a target acknowledged but had not flushed when *it* restarted is lost
 * then, so a program that saw `reconnects` change during its writes should read back what it wrote, or write it again.
 *
 * Every call throws IscsiError; besides the codes it names: UNAVAILABLE | TIMEOUT | CONNECTION_LOST | PROTOCOL | AUTHENTICATION | FORBIDDEN | NOT_FOUND | REFUSED when the
 * connection was lost and could not be had again, DEVICE_CHANGED, BUSY, RESERVED, MEDIUM_ERROR, CHECK_CONDITION, ABORTED.
 */
export class IscsiSession {
  readonly #options: ResolvedSessionOptions
  readonly #link: Link
  readonly #unit: ReportedLun
  readonly #depth: Depth
  readonly #limits: BlockLimits | null
  readonly #closing = new AbortController()
  readonly #calls = new Set<Promise<unknown>>()
  #capacity: Capacity
  #flushCommand = synchronizeCache16

  private constructor(options: ResolvedSessionOptions, link: Link, found: FoundUnit) {
    this.#options = options
    this.#link = link
    this.#unit = found.unit
    this.#capacity = found.capacity
    this.#limits = found.limits
    this.#depth = new Depth(options.queueDepth)
  }

  /**
   * Logs in, finds the logical unit and waits until it is ready.
   *
   * A failure leaves nothing behind. @throws IscsiError BAD_OPTIONS | AUTHENTICATION | FORBIDDEN | NOT_FOUND | LUN_NOT_FOUND | REFUSED | UNAVAILABLE | TIMEOUT | CONNECTION_LOST | PROTOCOL | BUSY | ABORTED
   */
  static async open(options: SessionOptions, call: CallOptions = {}): Promise<IscsiSession> {
    const resolved = resolveSessionOptions(options)
    const signal = call.signal ?? new AbortController().signal
    const plan = { options: resolved, target: resolved.target, isid: newIsid(), limits: resolved }
    const link = await Link.open(plan, resolved, signal)
    try {
      const found = await bringUp({ send: link.send, busyMs: resolved.busyMs, signal }, resolved.lun)
      link.check = async (connection, checkSignal) => {
        const send = connection.execute.bind(connection)
        const identity = await askIdentity({ send, busyMs: resolved.busyMs, signal: checkSignal }, found.unit.bytes)
        if (identity !== found.identity)
          throw new IscsiError('DEVICE_CHANGED', `another device stands behind logical unit ${found.unit.number} now`)
      }
      return new IscsiSession(resolved, link, found)
    } catch (error) {
      await link.close()
      throw error
    }
  }

  /** The logical unit's number. */
  get lun(): number {
    return this.#unit.number
  }
  /** The portal in use, `host:port`. */
  get portal(): string {
    return this.#link.portal
  }
  /** What the unit said last of its size. */
  get capacity(): Capacity {
    return this.#capacity
  }
  /** How often the connection was lost and had again. */
  get reconnects(): number {
    return this.#link.reconnects
  }

  /** Asks for the size again: volumes grow. Later calls go by the answer. */
  readCapacity(call: CallOptions = {}): Promise<Capacity> {
    return this.#call(call, async (asking) => {
      this.#capacity = await askCapacity(asking, this.#unit.bytes)
      return this.#capacity
    })
  }

  /**
   * Fills `buffer` with what stands at `offset`, in bytes; both are whole blocks (`capacity.blockSize`).
   *
   * The buffer is the session's until the promise settles, also after an abort; then nobody touches it any more. What it
   * holds after a rejection is undefined. @throws RangeError for what is not whole blocks · IscsiError OUT_OF_RANGE
   */
  read(offset: number, buffer: Uint8Array, call: CallOptions = {}): Promise<void> {
    return this.#transfer('read', offset, buffer, call)
  }

  /**
   * Writes `data` at `offset`, in bytes; both are whole blocks. Durable after `flush()`.
   *
   * The data are the session's until the promise settles, and must not change before. After a rejection any part of them may be written.
   * @throws RangeError for what is not whole blocks · IscsiError OUT_OF_RANGE | NO_SPACE | WRITE_PROTECTED
   */
  write(offset: number, data: Uint8Array, call: CallOptions = {}): Promise<void> {
    return this.#transfer('write', offset, data, call)
  }

  /** Makes all that was written before durable. */
  flush(call: CallOptions = {}): Promise<void> {
    return this.#call(call, async (asking) => {
      if ((await optional(this.#flush(asking))) !== null) return
      this.#flushCommand = synchronizeCache10
      await this.#flush(asking)
    })
  }

  /**
   * Gives back the space of whole blocks. They read as zeros afterwards when `capacity.zeroAfterUnmap`, else as anything.
   *
   * @throws RangeError for what is not whole blocks · IscsiError UNSUPPORTED for a unit that is not thin | OUT_OF_RANGE | WRITE_PROTECTED
   */
  unmap(offset: number, length: number, call: CallOptions = {}): Promise<void> {
    return this.#call(call, async ({ send, busyMs, signal }) => {
      const blockSize = this.#assertWholeBlocks(offset, length)
      if (!this.#capacity.thin) throw new IscsiError('UNSUPPORTED', 'UNMAP: the logical unit is not thin')
      const most = (this.#limits?.unmapBlocks ?? defaultUnmapBlocks) * blockSize
      await inPieces(length, most, 1, async (at, bytes) => {
        const write = unmapParameter((offset + at) / blockSize, bytes / blockSize)
        await runCommand(send, { lun: this.#unit.bytes, cdb: unmap, write }, { what: 'UNMAP', busyMs, signal })
      })
    })
  }

  /** Answers when the unit is ready. @throws IscsiError BUSY */
  testUnitReady(call: CallOptions = {}): Promise<void> {
    return this.#call(call, (asking) => waitUntilReady(asking, this.#unit.bytes))
  }
  /** Kind, maker and model. */
  inquiry(call: CallOptions = {}): Promise<Inquiry> {
    return this.#call(call, (asking) => askInquiry(asking, this.#unit.bytes))
  }
  /** The unit's serial number (VPD page 0x80). @throws IscsiError UNSUPPORTED */
  serialNumber(call: CallOptions = {}): Promise<string> {
    return this.#call(call, async (asking) => {
      const content = await askVpd(asking, this.#unit.bytes, 0x80)
      return content.toString('latin1').replace(/\0/g, ' ').trim()
    })
  }
  /** The unit's names (VPD page 0x83). @throws IscsiError UNSUPPORTED */
  designators(call: CallOptions = {}): Promise<readonly Designator[]> {
    return this.#call(call, async (asking) => parseDesignators(await askVpd(asking, this.#unit.bytes, 0x83)))
  }
  /** Sizes of commands that the unit takes (VPD page 0xB0). @throws IscsiError UNSUPPORTED */
  blockLimits(call: CallOptions = {}): Promise<BlockLimits> {
    return this.#call(call, (asking) => askBlockLimits(asking, this.#unit.bytes))
  }
  /** Numbers of all logical units of the target. */
  reportLuns(call: CallOptions = {}): Promise<readonly number[]> {
    return this.#call(call, async (asking) => (await askLuns(asking)).map(({ number }) => number))
  }

  /**
   * Logs out and closes the connection, within five seconds. Running calls end with ABORTED. Never rejects; may be called twice.
   */
  async close(): Promise<void> {
    this.#closing.abort(new IscsiError('ABORTED', 'the session was closed'))
    await Promise.allSettled(this.#calls)
    await this.#link.close()
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #transfer(kind: 'read' | 'write', offset: number, data: Uint8Array, call: CallOptions): Promise<void> {
    return this.#call(call, async ({ send, busyMs, signal }) => {
      const blockSize = this.#assertWholeBlocks(offset, data.length)
      const most = Math.min(
        this.#options.commandBytes,
        (this.#limits?.transfer ?? Number.POSITIVE_INFINITY) * blockSize,
      )
      const pieceBytes = Math.max(blockSize, most - (most % blockSize))
      const what = kind === 'read' ? 'READ(16)' : 'WRITE(16)'
      await inPieces(data.length, pieceBytes, this.#options.queueDepth, async (at, bytes) => {
        const cdb = transferBlocks(kind, (offset + at) / blockSize, bytes / blockSize)
        const request = { lun: this.#unit.bytes, cdb, [kind]: data.subarray(at, at + bytes) }
        await runCommand(send, request, { what, busyMs, signal, whole: kind === 'read' })
      })
    })
  }

  async #flush({ send, busyMs, signal }: Asking): Promise<true> {
    const request = { lun: this.#unit.bytes, cdb: this.#flushCommand, timeoutMs: this.#options.flushTimeoutMs }
    await runCommand(send, request, { what: 'SYNCHRONIZE CACHE', busyMs, signal })
    return true
  }

  /** One call of a user: ends with the session, and counts until then. */
  #call<T>({ signal }: CallOptions, body: (asking: Asking) => Promise<T>): Promise<T> {
    const closing = this.#closing.signal
    const either = signal === undefined ? closing : AbortSignal.any([signal, closing])
    const result = body({ send: this.#send, busyMs: this.#options.busyMs, signal: either })
    const settled: Promise<unknown> = result.then(
      () => this.#calls.delete(settled),
      () => this.#calls.delete(settled),
    )
    this.#calls.add(settled)
    return result
  }

  readonly #send = async (request: ScsiRequest, signal: AbortSignal): Promise<ScsiAnswer> => {
    await this.#depth.enter(signal)
    let crowded = false
    try {
      const answer = await this.#link.send(request, signal)
      crowded = answer.status === taskSetFull
      return answer
    } finally {
      this.#depth.leave(crowded)
    }
  }

  /** @returns the size of a block */
  #assertWholeBlocks(offset: number, length: number): number {
    const { blockSize } = this.#capacity
    if (!Number.isSafeInteger(offset + length) || offset < 0 || offset % blockSize !== 0 || length % blockSize !== 0)
      throw new RangeError(`offset ${offset} and length ${length} must be whole blocks of ${blockSize} bytes`)
    return blockSize
  }
}

/** Most blocks of one UNMAP when the unit gives no limit: half a GiB of the usual blocks. */
const defaultUnmapBlocks = 1024 * 1024

/** What `IscsiSession.open` finds out. */
interface FoundUnit {
  readonly unit: ReportedLun
  readonly capacity: Capacity
  readonly limits: BlockLimits | null
  readonly identity: string
}

async function bringUp(asking: Asking, lun: number | undefined): Promise<FoundUnit> {
  const unit = await findUnit(asking, lun)
  await waitUntilReady(asking, unit.bytes)
  const capacity = await askCapacity(asking, unit.bytes)
  const limits = await optional(askBlockLimits(asking, unit.bytes))
  return { unit, capacity, limits, identity: await askIdentity(asking, unit.bytes) }
}
