import type { CallOptions, SessionOptions } from './options.ts'
import type { BlockLimits, Capacity, Designator, Inquiry } from './scsi.ts'

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
export declare class IscsiSession {
  /**
   * Logs in, finds the logical unit and waits until it is ready.
   *
   * A failure leaves nothing behind. @throws IscsiError BAD_OPTIONS | AUTHENTICATION | FORBIDDEN | NOT_FOUND | LUN_NOT_FOUND | REFUSED | UNAVAILABLE | TIMEOUT | CONNECTION_LOST | PROTOCOL | BUSY | ABORTED
   */
  static open(options: SessionOptions, call?: CallOptions): Promise<IscsiSession>

  /** The logical unit's number. */
  get lun(): number
  /** The portal in use, `host:port`. */
  get portal(): string
  /** What the unit said last of its size. */
  get capacity(): Capacity
  /** How often the connection was lost and had again. */
  get reconnects(): number

  /** Asks for the size again: volumes grow. Later calls go by the answer. */
  readCapacity(call?: CallOptions): Promise<Capacity>

  /**
   * Fills `buffer` with what stands at `offset`, in bytes; both are whole blocks (`capacity.blockSize`).
   *
   * The buffer is the session's until the promise settles, also after an abort; then nobody touches it any more. What it
   * holds after a rejection is undefined. @throws RangeError for what is not whole blocks · IscsiError OUT_OF_RANGE
   */
  read(offset: number, buffer: Uint8Array, call?: CallOptions): Promise<void>

  /**
   * Writes `data` at `offset`, in bytes; both are whole blocks. Durable after `flush()`.
   *
   * The data are the session's until the promise settles, and must not change before. After a rejection any part of them may be written.
   * @throws RangeError for what is not whole blocks · IscsiError OUT_OF_RANGE | NO_SPACE | WRITE_PROTECTED
   */
  write(offset: number, data: Uint8Array, call?: CallOptions): Promise<void>

  /** Makes all that was written before durable. */
  flush(call?: CallOptions): Promise<void>

  /**
   * Gives back the space of whole blocks. They read as zeros afterwards when `capacity.zeroAfterUnmap`, else as anything.
   *
   * @throws RangeError for what is not whole blocks · IscsiError UNSUPPORTED for a unit that is not thin | OUT_OF_RANGE | WRITE_PROTECTED
   */
  unmap(offset: number, length: number, call?: CallOptions): Promise<void>

  /** Answers when the unit is ready. @throws IscsiError BUSY */
  testUnitReady(call?: CallOptions): Promise<void>
  /** Kind, maker and model. */
  inquiry(call?: CallOptions): Promise<Inquiry>
  /** The unit's serial number (VPD page 0x80). @throws IscsiError UNSUPPORTED */
  serialNumber(call?: CallOptions): Promise<string>
  /** The unit's names (VPD page 0x83). @throws IscsiError UNSUPPORTED */
  designators(call?: CallOptions): Promise<readonly Designator[]>
  /** Sizes of commands that the unit takes (VPD page 0xB0). @throws IscsiError UNSUPPORTED */
  blockLimits(call?: CallOptions): Promise<BlockLimits>
  /** Numbers of all logical units of the target. */
  reportLuns(call?: CallOptions): Promise<readonly number[]>

  /**
   * Logs out and closes the connection, within five seconds. Running calls end with ABORTED. Never rejects; may be called twice.
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
