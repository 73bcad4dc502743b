/**
 * The driver on a real Ceph, which starts once for this file: the conformance suite, and what only a real cluster can show.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeStoreDriver, type RawOptions } from '@glance/conformance'
import { noopLogger, parseOptions, type StoreDriver } from '@glance/core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type CephProcess, startCeph } from '../../../test/support/ceph-process.ts'
import { describeWithBackend, probeOf } from '../../../test/support/require-backend.ts'
import rbdDriver, { rbdOptions } from '../src/index.ts'
import { add, bytes, bytesOf, failureOf, mebibyte, never, whole } from './support/open-driver.ts'
import type { PoolObjects } from './support/pool-objects.ts'

vi.setConfig({ testTimeout: 60_000 })

const folder = mkdtempSync(join(tmpdir(), 'rbd-test-'))
let starting: Promise<CephProcess> | null = null
let objects: PoolObjects | null = null

/** The cluster, whose user may work in every pool. */
function ceph(): Promise<CephProcess> {
  starting ??= startCeph().then(async (started) => {
    await started.run('ceph', 'auth', 'caps', 'client.glance', 'mon', 'profile rbd', 'osd', 'profile rbd')
    // Only here, since the library need not be there when Ceph is not.
    const { PoolObjects } = await import('./support/pool-objects.ts')
    objects = new PoolObjects(started.conf, started.user)
    return started
  })
  return starting
}

