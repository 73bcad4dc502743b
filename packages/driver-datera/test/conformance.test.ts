import { describeStoreDriver } from '@glance/conformance'
import type { DriverDefinition } from '@glance/core'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { describeWithBackend, probeOf } from '../../../test/support/require-backend.ts'
import { DateraEmulator, type EmulatorSettings } from '../src/emulator/index.ts'
import datera from '../src/index.ts'
import { impatient } from './support/system.ts'

/** Runs the suite on one emulated system; each store has a tenant of its own. */
function conform(title: string, settings: EmulatorSettings, more: Readonly<Record<string, string>> = {}): void {
  describe(title, () => {
    let system: DateraEmulator
    let tenants = 0
    beforeAll(async () => {
      system = await DateraEmulator.start(settings)
    })
    afterAll(() => system.close())

    describeStoreDriver({ describe, it }, 'driver-datera', {
      definition: datera as unknown as DriverDefinition,
      async options() {
        tenants += 1
        return { ...system.options, ...impatient, datera_tenant_id: `conformance-${tenants}`, ...more }
      },
      async leftovers({ datera_tenant_id: tenant }) {
        return [...system.system.instances.values()].flatMap((each) =>
          each.tenant === `/root/${String(tenant)}` ? [each.name] : [],
        )
      },
      async unreachable() {
        return { ...system.options, ...impatient, datera_san_port: '1', datera_operation_max_timeout: '300ms' }
      },
      patienceMs: 18_000,
    })
  })
}

describeWithBackend({ describe, it }, 'tgt', probeOf('tgt'), 'driver-datera on iSCSI disks', () => {
  conform(
    'API 2.2 of software 3.3, with CHAP, small reads and slow volumes',
    { softwareVersion: '3.3.2.0', looksUntilReady: 2 },
    {
      datera_chap_username: 'glance',
      datera_chap_password: 'a secret of 16 c',
      datera_io_size: '64KiB',
      datera_queue_depth: '3',
    },
  )
  conform('API 2.1', { versions: ['v2', 'v2.1'] }, { datera_offline_after_use: 'false' })
})
