/** Keeps image data on Datera volumes, over iSCSI in user space, for the glance-server image service. */
import { type DriverDefinition, defineDriver } from '@glance/core'
import { DateraDriver } from './driver.ts'
import { scheme } from './location.ts'
import { dateraOptions } from './options.ts'

export { DateraDriver } from './driver.ts'
export { type DateraOptionInput, type DateraOptions, dateraOptions } from './options.ts'

/** The Datera driver. The aliases are the class paths under which Datera's own driver was installed. */
const definition: DriverDefinition<typeof dateraOptions> = defineDriver({
  name: 'datera',
  schemes: [scheme],
  aliases: ['glance.store.datera.Store', 'glance_store._drivers.datera.Store'],
  options: dateraOptions,
  open: (options, context) => DateraDriver.open(options, context),
})

export default definition
