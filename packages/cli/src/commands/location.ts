import type { Image, JsonValue, LocationHashes } from '@glance/client'
import { InvalidArgumentError, Option } from 'commander'
import { type CommandDefinition, formatOf, type Options, withFormat } from '../command.ts'
import { CommandFailure } from '../failure.ts'
import { collect } from '../option-values.ts'
import { renderRecord } from '../output.ts'

type JsonObject = { readonly [name: string]: JsonValue }

const ID = '<IMAGE_ID>'

/** Commands for where image data lie: the three that patch an image, and the newer call (API 2.17). */
export const locationCommands: readonly CommandDefinition[] = [
  {
    name: 'location-add',
    summary: 'Add a location (and related metadata) to an image.',
    build: (command) =>
      withFormat(command.argument(ID, 'image to add a location to'))
        .requiredOption('--url <URL>', 'address of the data')
        .addOption(metadataOption('metadata of the location, as a JSON object'))
        .option('--checksum <text>', 'MD5 of the data')
        .option('--hash-algo <text>', 'algorithm of the hash')
        .option('--hash-value <text>', 'hash of the data'),
    run: async ({ io, connect }, [id = ''], options) => {
      const hashes = hashesOf(options)
      const call = { signal: io.signal, ...(hashes === null ? {} : { hashes }) }
      const image = await (await connect()).locations.add(id, locationOf(options), call)
      io.stdout.write(renderRecord(printed(image), formatOf(options)))
    },
  },
  {
    name: 'location-update',
    summary: "Update metadata of an image's location.",
    build: (command) =>
      withFormat(command.argument(ID, 'image whose location to update'))
        .requiredOption('--url <URL>', 'address of the location to update')
        .addOption(metadataOption('new metadata of the location, as a JSON object')),
    run: async ({ io, connect }, [id = ''], options) => {
      const image = await (await connect()).locations.update(id, locationOf(options), { signal: io.signal })
      io.stdout.write(renderRecord(printed(image), formatOf(options)))
    },
  },
  {
    name: 'location-delete',
    summary: 'Remove locations (and related metadata) from an image.',
    build: (command) =>
      command
        .argument(ID, 'image whose locations to remove')
        .addOption(
          new Option('--url <URL>', 'address of a location to remove; may be repeated')
            .argParser(collect)
            .makeOptionMandatory(),
        ),
    run: async ({ io, connect }, [id = ''], options) => {
      const urls = Array.isArray(options['url']) ? options['url'].map(String) : []
      await (await connect()).locations.remove(id, urls, { signal: io.signal })
    },
  },
  {
    name: 'add-location',
    summary: 'Add location to an image which is in `queued` state only.',
    build: (command) =>
      withFormat(command.argument(ID, 'image to add a location to'))
        .requiredOption('--url <URL>', 'address of the data')
        .option(
          '--validation-data <JSON>',
          'hash of the data, as a JSON object with os_hash_algo and os_hash_value',
          parseObject,
          {},
        ),
    run: async ({ io, connect }, [id = ''], options) => {
      const hash = validationOf(options['validationData'] as JsonObject)
      const client = await connect()
      const location = { url: String(options['url']), ...(hash === null ? {} : { hash }) }
      await client.locations.create(id, location, { signal: io.signal })
      io.stdout.write(renderRecord(printed(await client.images.get(id, { signal: io.signal })), formatOf(options)))
    },
  },
]

/** The original prints every member of the image here but this one. */
function printed({ self: _self, ...members }: Image): Readonly<Record<string, unknown>> {
  return members
}

function metadataOption(description: string): Option {
  return new Option('--metadata <JSON>', description).argParser(parseObject).default({}, '{}')
}

function parseObject(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('expected JSON.')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new InvalidArgumentError('expected a JSON object.')
}

function locationOf(options: Options): { readonly url: string; readonly metadata: JsonObject } {
  return { url: String(options['url']), metadata: options['metadata'] as JsonObject }
}

function hashesOf({ checksum, hashAlgo, hashValue }: Options): LocationHashes | null {
  if (checksum === undefined && hashAlgo === undefined && hashValue === undefined) return null
  if (hashAlgo === undefined || hashValue === undefined)
    throw new CommandFailure('--hash-algo and --hash-value go together, and --checksum only with both.', 2)
  const hash = { algorithm: String(hashAlgo), value: String(hashValue) }
  return checksum === undefined ? hash : { ...hash, checksum: String(checksum) }
}

function validationOf(given: JsonObject): Omit<LocationHashes, 'checksum'> | null {
  const { os_hash_algo: algorithm, os_hash_value: value, ...others } = given
  const [unknown] = Object.keys(others)
  if (unknown !== undefined)
    throw new CommandFailure(`--validation-data takes os_hash_algo and os_hash_value, not ${unknown}.`, 2)
  if (algorithm === undefined && value === undefined) return null
  if (typeof algorithm !== 'string' || typeof value !== 'string')
    throw new CommandFailure('--validation-data needs os_hash_algo and os_hash_value, both as texts.', 2)
  return { algorithm, value }
}
