import { describeStoreDriver } from '@glance/conformance'
import { describe, it } from 'vitest'
import memoryDriver from '../src/index.ts'

describeStoreDriver({ describe, it }, 'driver-memory', {
  definition: memoryDriver,
  options: async () => ({}),
  volatile: true,
})
