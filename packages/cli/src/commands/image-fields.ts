import type { JsonValue } from '@glance/client'
import type { Command } from 'commander'
import type { Options } from '../command.ts'
import { CommandFailure } from '../failure.ts'
import { parseBoolean, parseCount, parsePair } from '../option-values.ts'

/**
 * Options that set members of an image, shared by image-create and image-update.
 *
 * The original makes them from the schema the service sent last; these are the ones every service has, in its order.
 */
interface Field {
  readonly flags: string
  readonly option: string
  readonly member: string
  readonly help: string
  readonly parse?: (text: string) => JsonValue
  /** Only image-create has it. */
  readonly createOnly?: true
}

const FIELDS: readonly Field[] = [
  { flags: '--id <ID>', option: 'id', member: 'id', help: 'identifier of the image', createOnly: true },
  { flags: '--name <NAME>', option: 'name', member: 'name', help: 'descriptive name' },
  {
    flags: '--visibility <VISIBILITY>',
    option: 'visibility',
    member: 'visibility',
    help: 'who sees the image: community, public, private or shared',
  },
  {
    flags: '--protected <True|False>',
    option: 'protected',
    member: 'protected',
    help: 'whether the image cannot be deleted',
    parse: parseBoolean,
  },
  { flags: '--owner <OWNER>', option: 'owner', member: 'owner', help: 'project that owns the image' },
  {
    flags: '--container-format <CONTAINER_FORMAT>',
    option: 'containerFormat',
    member: 'container_format',
    help: 'format of the container (bare, ovf, docker, …)',
  },
  {
    flags: '--disk-format <DISK_FORMAT>',
    option: 'diskFormat',
    member: 'disk_format',
    help: 'format of the disk (raw, qcow2, iso, …)',
  },
  { flags: '--tags <TAGS...>', option: 'tags', member: 'tags', help: 'tags of the image', createOnly: true },
  { flags: '--min-ram <MB>', option: 'minRam', member: 'min_ram', help: 'MB of memory needed', parse: parseCount },
  { flags: '--min-disk <GB>', option: 'minDisk', member: 'min_disk', help: 'GB of disk needed', parse: parseCount },
  { flags: '--architecture <ARCHITECTURE>', option: 'architecture', member: 'architecture', help: 'CPU architecture' },
  { flags: '--kernel-id <ID>', option: 'kernelId', member: 'kernel_id', help: 'image to boot as kernel' },
  { flags: '--ramdisk-id <ID>', option: 'ramdiskId', member: 'ramdisk_id', help: 'image to boot as ramdisk' },
  {
    flags: '--instance-uuid <ID>',
    option: 'instanceUuid',
    member: 'instance_uuid',
    help: 'instance the image was made from; for information',
  },
  { flags: '--os-distro <DISTRO>', option: 'osDistro', member: 'os_distro', help: 'name of the operating system' },
  {
    flags: '--os-version <VERSION>',
    option: 'osVersion',
    member: 'os_version',
    help: 'version of the operating system',
  },
]

/** Adds the options. `purpose` update leaves out what cannot be changed this way. */
export function withImageFields(command: Command, purpose: 'create' | 'update'): Command {
  for (const field of FIELDS) {
    if (field.createOnly === true && purpose === 'update') continue
    if (field.parse === undefined) command.option(field.flags, field.help)
    else command.option(field.flags, field.help, field.parse)
  }
  return command
    .option('--hidden [True|False]', 'whether lists leave the image out by default', parseBoolean)
    .option('--property <key=value>', 'custom property; may be repeated', parsePair)
}

/** The members the options set. Properties come last, so they win, as in the original. */
export function imageFieldsOf(options: Options): Record<string, JsonValue> {
  const set: Record<string, JsonValue> = {}
  for (const { option, member } of FIELDS) {
    const value = options[option]
    if (isJson(value)) set[member] = value
  }
  if (typeof options['hidden'] === 'boolean') set['os_hidden'] = options['hidden']
  const pairs = options['property']
  if (Array.isArray(pairs)) for (const [key, value] of pairs) set[String(key)] = String(value)
  return set
}

/** What image data need of a record. Image data without formats would be refused after the upload has begun. */
export function requireFormats(set: Readonly<Record<string, JsonValue>>, from: '--file' | 'stdin'): void {
  const missing = ['container_format', 'disk_format'].filter((member) => !set[member])
  if (missing.length === 0) return
  const options = missing.map((member) => `--${member.replace('_', '-')}`).join(', ')
  throw new CommandFailure(`error: Must provide ${options} when using ${from}.`)
}

function isJson(value: unknown): value is JsonValue {
  return ['string', 'number', 'boolean'].includes(typeof value) || Array.isArray(value)
}
