import { isUint8Array } from 'node:util/types'
import { StoreError } from '../errors.ts'

/** What a metered stream must keep to. */
export interface MeterLimits {
  /** Announced bytes; null when unknown. */
  readonly size: number | null
  /** Most bytes that are let through; null for no limit. */
  readonly limit: number | null
}

/**
 * Passes data on, counts it, and holds it to its announced size and limit.
 *
 * A surplus byte ends the stream before it is passed on; missing ones are noticed at the end, before the reader sees the end. Empty chunks
 * are dropped. `counted` is called with the bytes so far after each chunk.
 *
 * @throws StoreError SIZE_MISMATCH when the data are longer or shorter than announced, TOO_LARGE when they pass the limit; TypeError when a
 *   chunk is no Uint8Array (a stream that was told to decode text)
 */
export async function* meter(
  data: AsyncIterable<Uint8Array>,
  { size, limit }: MeterLimits,
  counted: (total: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  let total = 0
  for await (const chunk of data) {
    if (!isUint8Array(chunk)) throw new TypeError(`a chunk of image data must be a Uint8Array, not a ${typeof chunk}`)
    if (chunk.byteLength === 0) continue
    total += chunk.byteLength
    if (limit !== null && total > limit)
      throw new StoreError('TOO_LARGE', `image data is over the limit of ${limit} bytes`)
    if (size !== null && total > size)
      throw new StoreError('SIZE_MISMATCH', `image data is longer than the announced ${size} bytes`)
    counted(total)
    yield chunk
  }
  if (size !== null && total < size) {
    throw new StoreError('SIZE_MISMATCH', `image data ended after ${total} of the announced ${size} bytes`)
  }
}
