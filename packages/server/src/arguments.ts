import { parseArgs } from 'node:util'
import type { ConfigRequest } from './config/load.ts'

/** What the command line asks for. */
export type Invocation =
  | { readonly kind: 'serve'; readonly request: ConfigRequest }
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'misused'; readonly message: string }

/** Values of parsed arguments, and the environment they were given in. */
export interface ParsedArguments {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Options that stand for options of configuration files. */
const shortcuts = [
  {
    name: 'data-dir',
    value: 'DIR',
    group: 'glance_server',
    option: 'data_dir',
    help: 'folder for database, images and tokens',
  },
  {
    name: 'bind-host',
    value: 'ADDRESS',
    group: 'DEFAULT',
    option: 'bind_host',
    help: 'address to listen on (0.0.0.0)',
  },
  { name: 'bind-port', value: 'N', group: 'DEFAULT', option: 'bind_port', help: 'port to listen on (9292)' },
  {
    name: 'auth',
    value: 'local|noauth|keystone',
    group: 'glance_server',
    option: 'auth',
    help: 'who may come in (local: tokens of this server)',
  },
] as const

/** The options that say which configuration counts, as `parseArgs` wants them. Commands have them, too. */
export const configOptions: Readonly<
  Record<string, { type: 'string' | 'boolean'; multiple?: boolean; short?: string }>
> = {
  ...Object.fromEntries(shortcuts.map(({ name }) => [name, { type: 'string' as const }])),
  'config-file': { type: 'string', multiple: true },
  'config-dir': { type: 'string', multiple: true },
  debug: { type: 'boolean', short: 'd' },
}

/** The text of `--help`. */
export const usage: string = [
  'Usage: glance-server [options]',
  '       glance-server COMMAND [options]',
  '',
  'Serves the OpenStack Image API v2. Without a configuration it keeps everything in one folder and needs no other service.',
  '',
  ...row('--config-file FILE', 'a glance-api.conf; may be repeated, later files win'),
  ...row('--config-dir DIR', 'every *.conf of a folder, after the files; may be repeated'),
  ...shortcuts.flatMap(({ name, value, help }) => row(`--${name} ${value}`, help)),
  ...row('--debug', 'log what happens inside, too'),
  ...row('--version', 'print the version'),
  ...row('--help', 'print this'),
  '',
  'Every option of a configuration file can also be set in the environment, as OS_<GROUP>__<OPTION>.',
].join('\n')

function row(left: string, right: string): string[] {
  return [`  ${left.padEnd(26)}${right}`]
}

/** Reads the command line. @param environment - for options set there */
export function parseArguments(args: readonly string[], environment: ParsedArguments['environment']): Invocation {
  let values: ParsedArguments['values']
  try {
    values = parseArgs({
      args: [...args],
      options: {
        ...configOptions,
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
      strict: true,
    }).values
  } catch (error) {
    return { kind: 'misused', message: error instanceof Error ? error.message : String(error) }
  }
  if (values['help']) return { kind: 'help' }
  if (values['version']) return { kind: 'version' }
  return { kind: 'serve', request: configRequest(values, environment) }
}

/** What parsed arguments ask of the configuration. */
export function configRequest(
  values: ParsedArguments['values'],
  environment: ParsedArguments['environment'],
): ConfigRequest {
  const overrides: Record<string, Record<string, string>> = {}
  const set = (group: string, option: string, value: string): void => {
    overrides[group] = { ...overrides[group], [option]: value }
  }
  for (const { name, group, option } of shortcuts) {
    const value = values[name]
    if (typeof value === 'string') set(group, option, value)
  }
  if (values['debug']) set('DEFAULT', 'debug', 'true')
  return {
    configFiles: texts(values['config-file']),
    configDirs: texts(values['config-dir']),
    overrides,
    environment,
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
