import { describeStoreDriver } from '@glance/conformance'
import { describe, it } from 'vitest'
import { rbdDriver } from '../src/index.ts'
import { FakeCluster } from './support/fake-rbd.ts'

const cluster = new FakeCluster()
let pools = 0

for (const thin of [false, true]) {
  describeStoreDriver({ describe, it }, `driver-rbd, a cluster in memory${thin ? ', thin provisioning' : ''}`, {
    definition: rbdDriver(cluster.connect),
    async options() {
      pools += 1
      cluster.makePool(`pool ${pools}`)
      return { rbd_store_pool: `pool ${pools}`, rbd_thin_provisioning: String(thin) }
    },
    release: async ({ rbd_store_pool }) => cluster.removePool(String(rbd_store_pool)),
    leftovers: async ({ rbd_store_pool }) => cluster.names(String(rbd_store_pool)),
    async unreachable() {
      cluster.arm('connect', { errno: 'ETIMEDOUT' })
      return { rbd_store_pool: 'unreachable' }
    },
  })
}
