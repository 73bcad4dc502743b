import { access, constants, stat } from 'node:fs/promises'
import { type Image, type ImageClient, ImageServiceError } from '@glance/client'
import { downloadFile, uploadFile, Verifier } from '@glance/client/node'
import type { Command } from 'commander'
import type { CommandContext, CommandDefinition, Options } from '../command.ts'
import { CommandFailure, describeFailure } from '../failure.ts'
import { type Io, writeThrough } from '../io.ts'
import { parseCount } from '../option-values.ts'
import { Progress } from '../progress.ts'

/** Commands that move image data. */
export const imageDataCommands: readonly CommandDefinition[] = [
  {
    name: 'image-upload',
    summary: 'Upload data for a specific image.',
    build: (command) => withDataOptions(command.argument('<IMAGE_ID>', 'image to upload data to')),
    run: async (context, [id = ''], options) => {
      if (typeof options['file'] === 'string') await checkedFile(options['file'])
      else if (context.io.input === null) {
        throw new CommandFailure('error: No image data: provide --file or pipe the data to standard input.')
      }
      const client = await context.connect()
      await checkStore(context, client, options)
      await sendImageData(context, client, id, options)
    },
  },
  {
    name: 'image-download',
    summary: 'Download a specific image.',
    build: (command) =>
      command
        .argument('<IMAGE_ID>', 'image to download')
        .option('--file <FILE>', 'file to save the data to; standard output without it')
        .option('--progress', 'show progress also when the data go to standard output')
        .option('--prefer <STORES>', 'stores to try first, separated by commas')
        .option(
          '--allow-md5-fallback',
          'verify by MD5 when the hash is unknown here (env OS_IMAGE_ALLOW_MD5_FALLBACK)',
        ),
    run: download,
  },
]

/** Options of commands that take image data. */
export function withDataOptions(command: Command): Command {
  return command
    .option('--file <FILE>', 'file with the data; without it piped input is taken')
    .option('--size <BYTES>', 'size of the data; has to be that of the file', parseCount)
    .option('--progress', 'show progress also for piped data')
    .option('--store <STORE>', 'store to put the data in (env OS_IMAGE_STORE)')
}

/** Sends the file or the piped input of a command. Progress is drawn on a terminal. */
export async function sendImageData(
  { io }: CommandContext,
  client: ImageClient,
  id: string,
  options: Options,
): Promise<void> {
  const file = typeof options['file'] === 'string' ? options['file'] : null
  const source = file ?? io.input?.() ?? null
  if (source === null) return
  const announced = typeof options['size'] === 'number' ? options['size'] : null
  const total = file === null ? announced : await checkedFile(file)
  const store = storeOf(io, options)
  const progress = file !== null || options['progress'] === true ? new Progress(io.stderr) : null
  try {
    await uploadFile(client, id, source, {
      size: announced,
      signal: io.signal,
      onProgress: (bytes) => progress?.update(bytes, total),
      ...(store === null ? {} : { store }),
    })
  } finally {
    progress?.finish()
  }
}

/** The store the user asked for, or null. */
export function storeOf(io: Io, options: Options): string | null {
  return typeof options['store'] === 'string' ? options['store'] : io.env['OS_IMAGE_STORE'] || null
}

/** Refuses a store the service does not have. A service without several stores takes any name, so nothing is checked. */
export async function checkStore({ io }: CommandContext, client: ImageClient, options: Options): Promise<void> {
  const store = storeOf(io, options)
  if (store === null) return
  const stores = await client.stores.list({ signal: io.signal }).catch((error: unknown) => {
    if (error instanceof ImageServiceError && error.status === 404) return null
    throw error
  })
  if (stores === null || stores.some(({ id }) => id === store)) return
  throw new CommandFailure(
    `Store '${store}' is not valid for this cloud. Valid values can be retrieved with stores-info command.`,
  )
}

async function download(
  { io, connect }: CommandContext,
  [id = '']: readonly string[],
  options: Options,
): Promise<void> {
  const file = typeof options['file'] === 'string' ? options['file'] : null
  if (file === null && io.stdout.isTTY === true) {
    throw new CommandFailure(
      'No redirection or local file specified for downloaded image data. Please specify a local file with --file to ' +
        'save downloaded image or redirect output to another source.',
    )
  }
  const client = await connect()
  const progress = file !== null || options['progress'] === true ? new Progress(io.stderr) : null
  const settings = {
    signal: io.signal,
    prefer: typeof options['prefer'] === 'string' ? options['prefer'].split(',').map((store) => store.trim()) : [],
    allowMd5Fallback:
      options['allowMd5Fallback'] === true ||
      /^(1|t|true|y|yes|on)$/i.test(io.env['OS_IMAGE_ALLOW_MD5_FALLBACK'] ?? ''),
    onProgress: (bytes: number, total: number | null) => progress?.update(bytes, total),
  }
  try {
    const image = await client.images.get(id, { signal: io.signal })
    const found =
      file === null
        ? await downloadToStdout(io, client, image, settings)
        : (await downloadFile(client, image, file, settings)) !== null
    if (!found) throw new CommandFailure(`Image ${id} has no data.`)
  } catch (error) {
    if (!(error instanceof ImageServiceError) || error.status === 401) throw error
    throw new CommandFailure(`Unable to download image '${id}'. (${describeFailure(error)})`, 1, { cause: error })
  } finally {
    progress?.finish()
  }
}

interface DownloadSettings {
  readonly signal: AbortSignal
  readonly prefer: readonly string[]
  readonly allowMd5Fallback: boolean
  readonly onProgress: (bytes: number, total: number | null) => void
}

/** Passes the data on as they come. A mismatch is known only at the end, so the reader must heed the exit code. */
async function downloadToStdout(
  io: Io,
  client: ImageClient,
  image: Image,
  settings: DownloadSettings,
): Promise<boolean> {
  const data = await client.data.download(image.id, { signal: settings.signal, prefer: settings.prefer })
  if (data === null) return false
  const verifier = new Verifier(image, data.contentMd5, settings)
  for await (const chunk of data.body) {
    verifier.update(chunk)
    await writeThrough(io.stdout, chunk)
    settings.onProgress(verifier.bytes, data.size)
  }
  verifier.check()
  return true
}

/** Size of a readable regular file, or null for a pipe or device. Fails before anything is created for it. */
export async function checkedFile(path: string): Promise<number | null> {
  try {
    await access(path, constants.R_OK)
    const facts = await stat(path)
    if (facts.isDirectory()) throw new CommandFailure(`File ${path} is a directory`)
    return facts.isFile() ? facts.size : null
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    const what = `File ${path} does not exist or user does not have read privileges to it`
    throw new CommandFailure(what, 1, { cause: error })
  }
}
