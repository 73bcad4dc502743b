import { noopLogger, type OpenContext, parseOptions } from '@glance/core'
import { S3Driver, type S3World } from '../../src/driver.ts'
import { type S3OptionInput, s3Options } from '../../src/index.ts'

/** A signal that never fires. */
export const quiet: AbortSignal = new AbortController().signal

/** What a driver is opened in. */
export function openContext(signal: AbortSignal = quiet): OpenContext {
  return { storeId: 's3', logger: noopLogger, signal }
}

/** Opens a driver with options by their own names. */
export async function openDriver(input: S3OptionInput, world: S3World = {}): Promise<S3Driver> {
  const { values, issues } = parseOptions(s3Options, input as Readonly<Record<string, unknown>>)
  if (!values) throw new Error(JSON.stringify(issues))
  return S3Driver.open(values, openContext(), world)
}

/** Image data out of nothing: `size` bytes that are different everywhere, in chunks of `chunk` bytes of memory that is used again. */
export async function* imageData(size: number, chunk = 64 * 1024): AsyncGenerator<Uint8Array, void, void> {
  const memory = new Uint8Array(chunk)
  for (let at = 0; at < size; at += chunk) {
    const piece = memory.subarray(0, Math.min(chunk, size - at))
    for (let index = 0; index < piece.byteLength; index += 1) piece[index] = byteAt(at + index)
    yield piece
  }
}

/** The same bytes at once. */
export function imageBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let index = 0; index < size; index += 1) bytes[index] = byteAt(index)
  return bytes
}

function byteAt(index: number): number {
  return (index * 31 + (index >>> 8) * 7 + (index >>> 16) * 13) & 0xff
}

/** Reads a body to its end. */
export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of body) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}
