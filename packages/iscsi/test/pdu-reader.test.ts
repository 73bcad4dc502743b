import { describe, expect, it } from 'vitest'
import { crc32c } from '../../../test/support/iscsi-target/framing.ts'
import { PduReader } from '../src/pdu-reader.ts'
import { pattern } from './support/sessions.ts'

interface Received {
  readonly tag: number
  readonly data: Buffer
}

function aReader(place: (length: number) => Uint8Array | null = () => null): {
  reader: PduReader
  received: Received[]
} {
  const received: Received[] = []
  const sink = {
    placeFor: (_: Buffer, length: number): Uint8Array | null => place(length),
    received: (header: Buffer, data: Uint8Array): void => {
      received.push({ tag: header.readUInt32BE(16), data: Buffer.from(data) })
    },
  }
  return { reader: new PduReader(() => sink, 100_000), received }
}

/** Gives bytes to a reader as a socket does: into its room, at most `atOnce` at a time. */
function feed(reader: PduReader, bytes: Buffer, atOnce = bytes.length): void {
  for (let at = 0; at < bytes.length; ) {
    const room = reader.room()
    const count = Math.min(room.length, atOnce, bytes.length - at)
    room.set(bytes.subarray(at, at + count))
    reader.arrived(count)
    at += count
  }
}

function aPdu(tag: number, data: Buffer, options: { digests?: boolean; segments?: number } = {}): Buffer {
  const { digests = false, segments = 0 } = options
  const header = Buffer.alloc(48 + segments * 4)
  header[4] = segments
  header.writeUIntBE(data.length, 5, 3)
  header.writeUInt32BE(tag, 16)
  const padded = Buffer.concat([data, Buffer.alloc(-data.length & 3)])
  const parts = digests ? [header, crc32c(header), padded] : [header, padded]
  if (digests && data.length > 0) parts.push(crc32c(padded))
  return Buffer.concat(parts)
}

const some = [
  aPdu(1, Buffer.alloc(0)),
  aPdu(2, Buffer.from('hello')),
  aPdu(3, pattern(50_000), { segments: 3 }),
  aPdu(4, Buffer.from('four')),
]
const digested = [
  aPdu(1, Buffer.alloc(0), { digests: true }),
  aPdu(2, Buffer.from('hello'), { digests: true }),
  aPdu(3, pattern(50_000), { digests: true, segments: 255 }),
]

describe('PduReader', () => {
  it.each([1, 3, 47, 48, 49, 1_000, 1_000_000])('cuts out PDUs that come %i bytes at a time', (atOnce) => {
    const { reader, received } = aReader()

    feed(reader, Buffer.concat(some), atOnce)

    expect(received.map(({ tag }) => tag)).toEqual([1, 2, 3, 4])
    expect(received[1]?.data.toString()).toBe('hello')
    expect(received[2]?.data.equals(pattern(50_000))).toBe(true)
  })

  it.each([1, 51, 52, 53, 1_000_000])('checks digests when %i bytes come at a time', (atOnce) => {
    const { reader, received } = aReader()
    reader.useDigests(true, true)

    feed(reader, Buffer.concat(digested), atOnce)

    expect(received.map(({ tag }) => tag)).toEqual([1, 2, 3])
    expect(received[2]?.data.equals(pattern(50_000))).toBe(true)
  })

  it.each([
    ['header', 10],
    ['digest of the header', 48],
    ['data', 52],
    ['padding', 57],
    ['digest of the data', 60],
  ])('notices one wrong bit in the %s', (_, at) => {
    const { reader } = aReader()
    reader.useDigests(true, true)
    const bytes = aPdu(2, Buffer.from('hello'), { digests: true })
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)

    expect(() => feed(reader, bytes)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }))
  })

  it('lets the socket put long data where they belong, without a copy', () => {
    const place = Buffer.alloc(90_000)
    const { reader, received } = aReader(() => place)
    const bytes = aPdu(1, pattern(90_000))

    feed(reader, bytes.subarray(0, 60_000))
    const room = reader.room()

    expect(room.buffer).toBe(place.buffer)
    expect(room.length).toBe(90_000 - (60_000 - 48))
    feed(reader, Buffer.concat([bytes.subarray(60_000), some[1] as Buffer]).subarray(0, room.length))
    expect(received).toHaveLength(1)
    expect(place.equals(pattern(90_000))).toBe(true)
  })

  it('refuses more data than were agreed on before it makes room for them', () => {
    const { reader } = aReader(() => {
      throw new Error('asked for a place')
    })
    const header = Buffer.alloc(48)
    header.writeUIntBE(100_001, 5, 3)
    expect(() => feed(reader, header)).toThrow(expect.objectContaining({ code: 'PROTOCOL' }))
  })
})
