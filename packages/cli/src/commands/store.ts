import { ImageServiceError } from '@glance/client'
import { type CommandDefinition, formatOf, withFormat } from '../command.ts'
import { CommandFailure } from '../failure.ts'
import { renderRecord } from '../output.ts'

/** Commands for the stores of the service. */
export const storeCommands: readonly CommandDefinition[] = [
  {
    name: 'stores-info',
    summary: 'Print available backends from Glance.',
    build: (command) =>
      withFormat(command).option('--detail', 'show type, weight and properties too; for administrators'),
    run: async ({ io, connect }, _args, options) => {
      const { stores: calls } = await connect()
      const read = options['detail'] === true ? calls.detail({ signal: io.signal }) : calls.list({ signal: io.signal })
      const stores = await read.catch((error: unknown) => {
        if (!(error instanceof ImageServiceError) || error.status !== 404) throw error
        throw new CommandFailure('Multi Backend support is not enabled', 1, { cause: error })
      })
      io.stdout.write(renderRecord({ stores }, formatOf(options)))
    },
  },
  {
    name: 'stores-delete',
    summary: 'Delete image from specific store.',
    build: (command) =>
      command
        .requiredOption('--store <STORE_ID>', 'store to delete the image data from')
        .argument('<IMAGE_ID>', 'image whose data to delete there'),
    run: async ({ io, connect }, [id = ''], options) =>
      (await connect()).stores.deleteImage(String(options['store']), id, { signal: io.signal }),
  },
]
