/**
 * Image data for tests: made from a seed, at any offset, so that what comes back can be compared without keeping what went in.
 *
 * A word of four bytes depends on the seed and its own position alone. The bytes of a seed are the same on every machine of one
 * endianness; a failure that prints seed and size can be repeated.
 */
import { must } from './finding.ts'

/** Image data that can be made again, whole or in part. */
export interface Payload {
  readonly seed: number
  /** Bytes. */
  readonly size: number
  /** Whether three of four blocks of 64 KiB, the first and the last ones among them, hold nothing but zeros. */
  readonly sparse: boolean
  /** A fresh copy of some of its bytes; less at the end. */
  slice(offset: number, length: number): Uint8Array<ArrayBuffer>
}

const sparseBlock = 65_536

/** Describes image data; nothing is made yet. */
export function payload(seed: number, size: number, { sparse = false }: { sparse?: boolean } = {}): Payload {
  return {
    seed,
    size,
    sparse,
    slice(offset, length) {
      const bytes = generate(seed, offset, Math.max(0, Math.min(length, size - offset)))
      if (sparse) blank(bytes, offset)
      return bytes
    },
  }
}

/** A seed that depends on a text and a number, evenly spread. */
export function seedFrom(text: string, number: number): number {
  let seed = number | 0
  for (const character of text) seed = mix((seed ^ (character.codePointAt(0) ?? 0)) | 0)
  return seed >>> 0
}

function generate(seed: number, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const first = Math.floor(offset / 4)
  const words = new Uint32Array(Math.ceil((offset + length) / 4) - first)
  for (let index = 0; index < words.length; index += 1)
    words[index] = mix((seed + Math.imul(first + index, 0x9e3779b9)) | 0)
  return new Uint8Array(words.buffer, offset - first * 4, length)
}

function mix(value: number): number {
  let word = value ^ (value >>> 16)
  word = Math.imul(word, 0x21f0aaad)
  word ^= word >>> 15
  word = Math.imul(word, 0x735a2d97)
  return word ^ (word >>> 15)
}

function blank(bytes: Uint8Array, offset: number): void {
  const end = offset + bytes.byteLength
  for (let block = Math.floor(offset / sparseBlock); block * sparseBlock < end; block += 1) {
    if (block % 4 !== 1) bytes.fill(0, Math.max(0, block * sparseBlock - offset), (block + 1) * sparseBlock - offset)
  }
}

/** Compares a stream of chunks with a part of a payload, byte by byte. */
export class Comparison {
  readonly #payload: Payload
  readonly #start: number
  readonly #length: number
  #got = 0

  /** `offset` and `length` as a read gives them: past the end there is nothing, and a null length means all up to the end. */
  constructor(expected: Payload, offset = 0, length: number | null = null) {
    this.#payload = expected
    this.#start = Math.min(offset, expected.size)
    this.#length = Math.min(length ?? expected.size, expected.size - this.#start)
  }

  /** Bytes that are to come in all. */
  get length(): number {
    return this.#length
  }

  /** Bytes that came. */
  get got(): number {
    return this.#got
  }

  push(chunk: Uint8Array): void {
    const wanted = this.#payload.slice(this.#start + this.#got, Math.min(chunk.byteLength, this.#length - this.#got))
    must(
      wanted.byteLength === chunk.byteLength,
      `the body goes on after the ${this.#length} bytes that there are to read`,
    )
    if (Buffer.compare(wanted, chunk) !== 0) {
      const index = wanted.findIndex((byte, at) => byte !== chunk[at])
      must(false, `byte ${this.#start + this.#got + index} is ${chunk[index]} instead of ${wanted[index]}`)
    }
    this.#got += chunk.byteLength
  }

  end(): void {
    must(this.#got === this.#length, `the body ended after ${this.#got} of ${this.#length} bytes as if it were whole`)
  }
}
