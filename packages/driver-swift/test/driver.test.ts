import { describe, expect, it } from 'vitest'
import { containerAcls } from '../src/acls.ts'
import { clusterInfoFrom } from '../src/cluster-info.ts'
import { Containers } from '../src/containers.ts'
import { staticParts } from '../src/copy.ts'
import { statusInBody } from '../src/remove.ts'
import { ask } from './support/account.ts'
import {
  aSwift,
  bytesOf,
  failureOf,
  never,
  openDriver,
  optionsOf,
  read,
  someData,
  whole,
} from './support/open-driver.ts'

describe('the options', () => {
  it('count sizes as Glance does', () => {
    const options = optionsOf({ swift_store_large_object_size: '1', swift_store_large_object_chunk_size: '8MiB' })

    expect(options.largeObjectSize).toBe(1000 * 1024)
    expect(options.largeObjectChunkSize).toBe(8 * 1024 ** 2)
    expect(optionsOf({})).toMatchObject({ largeObjectSize: 5_242_880_000, largeObjectChunkSize: 204_800_000 })
  })

  it.each([
    [{ swift_store_multi_tenant: true, swift_store_config_file: '/x' }, 'exclude each other'],
    [{ swift_store_multi_tenant: true, swift_store_multiple_containers_seed: 2 }, 'single-tenant'],
    [{ swift_store_endpoint: 'nowhere' }, 'no storage URL'],
    [{ swift_store_container: 'a/b' }, 'swift_store_container'],
    [{ swift_store_key: 'wrong' }, 'refused the log-in'],
  ])('%j cannot work', async (raw, words) => {
    const fake = await aSwift()

    expect(await failureOf(openDriver(fake, raw))).toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: expect.stringContaining(words),
    })
  })
})

describe('containers', () => {
  const id = '3a1b2c3d-0000-4000-8000-000000000000'

  it.each([
    [0, 'glance'],
    [3, 'glance_3a1'],
    [9, 'glance_3a1b2c3d-0'],
    [32, `glance_${id}`],
  ])('with a seed of %i are %s', (seed, container) => {
    const containers = new Containers(optionsOf({ swift_store_multiple_containers_seed: String(seed) }))
    expect(containers.placeFor(id)).toEqual({ container, object: id })
    expect(containers.allows({ container, object: id })).toBe(true)
  })

  it.each([
    ['glance_3a', true],
    ['glance_3b', false],
    ['glance_', false],
    ['glance2', false],
    ['archive', true],
  ])('may be named by a location: %s is %s', (container, allowed) => {
    const containers = new Containers(optionsOf({ swift_store_other_containers: 'archive' }))
    expect(containers.allows({ container, object: id })).toBe(allowed)
  })
})

describe('access lists', () => {
  it.each([
    [{ public: true, read: ['a'], write: [] }, '*:*', 'admins:*'],
    [{ public: false, read: ['a', 'b'], write: ['c'] }, 'a:*,b:*', 'c:*,admins:*'],
    [{ public: false, read: [], write: [] }, '', 'admins:*'],
  ])('of %j', (acls, read, write) => {
    expect(containerAcls(acls, ['admins'])).toEqual({ 'x-container-read': read, 'x-container-write': write })
  })
})

describe('answers of Swift', () => {
  it('are read where they say what the cluster can do', () => {
    expect(clusterInfoFrom({ swift: { max_file_size: 9 }, slo: {}, tempurl: {} })).toEqual({
      maxFileSize: 9,
      slo: true,
      maxManifestSegments: 1000,
      tempUrlSha256: false,
    })
    expect(clusterInfoFrom(null).slo).toBe(false)
  })

  it('are read where a status stands in the body', () => {
    expect(statusInBody('{"Response Status": "400 Bad Request"}')).toBe(400)
    expect(statusInBody('')).toBeNull()
  })

  it('are no list of parts when a manifest holds more than whole objects', () => {
    const entry = { name: '/c/o', bytes: 1, hash: 'x' }
    expect(staticParts(JSON.stringify([entry]))).toEqual([{ container: 'c', name: 'o', size: 1, etag: 'x' }])
    for (const more of [{ sub_slo: true }, { range: '0-1' }, { name: 'c' }])
      expect(staticParts(JSON.stringify([{ ...entry, ...more }]))).toBeNull()
    expect(staticParts('<html>')).toBeNull()
  })
})

