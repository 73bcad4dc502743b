/** The driver on a second real service, as a check on what the first one allows: the S3 API of OpenStack Swift. */
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { describeWithBackend, probeOf } from '../../../test/support/require-backend.ts'
import { type SwiftProcess, startSwift, swiftKey } from '../../../test/support/swift-process.ts'
import { conform, inParts } from './support/conform.ts'
import { TestBuckets } from './support/s3-buckets.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 200_000 })

const user = 'test:tester'
const account = { region: 'us-east-1', accessKey: user, secretKey: swiftKey(user) } as const

describeWithBackend({ describe, it }, 'swift', probeOf('swift'), "driver-s3 on Swift's S3 API", () => {
  let swift: SwiftProcess
  let buckets: TestBuckets

  beforeAll(async () => {
    swift = await startSwift({ s3api: true })
    buckets = new TestBuckets({ url: swift.url, ...account })
  })
  afterAll(async () => {
    buckets?.close()
    await swift?.[Symbol.asyncDispose]()
  })

  conform('images in parts', {
    options: async () => ({
      s3_store_host: swift.url,
      s3_store_region_name: account.region,
      s3_store_access_key: account.accessKey,
      s3_store_secret_key: account.secretKey,
      s3_store_bucket: await buckets.make(),
      s3_store_bucket_url_format: 'path',
      ...inParts,
    }),
    release: (options) => buckets.remove(String(options['s3_store_bucket'])),
    leftovers: (options) => buckets.names(String(options['s3_store_bucket'])),
  })
})
