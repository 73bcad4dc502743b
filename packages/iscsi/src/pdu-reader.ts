/**
 * Cuts what comes from a socket into PDUs, with as little copying as it takes.
 *
 * The socket reads into memory that `room()` names. Mostly that is one small buffer, from which headers and the first part of data are copied; once the rest of
 * a PDU's data is long, it is the place where the data belong, such as a caller's buffer, and the system call itself puts them there.
 */
import { crcEnd, crcStart, crcUpdate } from './crc32c.ts'
import { IscsiError } from './errors.ts'
import { field, headerBytes } from './pdu.ts'

/** Takes the PDUs. What it throws ends the connection. */
export interface PduSink {
  /** Where the data of a PDU belong: exactly `length` bytes, or null for memory of their own. */
  placeFor(header: Buffer, length: number): Uint8Array | null
  /** A whole PDU. The header is reused for the next one. */
  received(header: Buffer, data: Uint8Array): void
}

const stagingBytes = 64 * 1024
/** From this many bytes on, a read of its own costs less than copying. */
const directBytes = 16 * 1024
const nothing = new Uint8Array(0)

/** The reader of one connection. Memory: 64 KiB, and one PDU's data (`maxData`) when its sink has no place for them. */
export class PduReader {
  readonly #sink: () => PduSink
  readonly #maxData: number
  readonly #staging = Buffer.allocUnsafeSlow(stagingBytes)
  /** Header, additional segments of it, and its digest. */
  readonly #header = Buffer.alloc(headerBytes + 255 * 4 + 4)
  readonly #tail = Buffer.alloc(7)
  #headerDigest = false
  #dataDigest = false
  #state: 'header' | 'data' | 'tail' = 'header'
  #filled = 0
  #wanted = headerBytes
  #data: Uint8Array = nothing
  #crc = crcStart
  #direct = false

  /** @param sink - asked anew for each PDU · @param maxData - most data of one PDU, in bytes */
  constructor(sink: () => PduSink, maxData: number) {
    this.#sink = sink
    this.#maxData = maxData
  }

  /** Digests from the next PDU on. */
  useDigests(header: boolean, data: boolean): void {
    this.#headerDigest = header
    this.#dataDigest = data
    if (this.#state === 'header' && this.#filled === 0) this.#wanted = headerBytes + (header ? 4 : 0)
  }

  /** Where the next bytes of the socket go. */
  room(): Uint8Array {
    this.#direct = this.#state === 'data' && this.#data.length - this.#filled >= directBytes
    return this.#direct ? this.#data.subarray(this.#filled) : this.#staging
  }

  /** Takes `count` bytes that were put into the last `room()`. @throws IscsiError PROTOCOL, and what the sink throws */
  arrived(count: number): void {
    if (this.#direct) {
      this.#count(this.#data.subarray(this.#filled, this.#filled + count))
      return
    }
    let at = 0
    while (at < count) {
      const target = this.#state === 'header' ? this.#header : this.#state === 'data' ? this.#data : this.#tail
      const part = this.#staging.subarray(at, at + Math.min(count - at, this.#wanted - this.#filled))
      target.set(part, this.#filled)
      at += part.length
      if (this.#state === 'data') this.#count(part)
      else {
        this.#filled += part.length
        if (this.#filled === this.#wanted) this.#complete()
      }
    }
  }

  #count(part: Uint8Array): void {
    if (this.#dataDigest) this.#crc = crcUpdate(this.#crc, part)
    this.#filled += part.length
    if (this.#filled === this.#wanted) this.#complete()
  }

  #complete(): void {
    if (this.#state === 'header') this.#headerComplete()
    else if (this.#state === 'data') this.#dataComplete()
    else this.#tailComplete()
  }

  #headerComplete(): void {
    const length = this.#header.readUIntBE(field.dataLength, 3)
    if (length > this.#maxData)
      throw new IscsiError(
        'PROTOCOL',
        `the target sent ${length} bytes of data in one PDU; at most ${this.#maxData} were agreed on`,
      )
    const digestBytes = this.#headerDigest ? 4 : 0
    const whole = headerBytes + this.#header.readUInt8(field.additionalWords) * 4
    if (this.#wanted !== whole + digestBytes) {
      // Only now is it known that there are additional segments. Nothing we use has any: they are read over.
      this.#wanted = whole + digestBytes
      return
    }
    if (this.#headerDigest)
      this.#check(crcUpdate(crcStart, this.#header.subarray(0, whole)), this.#header.readUInt32LE(whole), 'header')
    if (length === 0) {
      this.#deliver()
      return
    }
    this.#data = this.#sink().placeFor(this.#header, length) ?? Buffer.allocUnsafe(length)
    this.#crc = crcStart
    this.#enter('data', length)
  }

  #dataComplete(): void {
    const padding = -this.#data.length & 3
    const tail = padding + (this.#dataDigest ? 4 : 0)
    if (tail === 0) this.#deliver()
    else this.#enter('tail', tail)
  }

  #tailComplete(): void {
    const padding = -this.#data.length & 3
    if (this.#dataDigest) {
      const crc = crcUpdate(this.#crc, this.#tail.subarray(0, padding))
      this.#check(crc, this.#tail.readUInt32LE(padding), 'data')
    }
    this.#deliver()
  }

  #deliver(): void {
    const data = this.#data
    this.#data = nothing
    this.#enter('header', headerBytes + (this.#headerDigest ? 4 : 0))
    this.#sink().received(this.#header, data)
  }

  #enter(state: 'header' | 'data' | 'tail', wanted: number): void {
    this.#state = state
    this.#filled = 0
    this.#wanted = wanted
  }

  #check(register: number, digest: number, what: string): void {
    if (crcEnd(register) !== digest) throw new IscsiError('PROTOCOL', `the digest of a PDU's ${what} is wrong`)
  }
}
