/**
 * The driver on a real Ceph, which starts once for this file: the conformance suite, and what only a real cluster can show.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeStoreDriver, type RawOptions } from '@glance/conformance'
import { afterAll, describe, it, vi } from 'vitest'
import { type CephProcess, startCeph } from '../../../test/support/ceph-process.ts'
import { describeWithBackend, probeOf } from '../../../test/support/require-backend.ts'
import rbdDriver from '../src/index.ts'
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

describeWithBackend({ describe, it }, 'ceph', probeOf('ceph'), 'driver-rbd on Ceph', () => {
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
})
