import { describeStoreDriver } from '@glance/conformance'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { describeWithBackend, probeOf } from '../../../test/support/require-backend.ts'
import { type SwiftProcess, startSwift, swiftKey } from '../../../test/support/swift-process.ts'
import { ask } from './support/account.ts'
import { harness, inSegments, streamed } from './support/harness.ts'

describeWithBackend({ describe, it }, 'swift', probeOf('swift'), 'with a real Swift', () => {
  let starting: Promise<SwiftProcess> | null = null
  const tempUrlKey = 'key of temporary addresses'

  const begin = async () => {
    starting = startSwift()
    const swift = await starting
    const login = await swift.logIn('test:tester')
    await ask(login, 'POST', '', { headers: { 'x-account-meta-temp-url-key': tempUrlKey } })
    const options = {
      swift_store_auth_version: '1',
      swift_store_auth_address: swift.authUrl,
      swift_store_user: 'test:tester',
      swift_store_key: swiftKey('test:tester'),
    }
    return { ...login, options }
  }
  let begun: ReturnType<typeof begin> | null = null
  const account = (): ReturnType<typeof begin> => {
    begun ??= begin()
    return begun
  }

  beforeAll(async () => void (await account()), 600_000)
  afterAll(async () => (await starting)?.[Symbol.asyncDispose]())

  const runner = {
    describe,
    it: Object.assign((name: string, body: () => Promise<void>) => it(name, body, 90_000), it),
  }
  describeStoreDriver(
    runner,
    'driver-swift, in segments up and in ranges down',
    harness(account, { ...inSegments, swift_store_temp_url_key: tempUrlKey, swift_store_download_ranges: 3 }, false),
  )
  describeStoreDriver(
    runner,
    'driver-swift, multi-tenant, streamed up, dynamic manifests',
    harness(
      account,
      {
        ...streamed,
        swift_store_large_object_manifest: 'dlo',
        swift_store_multi_tenant: true,
      },
      false,
    ),
  )
})
