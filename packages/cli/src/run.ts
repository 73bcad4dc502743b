import { CommanderError } from 'commander'
import { buildProgram, withDashes } from './command.ts'
import { imageCommands } from './commands/image.ts'
import { imageDataCommands } from './commands/image-data.ts'
import { locationCommands } from './commands/location.ts'
import { memberCommands } from './commands/member.ts'
import { storeCommands } from './commands/store.ts'
import { tagCommands } from './commands/tag.ts'
import { CommandFailure, describeFailure } from './failure.ts'
import type { Io } from './io.ts'

const DEFINITIONS = [
  ...imageCommands,
  ...imageDataCommands,
  ...tagCommands,
  ...memberCommands,
  ...locationCommands,
  ...storeCommands,
].sort((a, b) => (a.name < b.name ? -1 : 1))

/**
 * Runs one command line (without the program's name) and gives the exit code: 0 success, 1 failure, 2 wrong usage, 130
 * interrupted. Errors are written to stderr; never rejects.
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const program = buildProgram(DEFINITIONS, io)
  try {
    await program.parseAsync(withDashes(args), { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.code === 'glance.noCommand') io.stdout.write(program.helpInformation())
      return error.exitCode
    }
    // Whatever an abort breaks on its way, the reason is what counts.
    const cause = io.signal.aborted ? io.signal.reason : error
    const debug = program.opts()['debug'] === true || Boolean(io.env['GLANCECLIENT_DEBUG'])
    if (debug && cause instanceof Error && !(cause instanceof CommandFailure)) io.stderr.write(`${cause.stack}\n`)
    const text = describeFailure(cause)
    if (text !== '') io.stderr.write(`${text}\n`)
    return cause instanceof CommandFailure ? cause.exitCode : 1
  }
}
