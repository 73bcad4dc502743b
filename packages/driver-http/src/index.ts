/** Reads image data from http and https locations, for the glance-server image service. */
import { type DriverDefinition, defineDriver } from '@glance/core'
import { HttpDriver } from './driver.ts'
import { httpOptions } from './options.ts'

export { type HttpOptionInput, type HttpOptions, httpOptions } from './options.ts'

/** The http driver. The aliases are the class paths under which Glance's files may name it. */
const definition: DriverDefinition<typeof httpOptions> = defineDriver({
  name: 'http',
  schemes: ['http', 'https'],
  aliases: ['glance.store.http.Store', 'glance_store._drivers.http.Store'],
  options: httpOptions,
  open: (options, { signal }) => HttpDriver.open(options, { signal }),
})

export default definition
