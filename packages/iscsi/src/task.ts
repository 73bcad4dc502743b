/** One SCSI command on its way, and the rules that the target's PDUs for it must keep (RFC 7143, 11.7 and 11.8). */
import { IscsiError } from './errors.ts'
import { field, opcode, opcodeOf } from './pdu.ts'
import { checkCondition } from './sense.ts'

/** A SCSI command for a logical unit. */
export interface ScsiRequest {
  /** The unit, eight bytes as REPORT LUNS has them. */
  readonly lun: Uint8Array
  /** Up to sixteen bytes. */
  readonly cdb: Uint8Array
  /** Where data that it reads go; lent until the answer. */
  readonly read?: Uint8Array
  /** Data that it writes; lent until the answer. */
  readonly write?: Uint8Array
  /** Longest wait for its answer when it is one that takes longer than others. */
  readonly timeoutMs?: number
}

/** How a command ended. */
export interface ScsiAnswer {
  /** SCSI status: 0 good, 2 CHECK CONDITION, 8 BUSY … */
  readonly status: number
  /** Sense data, which count only with CHECK CONDITION; else empty. */
  readonly sense: Uint8Array
  /** Bytes that came into `read`. */
  readonly received: number
}

const empty = new Uint8Array(0)

/** A command that was sent, or waits for the window to open. */
export class Task {
  readonly tag: number
  readonly request: ScsiRequest
  readonly answer: Promise<ScsiAnswer>
  /** Whether it has been answered: then nothing more is sent for it. */
  ended = false
  #received = 0
  #asked = 0
  #dataNumber = 0
  #transferNumber = 0
  readonly #resolve: (answer: ScsiAnswer) => void
  readonly #reject: (error: IscsiError) => void

  constructor(tag: number, request: ScsiRequest) {
    const { promise, resolve, reject } = Promise.withResolvers<ScsiAnswer>()
    this.tag = tag
    this.request = request
    this.answer = promise
    this.#resolve = resolve
    this.#reject = reject
  }

  /** Bytes that left before the target asked for any. */
  set sentUnasked(bytes: number) {
    this.#asked = bytes
  }

  /** Where the data of a Data-In PDU belong. @throws IscsiError PROTOCOL when they come out of order or are too many */
  placeFor(header: Buffer, length: number): Uint8Array {
    const place = this.request.read ?? empty
    const offset = header.readUInt32BE(field.bufferOffset)
    if (header.readUInt32BE(field.dataNumber) !== this.#dataNumber || offset !== this.#received)
      throw new IscsiError('PROTOCOL', 'data came out of order')
    if (offset + length > place.length) throw new IscsiError('PROTOCOL', 'more data came than were asked for')
    return place.subarray(offset, offset + length)
  }

  /** Counts the data of a Data-In PDU whose place was given. */
  dataArrived(length: number): void {
    this.#dataNumber += 1
    this.#received += length
  }

  /** What an R2T asks for. @throws IscsiError PROTOCOL when there is no such part, or it is not the next */
  requested(header: Buffer): { readonly offset: number; readonly length: number } {
    const offset = header.readUInt32BE(field.bufferOffset)
    const length = header.readUInt32BE(field.transferLength)
    // In this order only, which was agreed on (DataSequenceInOrder); so a target cannot make us send the same for ever.
    if (header.readUInt32BE(field.dataNumber) !== this.#transferNumber || offset !== this.#asked)
      throw new IscsiError('PROTOCOL', 'the target asks for data out of order')
    this.#transferNumber += 1
    this.#asked += length
    if (length === 0 || offset + length > (this.request.write?.length ?? 0))
      throw new IscsiError('PROTOCOL', 'the target asks for data that there are not')
    return { offset, length }
  }

  /** Ends it by a PDU that has a status: SCSI Response, or the last Data-In. @throws IscsiError PROTOCOL when the target failed */
  finish(header: Buffer, data: Uint8Array): void {
    const isResponse = opcodeOf(header) === opcode.scsiResponse
    // The target failed, not the unit (RFC 7143, 11.4.3). What it can still do, a new login will show.
    if (isResponse && header.readUInt8(2) !== 0)
      throw new IscsiError('PROTOCOL', 'the target failed to carry out a command')
    const status = header.readUInt8(3)
    // Sense data count only with CHECK CONDITION: tgt 1.0 sends old ones along with GOOD.
    const hasSense = isResponse && status === checkCondition && data.length >= 2
    const senseBytes = hasSense ? Buffer.from(data.buffer, data.byteOffset, 2).readUInt16BE() : 0
    this.ended = true
    this.#resolve({
      status,
      sense: hasSense ? data.slice(2, 2 + senseBytes) : empty,
      received: this.#received,
    })
  }

  /** Ends it without an answer. */
  fail(error: IscsiError): void {
    this.ended = true
    this.#reject(error)
  }
}