describe('images that Glance stored', () => {
  it('are read and removed, with their segments and nothing else', async () => {
    const fake = await aSwift()
    const driver = await openDriver(fake)
    await driver.add('first', someData(10), { size: 10, signal: never })
    const account = { token: [...fake.tokens.keys()][0] ?? '', storageUrl: `${fake.url}/v1/AUTH_test` }
    for (const number of [1, 2, 3, 4, 5])
      await ask(account, 'PUT', `/glance/image-0000${number}`, { body: String(number) })
    await ask(account, 'PUT', '/glance/image', { headers: { 'x-object-manifest': 'glance/image-' } })
    const location = 'swift+config://ref1/glance/image'

    const bytes = await read(await driver.get(location, whole))
    await ask(account, 'PUT', '/glance/image-other', { body: 'of another image' })
    await driver.delete(location, { signal: never })

    expect(bytes.toString()).toBe('12345')
    expect(fake.names()).toEqual(['glance/first', 'glance/image-other'])
  })
})

describe('a copy', () => {
  it('is refused with null between two accounts, though their references have the same name', async () => {
    const fake = await aSwift()
    const from = await openDriver(fake, { swift_store_user: 'other:user' })
    const to = await openDriver(fake)
    const { location } = await from.add('image', someData(10), { size: 10, signal: never })

    const copied = await to.copy('image', { location, size: 10, driver: from }, { signal: never })

    expect(copied).toBeNull()
    expect(fake.names()).toEqual([])
  })

  it('of segments that cannot be copied leaves nothing', async () => {
    const fake = await aSwift()
    const small = { swift_store_large_object_size: '1KiB', swift_store_large_object_chunk_size: '1KiB' }
    const from = await openDriver(fake, { ...small, swift_store_container: 'first' })
    const to = await openDriver(fake, { ...small, swift_store_container: 'second' })
    const { location } = await from.add('image', someData(5000), { size: 5000, signal: never })
    fake.faults.push({ on: /^PUT \/second\/.*-00000003$/, act: { status: 413 } })

    const error = await failureOf(to.copy('image', { location, size: 5000, driver: from }, { signal: never }))

    expect(error.code).toBe('STORE_FULL')
    expect(fake.names().every((name) => name.startsWith('first/'))).toBe(true)
    await to.copy('image', { location, size: 5000, driver: from }, { signal: never })
    await from.delete(location, { signal: never })
    const image = await to.get('swift+config://ref1/second/image', whole)
    expect((await read(image)).equals(bytesOf(5000))).toBe(true)
  })
})

describe('an image of unknown size', () => {
  it('is one object when it fits into the first segment', async () => {
    const fake = await aSwift()
    const driver = await openDriver(fake)

    await driver.add('image', someData(5000), { size: null, signal: never })

    expect(fake.names()).toEqual(['glance/image'])
    expect(fake.object('glance/image')?.slo).toBeNull()
  })

  it('has a dynamic manifest when a static one has no room for all segments', async () => {
    const fake = await aSwift()
    fake.info = { swift: {}, slo: { max_manifest_segments: 2 }, tempurl: {} }
    const driver = await openDriver(fake, { swift_store_large_object_chunk_size: '1KiB' })

    const { location } = await driver.add('image', someData(5000), { size: null, signal: never })

    expect(fake.object('glance/image')?.dlo).toMatch(/^glance\/image-[0-9a-f]{16}-$/)
    expect((await read(await driver.get(location, whole))).equals(bytesOf(5000))).toBe(true)
  })
})
