/**
 * Layouts of the PDUs we send and of the fields we read (RFC 7143, 11). A header has 48 bytes; numbers are big-endian. The length of the
 * data (bytes 5 to 7) is written by the wire.
 */

/** Operation codes. */
export const opcode = {
  nopOut: 0x00,
  scsiCommand: 0x01,
  loginRequest: 0x03,
  textRequest: 0x04,
  dataOut: 0x05,
  logoutRequest: 0x06,
  nopIn: 0x20,
  scsiResponse: 0x21,
  loginResponse: 0x23,
  textResponse: 0x24,
  dataIn: 0x25,
  logoutResponse: 0x26,
  readyToTransfer: 0x31,
  asyncMessage: 0x32,
  reject: 0x3f,
} as const

/** The tag that stands for none. */
export const noTag = 0xffff_ffff

/** Bytes of a header without additional segments and digest. */
export const headerBytes = 48

/** Positions of fields. Those of the same position belong to PDUs of different kinds. */
export const field = {
  opcode: 0,
  flags: 1,
  additionalWords: 4,
  dataLength: 5,
  lun: 8,
  taskTag: 16,
  transferTag: 20,
  commandNumber: 24,
  expectedStatus: 28,
  statusNumber: 24,
  expectedCommand: 28,
  maxCommand: 32,
  cdb: 32,
  dataNumber: 36,
  bufferOffset: 40,
  transferLength: 44,
  residual: 44,
} as const

const immediate = 0x40
const final = 0x80

/** What every PDU of ours carries: the next command's number and the next answer's. */
export interface Numbers {
  readonly command: number
  readonly status: number
}

function header(code: number, flags: number, taskTag: number): Buffer {
  const result = Buffer.alloc(headerBytes)
  result[field.opcode] = code
  result[field.flags] = flags
  result.writeUInt32BE(taskTag, field.taskTag)
  return result
}

function numbered(result: Buffer, { command, status }: Numbers): Buffer {
  result.writeUInt32BE(command, field.commandNumber)
  result.writeUInt32BE(status, field.expectedStatus)
  return result
}

/** What a SCSI command PDU says. */
export interface ScsiCommandFields extends Numbers {
  readonly tag: number
  readonly lun: Uint8Array
  readonly cdb: Uint8Array
  readonly direction: 'read' | 'write' | 'none'
  /** Bytes that the command moves. */
  readonly length: number
  /** Whether unsolicited data follow in PDUs of their own. */
  readonly more: boolean
}

/** A SCSI command, of the simple kind: the target may reorder it among others. */
export function scsiCommand(fields: ScsiCommandFields): Buffer {
  const direction = { read: 0x40, write: 0x20, none: 0 }[fields.direction]
  const result = header(opcode.scsiCommand, (fields.more ? 0 : final) | direction | 0x01, fields.tag)
  result.set(fields.lun, field.lun)
  result.writeUInt32BE(fields.length, 20)
  result.set(fields.cdb, field.cdb)
  return numbered(result, fields)
}

/** What a Data-Out PDU says. */
export interface DataOutFields {
  readonly tag: number
  readonly transferTag: number
  readonly lun: Uint8Array
  readonly status: number
  readonly number: number
  readonly offset: number
  readonly last: boolean
}

/** Data of a write command. */
export function dataOut(fields: DataOutFields): Buffer {
  const result = header(opcode.dataOut, fields.last ? final : 0, fields.tag)
  result.set(fields.lun, field.lun)
  result.writeUInt32BE(fields.transferTag, field.transferTag)
  result.writeUInt32BE(fields.status, field.expectedStatus)
  result.writeUInt32BE(fields.number, field.dataNumber)
  result.writeUInt32BE(fields.offset, field.bufferOffset)
  return result
}

/** Asks for a sign of life, outside the window: a target that takes no commands must still answer. */
export function ping(tag: number, numbers: Numbers): Buffer {
  const result = header(opcode.nopOut | immediate, final, tag)
  result.writeUInt32BE(noTag, field.transferTag)
  return numbered(result, numbers)
}

/** The sign of life that the target asked for by `nopIn`. */
export function pong(nopIn: Buffer, numbers: Numbers): Buffer {
  const result = header(opcode.nopOut | immediate, final, noTag)
  nopIn.copy(result, field.lun, field.lun, field.lun + 8)
  nopIn.copy(result, field.transferTag, field.transferTag, field.transferTag + 4)
  return numbered(result, numbers)
}

/** A text request. `transferTag` is the target's, when it has more to say. */
export function textRequest(tag: number, transferTag: number, numbers: Numbers): Buffer {
  const result = header(opcode.textRequest, final, tag)
  result.writeUInt32BE(transferTag, field.transferTag)
  return numbered(result, numbers)
}

/** Ends the session. */
export function logoutRequest(tag: number, numbers: Numbers): Buffer {
  return numbered(header(opcode.logoutRequest | immediate, final, tag), numbers)
}

/** What a login request says. Stages: 0 security, 1 operational, 3 full feature. */
export interface LoginFields extends Numbers {
  readonly stage: number
  /** The stage asked for, or null for one more round in this one. */
  readonly nextStage: number | null
  readonly isid: Uint8Array
  readonly tsih: number
}

/** A login request. */
export function loginRequest(fields: LoginFields): Buffer {
  const flags = (fields.stage << 2) | (fields.nextStage === null ? 0 : 0x80 | fields.nextStage)
  const result = header(opcode.loginRequest | immediate, flags, 0)
  result.set(fields.isid, 8)
  result.writeUInt16BE(fields.tsih, 14)
  return numbered(result, fields)
}

/** The operation code of a header. */
export function opcodeOf(pdu: Buffer): number {
  return pdu.readUInt8(field.opcode) & 0x3f
}
