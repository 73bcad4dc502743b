import type { ImageClient } from '@glance/client'
import { Command, CommanderError, Option } from 'commander'
import { connect, type Environment, type GlobalOptions, readEnvironment, VERSION } from './environment.ts'
import { CommandFailure } from './failure.ts'
import type { Io } from './io.ts'
import { parseSeconds } from './option-values.ts'
import { OUTPUT_FORMATS, type OutputFormat } from './output.ts'

/** What a running command has at hand. */
export interface CommandContext {
  readonly io: Io
  readonly environment: Environment
  /** Opens the client; throws CommandFailure when settings are missing. */
  readonly connect: () => Promise<ImageClient>
}

/** One command: how it is written, and what it does. A rejected `run` is reported by the caller. */
export interface CommandDefinition {
  readonly name: string
  readonly summary: string
  /** Adds arguments and options. */
  readonly build: (command: Command) => Command
  /** `options` are the values by name in camelCase, as `build` declared them. */
  readonly run: (context: CommandContext, args: readonly string[], options: Options) => Promise<void>
}

/** Values of options; each command knows the types of its own. */
export type Options = Readonly<Record<string, unknown>>

/** The arguments make no sense. Reported with the usage of the command and exit code 2. */
export class UsageFailure extends CommandFailure {
  override readonly name = 'UsageFailure'

  constructor(command: Command, problem: string) {
    const path = command.parent === null ? '' : ` ${command.name()}`
    const usage = `usage: glance${path} ${command.usage()}`
    super(`${usage}\n${problem}\nTry 'glance help${path}' for more information.`, 2)
  }
}

/** The option every printing command has. Not to be mixed up with `-f` before the command, which is `--force`. */
export function withFormat(command: Command): Command {
  return command.addOption(
    new Option('-f, --format <format>', 'how to print').choices([...OUTPUT_FORMATS]).default('table'),
  )
}

/** The chosen format. */
export function formatOf(options: Options): OutputFormat {
  return OUTPUT_FORMATS.find((format) => format === options['format']) ?? 'table'
}

/** Builds the parser around the commands. Parsing runs the command that was named. */
export function buildProgram(definitions: readonly CommandDefinition[], io: Io): Command {
  const program = globalOptions(new Command('glance'))
    .description('Command-line interface to the OpenStack Images API.')
    .version(VERSION, '--version')
    // Options belong to the word they follow: `-f` means one thing before the command and another after it.
    .enablePositionalOptions()
    .helpCommand(false)
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: () => {}, outputError: () => {} })
  overrideExit(program)
  for (const definition of definitions) {
    const command = definition.build(program.command(definition.name).description(definition.summary))
    overrideExit(command)
    command.action(async () => {
      const environment = readEnvironment(program.opts<GlobalOptions>(), io.env)
      await definition.run({ io, environment, connect: () => connect(environment, io) }, command.args, command.opts())
    })
  }
  const help = program.command('help').description('Display help about this program or one of its commands.')
  overrideExit(help.argument('[command]'))
  help.action((name?: string) => {
    const target = name === undefined ? program : program.commands.find((command) => command.name() === name)
    if (target === undefined) throw new CommandFailure(`'${name}' is not a valid subcommand`)
    io.stdout.write(target.helpInformation())
  })
  return program
}

function globalOptions(program: Command): Command {
  return program
    .option('-d, --debug', 'log requests and answers to standard error; secrets are hashed (env GLANCECLIENT_DEBUG)')
    .option('-v, --verbose', 'print more')
    .option('-f, --force', 'do not ask for confirmation')
    .option('--os-image-url <url>', 'address of the image service (env OS_IMAGE_URL)')
    .option('--os-image-api-version <version>', 'version of the API: 2 (env OS_IMAGE_API_VERSION)')
    .option('--os-auth-token <token>', 'token to use (env OS_AUTH_TOKEN)')
    .option('--insecure', 'trust any certificate of the service')
    .option('--os-cacert <file>', 'certificates to trust instead of the system (env OS_CACERT)')
    .option('--os-cert <file>', 'certificate of the client (env OS_CERT)')
    .option('--os-key <file>', 'private key of the client (env OS_KEY)')
    .option('--timeout <seconds>', 'silence of the service to put up with (default: 600)', parseSeconds)
    .addOption(new Option('--get-schema', 'does nothing: schemas are never cached').hideHelp())
}

function overrideExit(command: Command): void {
  command.exitOverride((error: CommanderError) => {
    if (error.exitCode === 0) throw error
    // Without a command the original prints its help and is content.
    if (error.code === 'commander.help') throw new CommanderError(0, 'glance.noCommand', '')
    throw new UsageFailure(command, error.message)
  })
}

/** Accepts the old spelling of options with underscores: `--os_image_url` for `--os-image-url`. */
export function withDashes(args: readonly string[]): string[] {
  const end = args.indexOf('--')
  return args.map((arg, at) => {
    const name = end !== -1 && at > end ? undefined : /^--os_\w+/.exec(arg)?.[0]
    return name === undefined ? arg : name.replaceAll('_', '-') + arg.slice(name.length)
  })
}
