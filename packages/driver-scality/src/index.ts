/** Keeps image data in a Scality RING through its sproxyd connectors, for the glance-server image service. */
import { type DriverDefinition, defineDriver } from '@glance/core'
import { ScalityDriver } from './driver.ts'
import { scheme } from './location.ts'
import { scalityOptions } from './options.ts'

export { ScalityDriver } from './driver.ts'
export { type ScalityOptionInput, type ScalityOptions, scalityOptions } from './options.ts'

/** The Scality driver. The alias is the class path under which Glance's files name Scality's own. */
const definition: DriverDefinition<typeof scalityOptions> = defineDriver({
  name: 'scality',
  schemes: [scheme],
  aliases: ['glance.store.scality.Store'],
  options: scalityOptions,
  open: (options, context) => ScalityDriver.open(options, context),
})

export default definition
