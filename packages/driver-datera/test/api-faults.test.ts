/** What is left when the management API fails at every step: an image and an answer, or nothing and an error. */
import { describe, expect, it } from 'vitest'
import { describeWithBackend, probeOf } from '../../../test/support/require-backend.ts'
import type { Fault } from '../src/emulator/index.ts'
import { bytesOf, digestOf, inChunks, openDriver, quiet, shaOf, startSystem } from './support/system.ts'

const data = bytesOf(3_000_001)
const whole = { offset: 0, length: null, signal: quiet }
const complete = { bytes: data.byteLength, sha: shaOf(data) }
const id = '71c675ab-d94f-49cd-a114-e12490b328d9'

const steps: readonly (readonly [string, Pick<Fault, 'method' | 'path'>])[] = [
  ['making the app instance', { method: 'POST', path: /^\/app_instances$/ }],
  ['bringing it online', { method: 'PUT', path: /^\/app_instances\/[^/]+$/ }],
  ['looking for the target', { method: 'GET', path: /storage_instances$/ }],
  ['looking for the initiator', { method: 'GET', path: /^\/initiators\// }],
  ['making the initiator', { method: 'POST', path: /^\/initiators$/ }],
  ['reading the access list', { method: 'GET', path: /acl_policy$/ }],
  ['writing the access list', { method: 'PUT', path: /acl_policy$/ }],
  ['writing the metadata', { method: 'PUT', path: /metadata$/ }],
]

describeWithBackend({ describe, it }, 'tgt', probeOf('tgt'), 'an upload whose management API fails', () => {
  it.each(steps)('leaves nothing when %s is refused for good', async (_step, where) => {
    const system = await startSystem()
    const driver = await openDriver(system)
    system.fault({ ...where, action: { kind: 'answer', status: 500, name: 'InternalError', message: 'broken' } })
    const leftByDelete = where.method === 'PUT' && where.path?.source.endsWith('[^/]+$')

    await expect(driver.add(id, inChunks(data), { size: data.byteLength, signal: quiet })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })

    // Where going offline is refused as well, nobody can remove the app instance now; the start of the server does.
    if (!leftByDelete) expect(system.names).toEqual([])
    system.mend()
    await driver.discard?.(id, { signal: quiet })
    expect(system.names).toEqual([])
    const { location } = await driver.add(id, inChunks(data), { size: data.byteLength, signal: quiet })
    expect(await digestOf(await driver.get(location, whole))).toEqual(complete)
  })

  it.each(steps)('goes through when %s is refused for a moment, or its answer is lost', async (_step, where) => {
    const system = await startSystem()
    const driver = await openDriver(system)
    system.fault({ ...where, times: 1, action: { kind: 'answer', status: 503 } })
    system.fault({
      ...where,
      times: 1,
      action: { kind: 'answer', status: 500, message: 'REST server is still initializing' },
    })
    system.fault({ ...where, times: 1, action: { kind: 'reset' } })
    system.fault({ ...where, times: 1, action: { kind: 'lost answer' } })
    system.fault({ ...where, times: 1, action: { kind: 'answer', status: 401, name: 'InvalidSessionKeyError' } })

    const { location } = await driver.add(id, inChunks(data), { size: null, signal: quiet })

    expect(await digestOf(await driver.get(location, whole))).toEqual(complete)
    expect(system.names).toEqual([`OS-IMAGE-${id}`])
  })

  it.each([0, 1_000_000, 3_000_000])(
    'leaves nothing when the connection to the volume breaks after %i bytes, and the next upload works',
    async (after) => {
      const system = await startSystem()
      const driver = await openDriver(system, { datera_io_size: '64KiB', datera_queue_depth: '2' })
      const breaking = (async function* () {
        yield* inChunks(data.subarray(0, after))
        expect(await system.cutConnections(`OS-IMAGE-${id}`)).toBe(1)
        yield* inChunks(data.subarray(after))
      })()

      await expect(driver.add(id, breaking, { size: data.byteLength, signal: quiet })).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      })

      expect(system.names).toEqual([])
      const { location } = await driver.add(id, inChunks(data), { size: data.byteLength, signal: quiet })
      expect(await digestOf(await driver.get(location, whole))).toEqual(complete)
    },
  )

  it('is WRITE_DENIED when the user may not, and STORE_FULL when there is no room', async () => {
    const system = await startSystem({ capacityGib: 5 })
    const driver = await openDriver(system)
    system.fault({ method: 'POST', path: /^\/app_instances$/, times: 1, action: { kind: 'answer', status: 403 } })

    const add = (): Promise<unknown> => driver.add(id, inChunks(data), { size: null, signal: quiet })

    await expect(add()).rejects.toMatchObject({ code: 'WRITE_DENIED' })
    await add()
    const second = driver.add('second', inChunks(data), { size: null, signal: quiet })
    await expect(second).rejects.toMatchObject({ code: 'STORE_FULL' })
    expect(system.names).toEqual([`OS-IMAGE-${id}`])
  })
})

