import type { RawOptions } from '@glance/conformance'
import { vi } from 'vitest'
import { conform, inParts, inRanges } from './support/conform.ts'
import { type Conditions, startFakeS3 } from './support/fake-s3.ts'
import { resolveTestNames } from './support/test-names.ts'

vi.setConfig({ testTimeout: 60_000 })
resolveTestNames()

/** Runs the suite against a fake with a bucket of its own for each store. */
async function conformOnFake(title: string, conditions: Conditions, more: RawOptions): Promise<void> {
  const fake = await startFakeS3({ conditions })
  conform(title, {
    options: async () => ({
      s3_store_host: fake.url,
      s3_store_access_key: 'ACCESS',
      s3_store_secret_key: 'secret-of-the-tests',
      s3_store_bucket: fake.makeBucket(),
      ...(more['s3_store_bucket_url_format'] === 'virtual' && { s3_store_host: `http://s3.test:${fake.port}` }),
      ...more,
    }),
    leftovers: async (options) => fake.names(String(options['s3_store_bucket'])),
  })
}

await conformOnFake('a service with conditional writes', 'all', {})
await conformOnFake('conditions for PutObject alone, bucket in the host name, images in parts', 'put', {
  ...inParts,
  s3_store_bucket_url_format: 'virtual',
})
await conformOnFake('a service that refuses conditions, images in ranges', 'refused', inRanges)
