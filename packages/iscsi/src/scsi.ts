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
