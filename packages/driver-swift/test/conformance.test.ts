import { describeStoreDriver } from '@glance/conformance'
import { afterAll, describe, it } from 'vitest'
import { fakeKey, fakeTempUrlKey, startFakeSwift } from './support/fake-swift.ts'
import { harness, inSegments, streamed } from './support/harness.ts'

const fake = await startFakeSwift()
afterAll(() => fake.stop())

const account = async () => {
  fake.tokens.set('token of the tests', 'AUTH_test')
  const options = {
    swift_store_auth_version: '1',
    swift_store_auth_address: fake.authUrl,
    swift_store_user: 'test:tester',
    swift_store_key: fakeKey,
  }
  return { token: 'token of the tests', storageUrl: `${fake.url}/v1/AUTH_test`, options }
}

const runner = { describe, it }
describeStoreDriver(
  runner,
  'driver-swift, in segments',
  harness(account, { ...inSegments, swift_store_temp_url_key: fakeTempUrlKey }),
)
describeStoreDriver(
  runner,
  'driver-swift, dynamic manifests, several containers, streamed up and in ranges down',
  harness(account, {
    ...streamed,
    swift_store_large_object_manifest: 'dlo',
    swift_store_multiple_containers_seed: 2,
    swift_store_download_ranges: 3,
  }),
)
