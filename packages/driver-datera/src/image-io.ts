/** Image data onto a volume and from it: offsets of a disk are whole blocks, those of an image are not. */
import { readRanges, StoreError, sendParts } from '@glance/core'
import type { IscsiSession } from '@glance/iscsi'

/** What writing works with. */
export interface Writing {
  readonly session: IscsiSession
  /** Bytes of one write; a multiple of any block. */
  readonly ioSize: number
  readonly queueDepth: number
  readonly signal: AbortSignal
  /** Makes the volume at least so many bytes long; null when its length is known to do. */
  readonly grow: ((bytes: number) => Promise<void>) | null
}

/**
 * Writes data from the beginning of a volume on and makes them durable. The last block is filled up with zeros.
 *
 * Memory: (`queueDepth` + 1) × `ioSize`.
 *
 * @returns the number of bytes
 * @throws what the source throws, as it is; what the initiator throws; StoreError UNAVAILABLE when the connection was lost and had again, because a target that restarted may have forgotten what it acknowledged
 */
export async function writeImage(data: AsyncIterable<Uint8Array>, writing: Writing): Promise<number> {
  const { session, ioSize, queueDepth, signal, grow } = writing
  const { blockSize } = session.capacity
  const before = session.reconnects
  let total = 0
  await sendParts(data, { partSize: ioSize, parallel: queueDepth, signal }, async ({ offset, bytes }, sending) => {
    total = Math.max(total, offset + bytes.byteLength)
    if (bytes.byteLength === 0) return
    const end = offset + roundUp(bytes.byteLength, blockSize)
    await grow?.(end)
    await session.write(offset, end - offset === bytes.byteLength ? bytes : filledUp(bytes, end - offset), {
      signal: sending,
    })
  })
  if (total > 0) await session.flush({ signal })
  if (session.reconnects !== before)
    throw new StoreError('UNAVAILABLE', 'the connection to the volume was lost while data were not yet durable')
  return total
}

/** What reading works with. */
export interface Reading {
  readonly session: IscsiSession
  readonly ioSize: number
  readonly queueDepth: number
  readonly signal: AbortSignal
}

/** Reads a stretch of an image, `length` at least 1. Memory as for writing. @throws what the initiator throws */
export async function* readImage(
  offset: number,
  length: number,
  { session, ioSize, queueDepth, signal }: Reading,
): AsyncGenerator<Uint8Array, void, void> {
  const { blockSize } = session.capacity
  const from = offset - (offset % blockSize)
  const to = roundUp(offset + length, blockSize)
  let skip = offset - from
  let left = length
  const ranges = readRanges(
    { offset: from, length: to - from, rangeSize: ioSize, parallel: queueDepth, signal },
    (into, range, reading) => session.read(range.offset, into, { signal: reading }),
  )
  for await (const chunk of ranges) {
    const part = chunk.subarray(skip, Math.min(chunk.byteLength, skip + left))
    skip = 0
    left -= part.byteLength
    yield part
  }
}

/** Keeps a volume as long as what is written needs it, growing it by one call at a time. */
export class GrowingVolume {
  readonly #grow: (sizeGib: number) => Promise<void>
  readonly #stepGib: number
  #sizeGib: number
  #growing: Promise<void> | null = null

  /** @param grow - makes the volume so long, in GiB, and resolves when the session sees it */
  constructor(sizeGib: number, stepGib: number, grow: (sizeGib: number) => Promise<void>) {
    this.#sizeGib = sizeGib
    this.#stepGib = stepGib
    this.#grow = grow
  }

  /** Resolves when the volume has so many bytes. It doubles up to steps of 64 GiB: growing takes the system seconds, and what is too much is never given back. */
  async ensure(bytes: number): Promise<void> {
    while (bytes > this.#sizeGib * gib) {
      this.#growing ??= this.#growNow(Math.ceil(bytes / gib)).finally(() => {
        this.#growing = null
      })
      await this.#growing
    }
  }

  async #growNow(needed: number): Promise<void> {
    const step = Math.max(this.#stepGib, Math.min(this.#sizeGib, mostStepGib))
    const wanted = Math.max(needed, this.#sizeGib + step)
    await this.#grow(wanted)
    this.#sizeGib = wanted
  }
}

export const gib: number = 1024 ** 3
const mostStepGib = 64

function roundUp(bytes: number, blockSize: number): number {
  return Math.ceil(bytes / blockSize) * blockSize
}

function filledUp(bytes: Uint8Array, length: number): Uint8Array {
  const filled = new Uint8Array(length)
  filled.set(bytes)
  return filled
}
