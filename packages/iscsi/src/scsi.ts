/** The size of a logical unit and what it says of its space. */
export interface Capacity {
  readonly blocks: number
  /** Bytes of a block: offsets and lengths are multiples of it. */
  readonly blockSize: number
  /** `blocks` times `blockSize`. */
  readonly bytes: number
  /** Bytes of a physical block: writes of whole ones are quicker. */
  readonly physicalBlockSize: number
  /** Whether space is used only for what was written, and can be given back. */
  readonly thin: boolean
  /** Whether blocks that were given back read as zeros. */
  readonly zeroAfterUnmap: boolean
}

/** Standard inquiry data. Texts are trimmed. */
export interface Inquiry {
  /** 0 is a disk, 0x0c a controller. */
  readonly deviceType: number
  /** 0: there is such a device. 1: there may be one. 3: there is none. */
  readonly qualifier: number
  readonly vendor: string
  readonly product: string
  readonly revision: string
}

/** One name of a logical unit, from VPD page 0x83 (SPC-4, 7.8.6). */
export interface Designator {
  /** 0 of the logical unit, 1 of the port, 2 of the target. */
  readonly association: number
  /** 1 T10 vendor, 2 EUI-64, 3 NAA, 8 SCSI name. */
  readonly type: number
  /** The text when its code set is a text, else hexadecimal digits. */
  readonly name: string
}

/** What a unit takes in one command, in blocks, from VPD page 0xB0; null where it gives no limit. */
export interface BlockLimits {
  readonly transfer: number | null
  readonly optimalTransfer: number | null
  readonly unmapBlocks: number | null
  readonly unmapRanges: number | null
}

/** Command blocks (SPC-4, SBC-3). */
function block(length: number, fill: (cdb: Buffer) => void): Buffer {
  const cdb = Buffer.alloc(length)
  fill(cdb)
  return cdb
}

/** READ(16) or WRITE(16). */
export function transferBlocks(kind: 'read' | 'write', address: number, blocks: number): Buffer {
  return block(16, (cdb) => {
    cdb[0] = kind === 'read' ? 0x88 : 0x8a
    cdb.writeBigUInt64BE(BigInt(address), 2)
    cdb.writeUInt32BE(blocks, 10)
  })
}

/** TEST UNIT READY. */
export const testUnitReady: Uint8Array = Buffer.alloc(6)

/** SYNCHRONIZE CACHE(16) of everything, answered when it is done. */
export const synchronizeCache16: Uint8Array = block(16, (cdb) => cdb.writeUInt8(0x91))
/** The older form of it, which every disk knows. */
export const synchronizeCache10: Uint8Array = block(10, (cdb) => cdb.writeUInt8(0x35))

/** READ CAPACITY(16); 32 bytes come. */
export const readCapacity16: Uint8Array = block(16, (cdb) => {
  cdb.writeUInt16BE(0x9e10)
  cdb.writeUInt32BE(32, 10)
})

/** REPORT LUNS. */
export function reportLuns(bytes: number): Buffer {
  return block(12, (cdb) => {
    cdb[0] = 0xa0
    cdb.writeUInt32BE(bytes, 6)
  })
}

/** INQUIRY of the standard data, or of a page of vital product data. */
export function inquiry(page: number | null, bytes: number): Buffer {
  return block(6, (cdb) => {
    cdb[0] = 0x12
    cdb[1] = page === null ? 0 : 1
    cdb[2] = page ?? 0
    cdb.writeUInt16BE(bytes, 3)
  })
}

/** UNMAP of one range; its parameter is `unmapParameter`. */
export const unmap: Uint8Array = block(10, (cdb) => {
  cdb[0] = 0x42
  cdb.writeUInt16BE(24, 7)
})

/** The range of an UNMAP. */
export function unmapParameter(address: number, blocks: number): Buffer {
  return block(24, (parameter) => {
    parameter.writeUInt16BE(22, 0)
    parameter.writeUInt16BE(16, 2)
    parameter.writeBigUInt64BE(BigInt(address), 8)
    parameter.writeUInt32BE(blocks, 16)
  })
}

