/** PDUs of the scripted target, cut out of a stream and put back on it. Written apart from the initiator, so that the two do not share mistakes. */

/** A PDU that came. */
export interface Pdu {
  readonly header: Buffer
  readonly data: Buffer
}

/** CRC32C, a bit at a time. */
export function crc32c(data: Uint8Array): Buffer {
  let register = ~0
  for (const byte of data) {
    register ^= byte
    for (let bit = 0; bit < 8; bit += 1) register = (register >>> 1) ^ (register & 1 ? 0x82f63b78 : 0)
  }
  const result = Buffer.alloc(4)
  result.writeInt32LE(~register)
  return result
}

/** Which digests go along. */
export interface Digests {
  header: boolean
  data: boolean
}

/** Cuts the first PDU off `bytes`; null when it is not whole yet. Throws when a digest is wrong. */
export function takePdu(bytes: Buffer, digests: Digests): { readonly pdu: Pdu; readonly rest: Buffer } | null {
  if (bytes.length < 48) return null
  const dataAt = 48 + (bytes[4] ?? 0) * 4 + (digests.header ? 4 : 0)
  const length = bytes.readUIntBE(5, 3)
  const padded = length + (-length & 3)
  const end = dataAt + padded + (digests.data && length > 0 ? 4 : 0)
  if (bytes.length < end) return null
  if (digests.header) mustMatch(bytes.subarray(0, dataAt - 4), bytes.subarray(dataAt - 4, dataAt))
  if (digests.data && length > 0) mustMatch(bytes.subarray(dataAt, dataAt + padded), bytes.subarray(end - 4, end))
  const pdu = { header: Buffer.from(bytes.subarray(0, 48)), data: Buffer.from(bytes.subarray(dataAt, dataAt + length)) }
  return { pdu, rest: bytes.subarray(end) }
}

function mustMatch(data: Uint8Array, digest: Buffer): void {
  if (!crc32c(data).equals(digest)) throw new Error('the initiator sent a wrong digest')
}

/** A PDU as bytes; its data length is written into the header. */
export function pduBytes(header: Buffer, data: Uint8Array, digests: Digests): Buffer {
  header.writeUIntBE(data.length, 5, 3)
  const padded = Buffer.concat([data, Buffer.alloc(-data.length & 3)])
  const parts = [header, digests.header ? crc32c(header) : Buffer.alloc(0), padded]
  if (digests.data && data.length > 0) parts.push(crc32c(padded))
  return Buffer.concat(parts)
}
