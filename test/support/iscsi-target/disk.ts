/** The disk behind the scripted target: bytes in memory, and what it answers to questions about itself. */

/** What the disk is. */
export interface DiskOptions {
  readonly size: number
  readonly blockSize: number
  readonly lun: number
  readonly vendor: string
  readonly serial: string
  readonly thin: boolean
  /** Most blocks of a transfer; 0 gives no limit. */
  readonly maxTransfer: number
}

/** Sense data of fixed format. */
export type SenseTriple = readonly [key: number, asc: number, ascq: number]

/** What a command without data to write comes to. */
export type Outcome = { readonly data: Buffer } | { readonly sense: SenseTriple }

/** A disk. Tests read and change `bytes` and `serial` as they like. */
export class ScriptedDisk {
  readonly options: DiskOptions
  bytes: Buffer
  serial: string

  constructor(options: DiskOptions) {
    this.options = options
    this.bytes = Buffer.alloc(options.size)
    this.serial = options.serial
  }

  /** Answers a command for unit `lun` that reads or does nothing. */
  answer(cdb: Buffer, lun: number): Outcome {
    const code = cdb.readUInt8(0)
    if (code === 0xa0) return { data: this.#luns().subarray(0, cdb.readUInt32BE(6)) }
    if (lun !== this.options.lun)
      return code === 0x12 ? { data: Buffer.from([0x7f, 0, 5, 2, 31, ...Array(31).fill(0)]) } : { sense: [5, 0x25, 0] }
    switch (code) {
      case 0x00:
      case 0x91:
      case 0x35:
        return { data: Buffer.alloc(0) }
      case 0x1a:
        return { data: Buffer.from([3, 0, 0, 0]).subarray(0, cdb.readUInt8(4)) }
      case 0x12:
        return this.#inquiry(cdb)
      case 0x9e:
        if (cdb.readUInt8(1) !== 0x10) return { sense: [5, 0x20, 0] }
        return { data: this.#capacity().subarray(0, cdb.readUInt32BE(10)) }
      case 0x25:
        return { data: this.#shortCapacity() }
      case 0x28:
      case 0x88: {
        const [from, to] = this.range(cdb)
        return to > this.bytes.length ? { sense: [5, 0x21, 0] } : { data: this.bytes.subarray(from, to) }
      }
      default:
        return { sense: [5, 0x20, 0] }
    }
  }

  /** Carries out a WRITE or UNMAP. */
  take(cdb: Buffer, data: Buffer): SenseTriple | null {
    if (cdb.readUInt8(0) === 0x42) return this.#unmap(data)
    const from = this.range(cdb)[0]
    if (from + data.length > this.bytes.length) return [5, 0x21, 0]
    data.copy(this.bytes, from)
    return null
  }

  /** Bytes that a READ or WRITE, of ten or sixteen bytes, is about. */
  range(cdb: Buffer): readonly [from: number, to: number] {
    const short = cdb.readUInt8(0) < 0x80
    const from = (short ? cdb.readUInt32BE(2) : Number(cdb.readBigUInt64BE(2))) * this.options.blockSize
    return [from, from + (short ? cdb.readUInt16BE(7) : cdb.readUInt32BE(10)) * this.options.blockSize]
  }

  #unmap(ranges: Buffer): SenseTriple | null {
    const { blockSize } = this.options
    for (let at = 8; at + 16 <= ranges.length; at += 16) {
      const from = Number(ranges.readBigUInt64BE(at)) * blockSize
      const to = from + ranges.readUInt32BE(at + 8) * blockSize
      if (to > this.bytes.length) return [5, 0x21, 0]
      this.bytes.fill(0, from, to)
    }
    return null
  }

  #luns(): Buffer {
    const answer = Buffer.alloc(16)
    answer.writeUInt32BE(8, 0)
    answer[9] = this.options.lun
    return answer
  }

  #capacity(): Buffer {
    const answer = Buffer.alloc(32)
    const { blockSize, thin } = this.options
    answer.writeBigUInt64BE(BigInt(this.bytes.length / blockSize - 1), 0)
    answer.writeUInt32BE(blockSize, 8)
    answer[13] = 3
    answer[14] = thin ? 0xc0 : 0
    return answer
  }

  #shortCapacity(): Buffer {
    const answer = Buffer.alloc(8)
    answer.writeUInt32BE(this.bytes.length / this.options.blockSize - 1, 0)
    answer.writeUInt32BE(this.options.blockSize, 4)
    return answer
  }

  #inquiry(cdb: Buffer): Outcome {
    const length = cdb.readUInt16BE(3)
    if ((cdb.readUInt8(1) & 1) === 0) {
      if (cdb.readUInt8(2) !== 0) return { sense: [5, 0x24, 0] }
      const answer = Buffer.alloc(36, ' ')
      Buffer.from([0, 0, 5, 2, 31, 0, 0, 2]).copy(answer)
      answer.write(this.options.vendor.padEnd(8).slice(0, 8), 8, 'latin1')
      answer.write('SCRIPTED        1   ', 16, 'latin1')
      return { data: answer.subarray(0, length) }
    }
    const page = cdb.readUInt8(2)
    const name = Buffer.from(this.serial, 'latin1')
    const contents: Readonly<Record<number, Buffer>> = {
      0: Buffer.from([0x00, 0x80, 0x83, 0xb0, 0xb1, 0xb2]),
      128: name,
      131: Buffer.concat([Buffer.from([2, 1, 0, name.length]), name]),
      176: this.#limits(),
      177: Buffer.alloc(60),
      178: Buffer.from(this.options.thin ? [0, 0x84, 2, 0] : [0, 0, 0, 0]),
    }
    const content = contents[page]
    if (content === undefined) return { sense: [5, 0x24, 0] }
    const head = Buffer.from([0, page, content.length >>> 8, content.length & 0xff])
    return { data: Buffer.concat([head, content]).subarray(0, length) }
  }

  #limits(): Buffer {
    const answer = Buffer.alloc(60)
    answer.writeUInt32BE(this.options.maxTransfer, 4)
    answer.writeUInt32BE(0xffff_ffff, 16)
    return answer
  }
}
