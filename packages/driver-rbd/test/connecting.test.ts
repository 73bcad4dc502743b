import { describe, expect, it, vi } from 'vitest'
import { Connecting } from '../src/connecting.ts'
import { connectLibrbd } from '../src/librbd.ts'
import { FakeCluster } from './support/fake-rbd.ts'
import { failureOf, never } from './support/open-driver.ts'

const settings = { conf: null, user: null, pool: 'images', connectTimeout: null }
const times = { opening: 1, keeping: 5 }

function late(cluster: FakeCluster): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  cluster.arm('connect', { until: promise })
  return resolve
}

describe('connecting', () => {
  it('says UNAVAILABLE when the cluster takes long, and the next opening takes the connection over', async () => {
    const cluster = new FakeCluster('images')
    const answer = late(cluster)
    const connecting = new Connecting(cluster.connect, times)

    expect((await failureOf(connecting.open(settings, never))).code).toBe('UNAVAILABLE')
    answer()
    const client = await connecting.open(settings, never)

    expect([client.fsid, cluster.calls.get('connect')]).toEqual([cluster.fsid, 1])
  })

  it('closes a connection that nobody takes over', async () => {
    const cluster = new FakeCluster('images')
    const answer = late(cluster)
    const connecting = new Connecting(cluster.connect, times)
    await failureOf(connecting.open(settings, never))

    answer()

    await vi.waitFor(() => expect(cluster.connections).toBe(1), { interval: 1 })
    await vi.waitFor(() => expect(cluster.connections).toBe(0))
  })

  it('tries again after one that failed late', async () => {
    const cluster = new FakeCluster('images')
    const { promise, resolve } = Promise.withResolvers<void>()
    cluster.arm('connect', { until: promise, errno: 'ETIMEDOUT' })
    const connecting = new Connecting(cluster.connect, times)
    await failureOf(connecting.open(settings, never))
    resolve()
    await new Promise((done) => setImmediate(done))

    await connecting.open(settings, never)

    expect(cluster.calls.get('connect')).toBe(2)
  })

  it('ends with the abort of the start', async () => {
    const cluster = new FakeCluster('images')
    const answer = late(cluster)
    const controller = new AbortController()
    const connecting = new Connecting(cluster.connect, { opening: 60_000, keeping: 1 })
    const opening = failureOf(connecting.open(settings, controller.signal))

    controller.abort(new Error('stop'))

    expect((await opening).code).toBe('ABORTED')
    answer()
    await vi.waitFor(() => expect([cluster.calls.get('connect'), cluster.connections]).toEqual([1, 0]))
  })

  it.each([
    ['ETIMEDOUT', 'UNAVAILABLE'],
    ['EACCES', 'BAD_CONFIGURATION'],
    ['EINVAL', 'BAD_CONFIGURATION'],
    ['ENOENT', 'BAD_CONFIGURATION'],
  ])('answers %s with %s', async (errno, code) => {
    const cluster = new FakeCluster('images')
    cluster.arm('connect', { errno })

    expect((await failureOf(new Connecting(cluster.connect).open(settings, never))).code).toBe(code)
  })

  it('says which packages bring the libraries when they are missing', async () => {
    const names = { rados: 'librados-that-is-missing.so.2', rbd: 'librbd.so.1' }
    const connecting = new Connecting((given) => connectLibrbd(given, names))

    const error = await failureOf(connecting.open(settings, never))

    expect(error.code).toBe('BAD_CONFIGURATION')
    expect(error.message).toContain('librados2 and librbd1')
    expect(error.cause).toBeInstanceOf(Error)
  })
})
