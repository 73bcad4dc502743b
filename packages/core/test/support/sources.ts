/** Image data for tests, and sources of it that behave badly on purpose. */
import { createHash } from 'node:crypto'

/** `size` bytes that differ from place to place and from seed to seed. */
export function payload(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  let state = seed * 2_654_435_761
  for (let index = 0; index < size; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

/** The digest that a stream of these bytes must have. */
export function hexOf(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex')
}

/** The bytes in chunks of a given size. */
export async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, void> {
  for (let from = 0; from < bytes.byteLength; from += size) yield bytes.subarray(from, from + size)
}

/** The bytes in chunks that all lie in the same memory, which is overwritten as soon as the reader asks for the next one. */
export async function* reusingMemory(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, void> {
  const memory = new Uint8Array(size)
  for (let from = 0; from < bytes.byteLength; from += size) {
    const chunk = bytes.subarray(from, from + size)
    memory.set(chunk)
    yield memory.subarray(0, chunk.byteLength)
    memory.fill(0xee)
  }
}

/** The bytes, and then an error. */
export async function* failingAfter(bytes: Uint8Array, error: unknown): AsyncGenerator<Uint8Array, void, void> {
  yield bytes
  throw error
}

/** A source that gives its chunks and then never answers again. */
export interface StuckSource extends AsyncIterable<Uint8Array> {
  /** Resolves when the reader waits for what will not come. */
  readonly stuck: Promise<void>
  /** How often the reader called `return()`. */
  readonly returned: () => number
}

export function stuckAfter(...chunks: readonly Uint8Array[]): StuckSource {
  const { promise: stuck, resolve } = Promise.withResolvers<void>()
  let given = 0
  let returned = 0
  return {
    stuck,
    returned: () => returned,
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const value = chunks[given]
        given += 1
        if (value) return Promise.resolve({ done: false, value })
        resolve()
        return new Promise(() => {})
      },
      return: async () => {
        returned += 1
        return { done: true, value: undefined }
      },
    }),
  }
}

/** All bytes of a body, copied chunk by chunk as the contract asks. */
export async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk))
  return Buffer.concat(chunks)
}
