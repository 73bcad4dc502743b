import type { Harness, RawOptions } from '@glance/conformance'
import swiftDriver from '../../src/index.ts'
import { aContainer, namesBelow, removeBelow, type TestAccount } from './account.ts'

/** A harness over containers of their own in one account. */
export function harness(
  /** Starts the backend if that has not been done, and logs in. */
  account: () => Promise<TestAccount & { readonly options: RawOptions }>,
  more: RawOptions = {},
  /** False where the whole backend goes at the end. */
  removes = true,
): Harness {
  const containerOf = (options: RawOptions): string => String(options['swift_store_container'])
  return {
    definition: swiftDriver,
    patienceMs: 15_000,
    async options() {
      const { options } = await account()
      return {
        swift_store_create_container_on_put: true,
        swift_store_container: aContainer(),
        ...options,
        ...more,
      }
    },
    ...(removes ? { release: async (options) => removeBelow(await account(), containerOf(options)) } : {}),
    leftovers: async (options) => namesBelow(await account(), containerOf(options)),
    unreachable: async () => ({
      swift_store_auth_version: '1',
      swift_store_auth_address: 'http://127.0.0.1:1/auth/v1.0',
      swift_store_user: 'test:nobody',
      swift_store_key: 'of no use',
      swift_store_retries: 1,
    }),
  }
}

/** Segments of 1 MiB, also for small images, so that a suite of a few MiB has large objects. */
export const inSegments: RawOptions = {
  swift_store_large_object_size: '1MiB',
  swift_store_large_object_chunk_size: '1MiB',
}

/** Images of up to a few MiB in one request each, as their data come. */
export const streamed: RawOptions = {
  swift_store_large_object_chunk_size: '256KiB',
  swift_store_large_object_size: '6MiB',
}
