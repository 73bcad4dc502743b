import { type ImageClient, ImageServiceError, type JsonValue } from '@glance/client'
import { type Command, Option } from 'commander'
import { type CommandContext, type CommandDefinition, formatOf, type Options, withFormat } from '../command.ts'
import { CommandFailure, describeFailure } from '../failure.ts'
import { collect, parsePositive } from '../option-values.ts'
import { renderImage } from '../output.ts'
import { checkedFile, checkStore, sendImageData, storeOf, withDataOptions } from './image-data.ts'
import { imageFieldsOf, requireFormats, withImageFields } from './image-fields.ts'
import { imageList } from './image-list.ts'

const ID = '<IMAGE_ID>'

/** Commands for image records. */
export const imageCommands: readonly CommandDefinition[] = [
  {
    name: 'image-create',
    summary: 'Create a new image.',
    build: (command) => withFormat(withDataOptions(withImageFields(command, 'create'))),
    run: createImage,
  },
  imageList,
  {
    name: 'image-show',
    summary: 'Describe a specific image.',
    build: (command) => withFormat(withTableOptions(command.argument(ID, 'image to describe'))),
    run: async ({ io, connect }, [id = ''], options) => {
      const image = await (await connect()).images.get(id, { signal: io.signal })
      io.stdout.write(renderImage(image, formatOf(options), tableOptionsOf(options)))
    },
  },
  {
    name: 'image-update',
    summary: 'Update an existing image.',
    build: (command) =>
      withFormat(withImageFields(command.argument(ID, 'image to update'), 'update')).addOption(
        new Option('--remove-property <key>', 'custom property to remove; may be repeated').argParser(collect),
      ),
    run: async ({ io, connect }, [id = ''], options) => {
      const client = await connect()
      const set = imageFieldsOf(options)
      await checkFormats(client, set, io.signal)
      const remove = Array.isArray(options['removeProperty']) ? options['removeProperty'].map(String) : []
      const image = await client.images.update(id, { set, remove }, { signal: io.signal })
      io.stdout.write(renderImage(image, formatOf(options)))
    },
  },
  {
    name: 'image-delete',
    summary: 'Delete specified image(s).',
    build: (command) => command.argument('<IMAGE_ID...>', 'images to delete'),
    run: deleteImages,
  },
  {
    name: 'image-deactivate',
    summary: 'Deactivate specified image.',
    build: (command) => command.argument(ID, 'image to deactivate'),
    run: async ({ io, connect }, [id = '']) => (await connect()).images.deactivate(id, { signal: io.signal }),
  },
  {
    name: 'image-reactivate',
    summary: 'Reactivate specified image.',
    build: (command) => command.argument(ID, 'image to reactivate'),
    run: async ({ io, connect }, [id = '']) => (await connect()).images.reactivate(id, { signal: io.signal }),
  },
]

async function createImage(context: CommandContext, _args: readonly string[], options: Options): Promise<void> {
  const { io } = context
  const set = imageFieldsOf(options)
  const file = typeof options['file'] === 'string' ? options['file'] : null
  const hasData = file !== null || io.input !== null
  if (hasData) requireFormats(set, file === null ? 'stdin' : '--file')
  if (storeOf(io, options) !== null && !hasData) {
    throw new CommandFailure('--store option should only be provided with --file option or stdin.')
  }
  const client = await context.connect()
  await checkStore(context, client, options)
  await checkFormats(client, set, io.signal)
  if (file !== null) await checkedFile(file)
  let image = await client.images.create(set, { signal: io.signal })
  try {
    if (!hasData) return
    await sendImageData(context, client, image.id, options)
    image = await client.images.get(image.id, { signal: io.signal })
  } finally {
    // Shown after a failed upload too: the record exists, and its id is needed to try again or to delete it.
    io.stdout.write(renderImage(image, formatOf(options)))
  }
}

async function deleteImages({ io, connect }: CommandContext, ids: readonly string[]): Promise<void> {
  const client = await connect()
  let failed = false
  for (const id of ids) {
    try {
      await client.images.delete(id, { signal: io.signal })
    } catch (error) {
      if (!(error instanceof ImageServiceError) || error.status === 401) throw error
      failed = true
      io.stderr.write(`${deletionProblem(error, id)}\n`)
    }
  }
  if (failed) throw new CommandFailure('')
}

function deletionProblem(error: ImageServiceError, id: string): string {
  if (error.status === 403) return `You are not permitted to delete the image '${id}'.`
  if (error.status === 404) return `No image with an ID of '${id}' exists.`
  if (error.status === 409) return `Unable to delete image '${id}' because it is in use.`
  return `'${describeFailure(error)}': Unable to delete image '${id}'`
}

/** Compares formats with what the service's schema allows, before anything is created or sent. */
async function checkFormats(
  client: ImageClient,
  set: Readonly<Record<string, JsonValue>>,
  signal: AbortSignal,
): Promise<void> {
  const given = ['container_format', 'disk_format'].filter((member) => set[member] !== undefined)
  if (given.length === 0) return
  const schema = await client.schemas.get('image', { signal }).catch((error: unknown) => {
    // Without a schema the service itself decides.
    if (error instanceof ImageServiceError && error.status !== 401) return null
    throw error
  })
  for (const member of given) {
    const allowed = schema?.properties[member]?.['enum']
    if (!Array.isArray(allowed) || allowed.includes(set[member])) continue
    const words = allowed.map((value) => (value === null ? 'None' : `'${value}'`)).join(', ')
    throw new CommandFailure(
      `Unable to set '${member}' to '${set[member]}'. Reason: '${set[member]}' is not one of [${words}]`,
    )
  }
}

function withTableOptions(command: Command): Command {
  return command
    .option('--human-readable', 'print the size in a readable unit')
    .option('--max-column-width <integer>', 'widest a column of the table may be', parsePositive, 80)
}

function tableOptionsOf(options: Options): { humanReadable: boolean; maxWidth: number } {
  return { humanReadable: options['humanReadable'] === true, maxWidth: Number(options['maxColumnWidth']) }
}
