import { describeStoreDriver } from '@glance/conformance'
import type { DriverDefinition } from '@glance/core'
import { describe, it } from 'vitest'
import { type EmulatorSettings, SproxydEmulator } from '../src/emulator/index.ts'
import scality from '../src/index.ts'

/** Runs the suite; each store has a ring of its own. */
function conform(title: string, settings: EmulatorSettings, more: Readonly<Record<string, string>> = {}): void {
  const rings = new Map<string, SproxydEmulator>()
  describeStoreDriver({ describe, it }, title, {
    definition: scality as unknown as DriverDefinition,
    async options() {
      const ring = await SproxydEmulator.start(settings)
      const endpoints = ring.endpoints().join(',')
      rings.set(endpoints, ring)
      return { scality_sproxyd_endpoints: endpoints, ...more }
    },
    async release({ scality_sproxyd_endpoints: endpoints }) {
      await rings.get(String(endpoints))?.close()
    },
    async leftovers({ scality_sproxyd_endpoints: endpoints }) {
      return rings.get(String(endpoints))?.ring.names ?? []
    },
    unreachable: async () => ({ scality_sproxyd_endpoints: 'http://127.0.0.1:1/proxy/chord_path/', ...more }),
  })
}

conform('driver-scality, two connectors', {})
conform(
  'driver-scality, one connector of an old ring, with a prefix and credentials',
  { connectors: 1, conf: 'lines', credentials: 'glance:open sesame', missingDelete: 404 },
  {
    scality_sproxyd_object_prefix: 'glance-',
    scality_sproxyd_username: 'glance',
    scality_sproxyd_password: 'open sesame',
  },
)
