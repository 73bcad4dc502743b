import { type DriverDefinition, defineDriver, type Option, optionTable, path, text } from '@glance/core'
import { TapeDriver } from './driver.ts'

export type TapeOptionTable = { readonly library: Option<string>; readonly label: Option<string> }

/** The driver's options. */
export const tapeOptions: TapeOptionTable = optionTable({
  library: path({
    glance: 'tape_library',
    required: true,
    help: 'Directory of the tapes. It must exist; as long as it does not, the store counts as being away.',
  }),
  label: text({
    glance: 'tape_label',
    default: 'main',
    help: 'Name of the library, the host of its locations. Stores that share the records of images need different ones.',
  }),
})

/** The tape driver. */
const definition: DriverDefinition<TapeOptionTable> = defineDriver({
  name: 'tape',
  schemes: ['tape'],
  options: tapeOptions,
  open: ({ library, label }, { signal }) => TapeDriver.open(library, label, signal),
})

export default definition