afterAll(async () => {
  objects?.close()
  await (await starting)?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Pools that are free, since making one takes a second. */
const free: string[] = []
let made = 0

async function takePool(): Promise<string> {
  const pool = free.pop()
  if (pool !== undefined) return pool
  const { run } = await ceph()
  made += 1
  const name = `pool ${made}`
  await run('ceph', 'osd', 'pool', 'create', name, '4')
  await run('ceph', 'osd', 'pool', 'application', 'enable', name, 'rbd')
  return name
}

async function optionsFor(thin: boolean): Promise<RawOptions> {
  const { conf, user } = await ceph()
  const rbd_store_pool = await takePool()
  return {
    rbd_store_ceph_conf: conf,
    rbd_store_user: user,
    rbd_store_pool,
    rados_connect_timeout: '10',
    rbd_thin_provisioning: String(thin),
  }
}

/** Options that lead to a monitor that is not there. */
async function unreachable(): Promise<RawOptions> {
  const conf = join(folder, 'nobody.conf')
  writeFileSync(conf, '[global]\nmon host = v2:127.0.0.1:1\nauth client required = none\n')
  return { rbd_store_ceph_conf: conf, rados_connect_timeout: '1' }
}

function open(raw: RawOptions): Promise<StoreDriver> {
  const { values, issues } = parseOptions(rbdOptions, raw)
  if (!values) throw new Error(JSON.stringify(issues))
  return rbdDriver.open(values, { storeId: 'test', logger: noopLogger, signal: never })
}

/** A store in a pool of its own for one test. */
async function setUp(): Promise<{ driver: StoreDriver; pool: string; options: RawOptions; cluster: CephProcess }> {
  const options = await optionsFor(false)
  const pool = String(options['rbd_store_pool'])
  const driver = await open(options)
  onTestFinished(async () => {
    await driver.close()
    objects?.empty(pool)
    free.push(pool)
  })
  return { driver, pool, options, cluster: await ceph() }
}

const id = 'an-image'

describeWithBackend({ describe, it }, 'ceph', probeOf('ceph'), 'driver-rbd on Ceph', () => {
  beforeAll(async () => {
    await ceph()
  }, 180_000)

  for (const thin of [false, true]) {
    describeStoreDriver({ describe, it }, thin ? 'thin provisioning' : 'conformance', {
      definition: rbdDriver,
      patienceMs: 30_000,
      options: () => optionsFor(thin),
      release: async ({ rbd_store_pool }) => {
        objects?.empty(String(rbd_store_pool))
        free.push(String(rbd_store_pool))
      },
      leftovers: async ({ rbd_store_pool }) => objects?.list(String(rbd_store_pool)) ?? [],
      unreachable,
    })
  }

  describe('beside the tools of Ceph', () => {
    it('writes what `rbd export` reads, in objects of the size that was asked for', async () => {
      const { driver, pool, cluster } = await setUp()
      const data = bytes(9 * mebibyte + 1)
      await add(driver, id, data)

      const file = join(folder, 'exported')
      await cluster.run('rbd', 'export', '--no-progress', `${pool}/${id}@snap`, file)
      const info = JSON.parse(await cluster.run('rbd', 'info', '--format', 'json', `${pool}/${id}@snap`))

      expect(readFileSync(file).equals(data)).toBe(true)
      expect(info).toMatchObject({ order: 23, size: data.byteLength, protected: 'true' })
      expect(info.features).toContain('layering')
    })

    it('reads what `rbd import` wrote, by the short form too', async () => {
      const { driver, pool, cluster } = await setUp()
      const data = bytes(5 * mebibyte + 3)
      const file = join(folder, 'imported')
      writeFileSync(file, data)
      await cluster.run('rbd', 'import', '--no-progress', file, `${pool}/${id}`)
      await cluster.run('rbd', 'snap', 'create', '--no-progress', `${pool}/${id}@other`)

      const [prefix] = driver.locationPrefixes
      for (const location of [`${prefix}${id}/other`, `rbd://${id}`])
        expect((await bytesOf(await driver.get(location, whole))).equals(data)).toBe(true)
    })

    it('keeps an image with a clone of format 1, and moves one with a clone of format 2 to the trash', async () => {
      const { driver, pool, cluster } = await setUp()
      const data = bytes(1000)
      const clone = async (format: number, name: string): Promise<void> => {
        const setting = `--rbd-default-clone-format=${format}`
        await cluster.run('rbd', 'clone', setting, `${pool}/${id}@snap`, `${pool}/${name}`)
      }
      const first = await add(driver, id, data)
      await clone(1, 'clone-1')
      expect((await failureOf(driver.delete(first.location, { signal: never }))).code).toBe('IN_USE')
      expect((await bytesOf(await driver.get(first.location, whole))).equals(data)).toBe(true)
      await cluster.run('rbd', 'rm', '--no-progress', `${pool}/clone-1`)
      await driver.delete(first.location, { signal: never })

      const second = await add(driver, id, data)
      await clone(2, 'clone-2')
      await driver.delete(second.location, { signal: never })

      expect(await cluster.run('rbd', 'trash', 'ls', pool)).toContain(id)
      const exported = join(folder, 'clone')
      await cluster.run('rbd', 'export', '--no-progress', `${pool}/clone-2`, exported)
      expect(readFileSync(exported).equals(data)).toBe(true)
      await add(driver, id, data)
    })

    it('leaves holes in an image only where it may', async () => {
      const thin = await optionsFor(true)
      const pool = String(thin['rbd_store_pool'])
      const driver = await open(thin)
      const data = new Uint8Array(64 * mebibyte)
      data[50 * mebibyte] = 1

      await add(driver, id, data)

      expect(objects?.list(pool).filter((name) => name.startsWith('rbd_data.'))).toHaveLength(1)
      await driver.close()
    })
  })

  describe('when things go wrong', () => {
    it('discards what a killed process left, when Ceph has forgotten that process', async () => {
      const { driver, pool, options, cluster } = await setUp()
      // Thirty seconds usually.
      const forget = (seconds: number): Promise<string> =>
        cluster.run('ceph', 'tell', 'osd.0', 'config', 'set', 'osd_client_watch_timeout', String(seconds))
      await forget(10)
      onTestFinished(async () => {
        await forget(30)
      })
      const script = join(import.meta.dirname, 'support', 'upload-process.ts')
      const args = ['--conditions=@glance/source', script, JSON.stringify(options), id]
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(child.stdout, 'data')
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(objects?.list(pool)).not.toEqual([])
      expect((await failureOf(driver.get(`${driver.locationPrefixes[0]}${id}/snap`, whole))).code).toBe('NOT_FOUND')

      await driver.discard?.(id, { signal: never })

      expect(objects?.list(pool)).toEqual([])
    }, 120_000)

    it('ends an add with the abort while the cluster answers nothing, and cleans up when it does again', async () => {
      const { driver, pool, cluster } = await setUp()
      const controller = new AbortController()
      async function* source(): AsyncGenerator<Uint8Array, void, void> {
        yield bytes(9 * mebibyte)
        await cluster.run('ceph', 'osd', 'pause')
        yield bytes(9 * mebibyte)
        controller.abort(new Error('the client has gone'))
      }
      try {
        const adding = driver.add(id, source(), { size: null, signal: controller.signal })
        expect((await failureOf(adding)).code).toBe('ABORTED')
        expect((await failureOf(driver.check?.({ signal: AbortSignal.timeout(100) }) ?? Promise.resolve())).code).toBe(
          'TIMEOUT',
        )
      } finally {
        await cluster.run('ceph', 'osd', 'unpause')
      }

      await vi.waitFor(() => expect(objects?.list(pool)).toEqual([]), { timeout: 30_000 })
    })

    it.each([
      ['a pool that is not there', { rbd_store_pool: 'nowhere' }],
      ['a user without a keyring', { rbd_store_user: 'nobody' }],
      ['a configuration that is not there', { rbd_store_ceph_conf: '/nowhere/ceph.conf' }],
    ])('refuses %s with BAD_CONFIGURATION', async (_what, wrong) => {
      const { options } = await setUp()

      expect((await failureOf(open({ ...options, ...wrong }))).code).toBe('BAD_CONFIGURATION')
    })
  })
})
