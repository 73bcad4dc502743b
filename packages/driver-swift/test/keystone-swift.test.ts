import { noopLogger } from '@glance/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type KeystoneProcess, password, startKeystone } from '../../../test/support/keystone-process.ts'
import { describeWithBackend, probeOf } from '../../../test/support/require-backend.ts'
import { type SwiftProcess, startSwift } from '../../../test/support/swift-process.ts'
import { SwiftDriver } from '../src/driver.ts'
import { bytesOf, failureOf, never, optionsOf, read, someData, whole } from './support/open-driver.ts'

const size = 300_000

/** Both are needed; the sentence of the first that is missing. */
function probe(): true | string {
  const keystone = probeOf('keystone')()
  return keystone === true ? probeOf('swift')() : keystone
}

describeWithBackend({ describe, it }, 'swift', probe, 'with a real Swift and a real Keystone', () => {
  let keystone: KeystoneProcess
  let swift: SwiftProcess
  const drivers: SwiftDriver[] = []

  beforeAll(async () => {
    keystone = await startKeystone()
    swift = await startSwift({
      keystone: { url: keystone.url, user: 'admin', password, project: 'admin' },
    })
    await keystone.registerService('object-store', `${swift.url}/v1/AUTH_%(project_id)s`)
  }, 600_000)

  afterAll(async () => {
    for (const driver of drivers) await driver.close()
    await swift?.[Symbol.asyncDispose]()
    await keystone?.[Symbol.asyncDispose]()
  })

  const open = async (raw: Record<string, unknown>): Promise<SwiftDriver> => {
    const options = optionsOf({
      swift_store_auth_address: keystone.url,
      swift_store_create_container_on_put: true,
      swift_store_large_object_size: '100KiB',
      swift_store_large_object_chunk_size: '100KiB',
      ...raw,
    })
    const driver = await SwiftDriver.open(options, { storeId: 'test', logger: noopLogger, signal: never })
    drivers.push(driver)
    return driver
  }

  const service = { swift_store_user: 'service:glance', swift_store_key: password }

  const requester = async (person: 'alice' | 'bob') => ({
    project: await keystone.projectId(person),
    token: await keystone.logIn(person),
  })

  it('stores, reads and removes with user and password', { timeout: 120_000 }, async () => {
    const driver = await open(service)

    const { location } = await driver.add('image', someData(size), { size, signal: never })
    const bytes = await read(await driver.get(location, whole))
    await driver.delete(location, { signal: never })

    expect(location).toBe('swift+config://ref1/glance/image')
    expect(bytes.equals(bytesOf(size))).toBe(true)
    expect((await failureOf(driver.get(location, whole))).code).toBe('NOT_FOUND')
  })

  it('refuses to start with a wrong password, and does not show it', { timeout: 60_000 }, async () => {
    const error = await failureOf(open({ ...service, swift_store_key: 'not the password' }))

    expect(error).toMatchObject({ code: 'BAD_CONFIGURATION' })
    expect(error.message).not.toContain('not the password')
  })

  it('stores and reads with an application credential', { timeout: 120_000 }, async () => {
    const { id, secret } = await keystone.applicationCredential('alice')
    const driver = await open({
      swift_store_application_credential_id: id,
      swift_store_application_credential_secret: secret,
    })

    const { location } = await driver.add('image', someData(size), { size, signal: never })

    expect((await read(await driver.get(location, whole))).equals(bytesOf(size))).toBe(true)
  })

  it('stores in the account of the user, and lets others read by access lists', { timeout: 120_000 }, async () => {
    const driver = await open({ ...service, swift_store_multi_tenant: true })
    const [alice, bob] = await Promise.all([requester('alice'), requester('bob')])

    const added = await driver.add('shared', someData(size), { size, signal: never, requester: alice })
    const { location } = added
    const before = await failureOf(driver.get(location, { ...whole, requester: bob }))
    const acls = { public: false, write: [], signal: never, requester: alice }
    await driver.setAcls(location, { ...acls, read: [bob.project] })
    const bytes = await read(await driver.get(location, { ...whole, requester: bob }))
    await driver.setAcls(location, { ...acls, read: [] })
    const after = await failureOf(driver.get(location, { ...whole, requester: bob }))
    await driver.delete(location, { signal: never, requester: alice })

    expect(location).toBe(`swift+${swift.url}/v1/AUTH_${alice.project}/glance_shared/shared`)
    expect([before.code, after.code]).toEqual(['FORBIDDEN', 'FORBIDDEN'])
    expect(bytes.equals(bytesOf(size))).toBe(true)
  })

  it('needs no credentials of its own for the accounts of its users', { timeout: 120_000 }, async () => {
    const driver = await open({ swift_store_multi_tenant: true })
    const alice = await requester('alice')

    const { location } = await driver.add('own', someData(size), { size, signal: never, requester: alice })

    expect((await read(await driver.get(location, { ...whole, requester: alice }))).byteLength).toBe(size)
    expect((await failureOf(driver.add('nobody', someData(10), { size: 10, signal: never }))).code).toBe('FORBIDDEN')
  })

  it.each([
    ['goes on by a trust', true],
    ['ends without a trust', false],
  ])("%s when the user's token ends in the middle of an upload", { timeout: 120_000 }, async (_name, useTrusts) => {
    const driver = await open({ ...service, swift_store_multi_tenant: true, swift_store_use_trusts: useTrusts })
    const alice = await requester('alice')
    const data = async function* () {
      yield* someData(150_000)
      await keystone.revoke(alice.token)
      yield* someData(size)
    }

    const adding = driver.add(`long-${useTrusts}`, data(), { size: null, signal: never, requester: alice })

    if (!useTrusts) return expect((await failureOf(adding)).code).toBe('FORBIDDEN')
    const { location } = await adding
    const image = await driver.get(location, { ...whole, requester: await requester('alice') })
    expect(image.size).toBe(150_000 + size)
    await image.body[Symbol.asyncIterator]().return?.()
  })
})
