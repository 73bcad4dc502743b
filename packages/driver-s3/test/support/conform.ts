import { describeStoreDriver, type Harness, type RawOptions } from '@glance/conformance'
import { describe, it } from 'vitest'
import { s3Driver } from '../../src/index.ts'

/** Options with which every image that can be is sent in parts, and read in one stream. */
export const inParts: RawOptions = {
  s3_store_large_object_size: 0,
  s3_store_large_object_chunk_size: '5',
  s3_store_thread_pools: 2,
  s3_store_read_threads: 1,
}

/** Options with which images of some MiB are read in several ranges. */
export const inRanges: RawOptions = { s3_store_large_object_size: '5', s3_store_read_range_size: '1MiB' }

/** Runs the conformance suite. The limits of copies are so low that one of several MiB takes parts. */
export function conform(title: string, harness: Pick<Harness, 'options' | 'leftovers'> & Partial<Harness>): void {
  describeStoreDriver({ describe, it }, `driver-s3, ${title}`, {
    definition: s3Driver({ copyLimits: { whole: 1024 ** 2, part: 5 * 1024 ** 2 } }),
    unreachable: async () => ({
      s3_store_host: 'http://127.0.0.1:1',
      s3_store_bucket: 'away',
      s3_store_access_key: 'ACCESS',
      s3_store_secret_key: 'secret-of-the-tests',
      s3_store_max_attempts: 2,
    }),
    maxPayloadBytes: 12 * 1024 ** 2,
    // Other work on the machine makes a request take a hundred times as long as it needs.
    patienceMs: 20_000,
    ...harness,
  })
}
