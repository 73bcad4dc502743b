import { describe, expect, it } from 'vitest'
import { FakeCluster } from './support/fake-rbd.ts'
import { add, bytes, bytesOf, failureOf, never, openDriver, whole } from './support/open-driver.ts'

const id = 'a-image'
const call = { signal: never }

async function stored() {
  const cluster = new FakeCluster('images')
  const driver = await openDriver(cluster)
  const data = bytes(1000)
  const { location } = await add(driver, id, data)
  return { cluster, driver, data, location }
}

describe('delete', () => {
  it('removes the snapshot and the image', async () => {
    const { cluster, driver, location } = await stored()

    await driver.delete(location, call)

    expect([cluster.names('images'), cluster.trash, cluster.opened]).toEqual([[], [], 0])
  })

  it('answers IN_USE and changes nothing while there are clones of format 1', async () => {
    const { cluster, driver, data, location } = await stored()
    cluster.snapshot('images', id).clones.v1 = 1

    expect((await failureOf(driver.delete(location, call))).code).toBe('IN_USE')

    expect(cluster.snapshot('images', id).protected).toBe(true)
    expect(await bytesOf(await driver.get(location, whole))).toEqual(Buffer.from(data))
  })

  it('moves the image to the trash while there are clones of format 2, which frees its id', async () => {
    const { cluster, driver, location } = await stored()
    cluster.snapshot('images', id).clones.v2 = 1

    await driver.delete(location, call)

    expect([cluster.names('images'), cluster.trash]).toEqual([[], [id]])
    expect((await failureOf(driver.get(location, whole))).code).toBe('NOT_FOUND')
    await add(driver, id, bytes(1))
  })

  it('answers IN_USE while somebody reads, and the reader goes on (LP 1954883)', async () => {
    const { driver, data, location } = await stored()
    const reader = await driver.get(location, whole)

    expect((await failureOf(driver.delete(location, call))).code).toBe('IN_USE')

    expect(await bytesOf(reader)).toEqual(Buffer.from(data))
    await driver.delete(location, call)
  })

  it.each([
    ['remove', 'EBUSY'],
    ['moveToTrash', 'EBUSY'],
  ] as const)('gives the snapshot back when somebody opens the image in the last moment (%s)', async (late, errno) => {
    const { cluster, driver, data, location } = await stored()
    if (late === 'moveToTrash')
      cluster.image('images', id).snapshots.push({ ...cluster.snapshot('images', id), name: 'theirs' })
    cluster.arm(late, { errno })

    expect((await failureOf(driver.delete(location, call))).code).toBe('IN_USE')

    expect(cluster.snapshot('images', id).protected).toBe(true)
    expect(await bytesOf(await driver.get(location, whole))).toEqual(Buffer.from(data))
  })

  it.each(['unprotected', 'without its snapshot'])(
    'removes an image that is %s, as a killed process leaves it',
    async (how) => {
      const { cluster, driver, location } = await stored()
      if (how === 'unprotected') cluster.snapshot('images', id).protected = false
      else cluster.image('images', id).snapshots = []

      await driver.delete(location, call)

      expect(cluster.names('images')).toEqual([])
    },
  )

  it('removes what is left of an image whose header is gone', async () => {
    const { cluster, driver, location } = await stored()
    cluster.image('images', id).snapshots = []
    cluster.arm('open', { errno: 'ENOENT' })

    await driver.delete(location, call)

    expect(cluster.names('images')).toEqual([])
  })

  it('leaves an image alone whose location names another snapshot', async () => {
    const { cluster, driver, location } = await stored()

    expect((await failureOf(driver.delete(`${location}x`, call))).code).toBe('NOT_FOUND')

    expect(cluster.snapshot('images', id).protected).toBe(true)
  })

  it.each([
    ['unprotectSnapshot', 'EPERM', 'FORBIDDEN'],
    ['removeSnapshot', 'ETIMEDOUT', 'UNAVAILABLE'],
    ['remove', 'EIO', 'UNAVAILABLE'],
    ['open', 'EPERM', 'FORBIDDEN'],
  ] as const)('can be repeated after %s failed with %s', async (at, errno, code) => {
    const { cluster, driver, location } = await stored()
    cluster.arm(at, { errno })

    expect((await failureOf(driver.delete(location, call))).code).toBe(code)
    await driver.delete(location, call)

    expect([cluster.names('images'), cluster.opened]).toEqual([[], 0])
  })
})

describe('discard', () => {
  it('waits until the watch of a killed process has run out', async () => {
    const cluster = new FakeCluster('images')
    let waits = 0
    const driver = await openDriver(cluster, {
      pause: async () => {
        waits += 1
        if (waits === 3) cluster.image('images', id).watchers = 0
      },
    })
    await add(driver, id, bytes(10))
    Object.assign(cluster.image('images', id), { snapshots: [], watchers: 1 })

    await driver.discard?.(id, call)

    expect([waits, cluster.names('images')]).toEqual([3, []])
  })

  it('gives up when the image stays open', async () => {
    const cluster = new FakeCluster('images')
    let waits = 0
    const driver = await openDriver(cluster, {
      pause: async () => {
        waits += 1
      },
    })
    await add(driver, id, bytes(10))
    cluster.image('images', id).watchers = 1

    expect((await failureOf(driver.discard?.(id, call) ?? Promise.resolve())).code).toBe('IN_USE')
    expect(waits).toBe(45)
  })
})
