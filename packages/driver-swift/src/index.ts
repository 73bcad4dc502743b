/** Stores image data in OpenStack Swift, for the glance-server image service. */
import { type DriverDefinition, defineDriver } from '@glance/core'
import { SwiftDriver } from './driver.ts'
import { schemes } from './location.ts'
import { swiftOptions } from './options.ts'

export { type SwiftOptionInput, type SwiftOptions, swiftOptions } from './options.ts'

/** The swift driver. The aliases are the class paths under which Glance's files may name it. */
const definition: DriverDefinition<typeof swiftOptions> = defineDriver({
  name: 'swift',
  schemes,
  aliases: ['glance.store.swift.Store', 'glance_store._drivers.swift.Store'],
  options: swiftOptions,
  open: (options, context) => SwiftDriver.open(options, context),
})

export default definition