describeWithBackend({ describe, it }, 'tgt', probeOf('tgt'), 'a session with the management API', () => {
  it('is renewed once for all that wait', async () => {
    const system = await startSystem()
    const driver = await openDriver(system)
    const { location } = await driver.add(id, inChunks(data), { size: data.byteLength, signal: quiet })
    const logins = (): number => system.requests.filter(({ path }) => path === '/login').length
    const before = logins()
    system.expireKeys()

    await Promise.all(Array.from({ length: 8 }, () => driver.getSize(location, { signal: quiet })))

    expect(logins() - before).toBe(1)
  })

  it('does not open with a wrong password, and says which options are wrong', async () => {
    const system = await startSystem()

    await expect(openDriver(system, { datera_san_password: 'wrong password' })).rejects.toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: expect.stringContaining('datera_san_password'),
    })
  })

  it.each([
    [['v2.3', 'v2.2'], 'v2.3'],
    [['v2', 'v2.1'], 'v2.1'],
    [[], 'v2.1'],
  ])('finds a version among %j', async (versions) => {
    const system = await startSystem({ versions })
    const driver = await openDriver(system)

    await expect(driver.check?.({ signal: quiet })).resolves.toBeUndefined()
  })

  it('refuses a system that speaks nothing that is known here', async () => {
    const system = await startSystem({ versions: ['v2', 'v4'] })

    await expect(openDriver(system)).rejects.toMatchObject({ code: 'BAD_CONFIGURATION' })
  })
})

describeWithBackend({ describe, it }, 'tgt', probeOf('tgt'), 'a read', () => {
  it('is NOT_FOUND for an image that was never stored whole', async () => {
    const system = await startSystem()
    const driver = await openDriver(system)
    const { location } = await driver.add(id, inChunks(data), { size: data.byteLength, signal: quiet })
    for (const instance of system.system.instances.values()) instance.metadata = {}

    await expect(driver.get(location, whole)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(driver.getSize(location, { signal: quiet })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('goes on over a lost iSCSI connection', async () => {
    const system = await startSystem()
    const driver = await openDriver(system, { datera_io_size: '64KiB', datera_queue_depth: '2' })
    const { location } = await driver.add(id, inChunks(data), { size: data.byteLength, signal: quiet })
    const { body } = await driver.get(location, whole)
    const iterator = body[Symbol.asyncIterator]()
    const first = await iterator.next()
    const head = Buffer.from(first.done ? [] : first.value)

    expect(await system.cutConnections(`OS-IMAGE-${id}`)).toBe(1)

    const rest: Buffer[] = []
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) rest.push(Buffer.from(step.value))
    expect(shaOf(Buffer.concat([head, ...rest]))).toBe(complete.sha)
  })

  it('shares one session, and leaves the volume online while somebody reads', async () => {
    const system = await startSystem()
    const driver = await openDriver(system, { datera_io_size: '64KiB' })
    const { location } = await driver.add(id, inChunks(data), { size: data.byteLength, signal: quiet })
    const [instance] = system.system.instances.values()
    const [one, two] = await Promise.all([driver.get(location, whole), driver.get(location, whole)])
    if (!instance) throw new Error('the image is not there')

    expect(await system.tgt.initiators(instance.iqn)).toHaveLength(1)
    expect(await digestOf(one)).toEqual(complete)
    expect(instance.online).toBe(true)
    expect(await digestOf(two)).toEqual(complete)
    expect(instance.online).toBe(false)
  })

  it('keeps what the system knew of the image: its length and its digests', async () => {
    const system = await startSystem()
    const driver = await openDriver(system)
    const digests = new Map([
      ['md5', 'd41d8cd98f00b204e9800998ecf8427e'],
      ['sha512', 'cf83'],
    ])
    await driver.add(id, inChunks(new Uint8Array()), { size: 0, signal: quiet, digests })

    const [instance] = system.system.instances.values()
    expect(instance?.metadata).toEqual({
      type: 'image',
      length: '0',
      checksum: 'd41d8cd98f00b204e9800998ecf8427e',
      sha512: 'cf83',
    })
  })
})

describeWithBackend({ describe, it }, 'tgt', probeOf('tgt'), 'a deletion', () => {
  it('is IN_USE while another initiator is logged in', async () => {
    const system = await startSystem()
    const mine = await openDriver(system)
    const theirs = await openDriver(system, { datera_initiator_name: 'iqn.2010-10.org.openstack:cinder:host' })
    const { location } = await mine.add(id, inChunks(data), { size: data.byteLength, signal: quiet })
    const { body } = await theirs.get(location, whole)
    await body[Symbol.asyncIterator]().next()

    await expect(mine.delete(location, { signal: quiet })).rejects.toMatchObject({ code: 'IN_USE' })

    await body[Symbol.asyncIterator]().return?.()
    await mine.delete(location, { signal: quiet })
    expect(system.names).toEqual([])
  })
})
