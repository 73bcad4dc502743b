import type { Image, ListImagesOptions, SortKey } from '@glance/client'
import { Option } from 'commander'
import { type CommandDefinition, formatOf, type Options, withFormat } from '../command.ts'
import { CommandFailure } from '../failure.ts'
import { collect, parseBoolean, parsePositive } from '../option-values.ts'
import { type Column, renderList } from '../output.ts'

/** `image-list`: by name, twenty to a request, unless told otherwise. */
export const imageList: CommandDefinition = {
  name: 'image-list',
  summary: 'List images you can access.',
  build: (command) =>
    withFormat(command)
      .option('--limit <LIMIT>', 'most images to list', parsePositive)
      .option('--page-size <SIZE>', 'images per request', parsePositive, 20)
      .option('--visibility <VISIBILITY>', 'visibility of the images')
      .option('--member-status <MEMBER_STATUS>', 'status of your membership')
      .option('--owner <OWNER>', 'project that owns the images')
      .option('--property-filter <KEY=VALUE>', 'custom property the images have; may be repeated', collect)
      .option('--checksum <CHECKSUM>', 'MD5 of the data')
      .option('--hash <HASH_VALUE>', 'os_hash_value of the data')
      .option('--tag <TAG>', 'tag the images have; may be repeated', collect)
      .option('--sort-key <KEY>', 'member to sort by; may be repeated', collect)
      .addOption(new Option('--sort-dir <DIRECTION>', 'asc or desc; once, or once for each key').argParser(collect))
      .option('--sort <KEY[:DIRECTION],...>', 'keys and directions together; without a direction desc')
      .option('--hidden [True|False]', 'list hidden images', parseBoolean)
      .option('--include-stores [True|False]', 'show the stores of each image', parseBoolean),
  run: async ({ io, environment, connect }, _args, options) => {
    const request = requestFrom(options)
    const images: Image[] = []
    const client = await connect()
    for await (const image of client.images.list({ ...request, signal: io.signal })) images.push(image)
    const columns = [
      ...BASIC,
      ...(environment.verbose ? VERBOSE : []),
      ...(options['includeStores'] === true ? STORES : []),
    ]
    io.stdout.write(renderList(images, columns, formatOf(options)))
  },
}

const BASIC: readonly Column<Image>[] = [
  { heading: 'ID', value: (image) => image.id },
  { heading: 'Name', value: (image) => image.name },
]
const VERBOSE: readonly Column<Image>[] = [
  { heading: 'Disk_format', value: (image) => image.disk_format },
  { heading: 'Container_format', value: (image) => image.container_format },
  { heading: 'Size', value: (image) => image.size },
  { heading: 'Status', value: (image) => image.status },
  { heading: 'Owner', value: (image) => image.owner },
]
const STORES: readonly Column<Image>[] = [{ heading: 'Stores', value: (image) => image.stores }]

const FILTERS: Readonly<Record<string, string>> = {
  visibility: 'visibility',
  memberStatus: 'member_status',
  owner: 'owner',
  checksum: 'checksum',
  hash: 'os_hash_value',
  hidden: 'os_hidden',
}

function requestFrom(options: Options): ListImagesOptions {
  const filters: Record<string, string | boolean> = {}
  for (const [option, filter] of Object.entries(FILTERS)) {
    const value = options[option]
    if (typeof value === 'string' || typeof value === 'boolean') filters[filter] = value
  }
  for (const pair of texts(options['propertyFilter'])) {
    const at = pair.indexOf('=')
    if (at < 0) throw new CommandFailure('Argument --property-filter expected properties in the format KEY=VALUE')
    filters[pair.slice(0, at)] = pair.slice(at + 1)
  }
  const { limit } = options
  return {
    filters,
    tags: texts(options['tag']),
    sort: sortFrom(options),
    pageSize: Number(options['pageSize']),
    ...(typeof limit === 'number' ? { limit } : {}),
  }
}

function sortFrom(options: Options): SortKey[] {
  const keys = texts(options['sortKey'])
  const directions = texts(options['sortDir'])
  if (typeof options['sort'] === 'string') {
    if (keys.length + directions.length > 0) {
      throw new CommandFailure('--sort cannot be combined with --sort-key or --sort-dir')
    }
    return options['sort'].split(',').map((part) => {
      const [key = '', ...direction] = part.trim().split(':')
      return { key, direction: parseDirection(direction.length === 0 ? 'desc' : direction.join(':')) }
    })
  }
  if (keys.length + directions.length === 0) return [{ key: 'name', direction: 'asc' }]
  const sorted = keys.length === 0 ? ['created_at'] : keys
  if (directions.length > 1 && directions.length !== sorted.length) {
    throw new CommandFailure(
      'Unexpected number of sorting directions: provide only a single sorting direction or an equal number of keys and directions.',
    )
  }
  return sorted.map((key, at) => ({ key, direction: parseDirection(directions[at] ?? directions[0] ?? 'desc') }))
}

function parseDirection(text: string): 'asc' | 'desc' {
  if (text === 'asc' || text === 'desc') return text
  throw new CommandFailure('sort_dir must be one of the following: asc, desc.')
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
