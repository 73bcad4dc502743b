/**
 * The form of a tape: frames one after the other, and a mark at the end.
 *
 * A frame is the length of its data and their CRC-32 (4 bytes each, big-endian) and the data. The end mark is a frame without data, followed
 * by the size of the image in 8 bytes. A tape that breaks off, or has changed, is noticed when it is read.
 */
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { abortError, StoreError } from '@glance/core'
import { native } from './errors.ts'

const headerBytes = 8
const endBytes = headerBytes + 8
/** No frame is longer, so that a reader's memory is bounded whatever the chunks of the writer were. */
const frameBytes = 1024 * 1024

/** Writes data at the end of an empty file. @returns their size in bytes */
export async function writeTape(file: FileHandle, data: AsyncIterable<Uint8Array>, what: string): Promise<number> {
  let size = 0
  for await (const chunk of data) {
    for (let at = 0; at < chunk.byteLength; at += frameBytes) {
      const frame = chunk.subarray(at, at + frameBytes)
      // Both writes are over before the loop asks for the next chunk, so the chunk needs no copy.
      await native(what, file.writeFile(header(frame.byteLength, crc32(frame))))
      await native(what, file.writeFile(frame))
    }
    size += chunk.byteLength
  }
  const end = Buffer.concat([header(0, 0), Buffer.alloc(8)])
  end.writeBigUInt64BE(BigInt(size), headerBytes)
  await native(what, file.writeFile(end))
  return size
}

/** Size in bytes of the image on a tape. */
export async function sizeOfTape(file: FileHandle, what: string): Promise<number> {
  const { size } = await native(what, file.stat())
  const end = await read(file, size - endBytes, endBytes, what)
  return Number(end.readBigUInt64BE(headerBytes))
}

/**
 * The data on a tape of a known size. The file is closed when the reader is done, leaves early, or the signal fires.
 *
 * It is an iterator with a `return` of its own because that of an async generator does nothing before the first `next()`.
 */
export function readTape(
  file: FileHandle,
  size: number,
  signal: AbortSignal,
  what: string,
): AsyncIterableIterator<Uint8Array, void, void> {
  const close = (): void => void file.close().catch(() => {})
  signal.addEventListener('abort', close, { once: true })
  const stop = async (): Promise<void> => {
    signal.removeEventListener('abort', close)
    await file.close()
  }
  const data = frames(file, size, signal, what)
  return {
    async next() {
      try {
        const step = await data.next()
        if (step.done) await stop()
        return step
      } catch (error) {
        await stop()
        throw signal.aborted ? abortError(signal, what) : error
      }
    },
    async return() {
      await stop()
      return data.return()
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

async function* frames(
  file: FileHandle,
  size: number,
  signal: AbortSignal,
  what: string,
): AsyncGenerator<Uint8Array, void, void> {
  let at = 0
  let got = 0
  for (;;) {
    if (signal.aborted) throw abortError(signal, what)
    const head = await read(file, at, headerBytes, what)
    const length = head.readUInt32BE(0)
    if (length === 0) break
    if (length > frameBytes) throw damaged(what)
    const frame = await read(file, at + headerBytes, length, what)
    if (crc32(frame) !== head.readUInt32BE(4)) throw damaged(what)
    at += headerBytes + length
    got += length
    yield frame
  }
  if (got !== size) throw damaged(what)
}

async function read(file: FileHandle, position: number, length: number, what: string): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  for (let done = 0; done < length; ) {
    if (position < 0) throw damaged(what)
    const { bytesRead } = await native(what, file.read(buffer, done, length - done, position + done))
    if (bytesRead === 0) throw damaged(what)
    done += bytesRead
  }
  return buffer
}

function header(length: number, checksum: number): Buffer {
  const bytes = Buffer.alloc(headerBytes)
  bytes.writeUInt32BE(length, 0)
  bytes.writeUInt32BE(checksum, 4)
  return bytes
}

function damaged(what: string): StoreError {
  return new StoreError('UNKNOWN', `${what}: the tape is damaged`)
}