/** A logical unit's number as eight bytes: peripheral form below 256, flat form above (SAM-5, 4.7). */
export function lunBytes(lun: number): Uint8Array {
  const bytes = new Uint8Array(8)
  bytes[0] = lun < 256 ? 0 : 0x40 | (lun >>> 8)
  bytes[1] = lun & 0xff
  return bytes
}

/** A unit that a target reports. */
export interface ReportedLun {
  readonly number: number
  /** As the target wrote it: that is how it is addressed. */
  readonly bytes: Uint8Array
}

/** The answer to REPORT LUNS; units that are addressed in other forms are left out. `total` is how many bytes there are to report. */
export function parseLuns(data: Uint8Array): { readonly luns: readonly ReportedLun[]; readonly total: number } {
  const view = bufferOf(data)
  const total = view.length < 8 ? 0 : view.readUInt32BE(0) + 8
  const luns: ReportedLun[] = []
  for (let at = 8; at + 8 <= Math.min(total, view.length); at += 8) {
    const bytes = Uint8Array.from(view.subarray(at, at + 8))
    const form = (bytes[0] ?? 0) >>> 6
    if (form < 2) luns.push({ number: (((bytes[0] ?? 0) & 0x3f) << 8) | (bytes[1] ?? 0), bytes })
  }
  return { luns, total }
}

/** The answer to READ CAPACITY(16), or null when it makes no sense. */
export function parseCapacity(data: Uint8Array): Capacity | null {
  const view = bufferOf(data)
  if (view.length < 12) return null
  const blocks = Number(view.readBigUInt64BE(0)) + 1
  const blockSize = view.readUInt32BE(8)
  if (blockSize === 0 || blockSize % 4 !== 0 || !Number.isSafeInteger(blocks * blockSize)) return null
  const flags = view[14] ?? 0
  return {
    blocks,
    blockSize,
    bytes: blocks * blockSize,
    physicalBlockSize: blockSize * 2 ** ((view[13] ?? 0) & 0x0f),
    thin: (flags & 0x80) !== 0,
    zeroAfterUnmap: (flags & 0x40) !== 0,
  }
}

/** The answer to INQUIRY. */
export function parseInquiry(data: Uint8Array): Inquiry {
  const view = bufferOf(data)
  const text = (from: number, to: number): string => view.toString('latin1', from, to).replace(/\0/g, ' ').trim()
  const kind = view[0] ?? 0x7f
  return {
    deviceType: kind & 0x1f,
    qualifier: kind >>> 5,
    vendor: text(8, 16),
    product: text(16, 32),
    revision: text(32, 36),
  }
}

/** What a page of vital product data holds after its head of four bytes; empty when it is another page. */
export function vpdContent(page: number, data: Uint8Array): Buffer {
  const view = bufferOf(data)
  if (view.length < 4 || view[1] !== page) return Buffer.alloc(0)
  return view.subarray(4, 4 + view.readUInt16BE(2))
}

/** The content of page 0x83. */
export function parseDesignators(content: Buffer): readonly Designator[] {
  const result: Designator[] = []
  for (let at = 0; at + 4 <= content.length; ) {
    const length = content[at + 3] ?? 0
    const bytes = content.subarray(at + 4, at + 4 + length)
    const codeSet = (content[at] ?? 0) & 0x0f
    const kind = content[at + 1] ?? 0
    const name = codeSet === 1 ? bytes.toString('hex') : bytes.toString('utf8').replace(/\0+$/, '').trim()
    result.push({ association: (kind >>> 4) & 0x03, type: kind & 0x0f, name })
    at += 4 + length
  }
  return result
}

/** Page 0xB0, with its head. */
export function parseBlockLimits(data: Uint8Array): BlockLimits {
  const view = bufferOf(data)
  const limit = (at: number): number | null => {
    const value = view.length >= at + 4 ? view.readUInt32BE(at) : 0
    return value === 0 || value === 0xffff_ffff ? null : value
  }
  return { transfer: limit(8), optimalTransfer: limit(12), unmapBlocks: limit(20), unmapRanges: limit(24) }
}

function bufferOf(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}
