/** Keeps image data in directories of a file system. The default export is the driver's definition. */
import { type DriverDefinition, defineDriver } from '@glance/core'
import { FileDriver } from './driver.ts'
import { fileOptions } from './options.ts'

export { type FileOptions, fileOptions } from './options.ts'

/** The file driver. The aliases are the names under which Glance's configurations know it. */
const definition: DriverDefinition<typeof fileOptions> = defineDriver({
  name: 'file',
  schemes: ['file', 'filesystem'],
  aliases: [
    'filesystem',
    'glance.store.filesystem.Store',
    'glance_store._drivers.filesystem.Store',
    'glance_store._drivers.filesystem:Store',
  ],
  options: fileOptions,
  open: (options, context) => FileDriver.open(options, context),
})

export default definition
