import type { ParsedArguments } from '../arguments.ts'

/** A command beside serving: `glance-server NAME …`. */
export interface Command {
  /** What stands behind the name in the usage, and what it does in a few words. */
  readonly usage: string
  readonly help: string
  /**
   * Runs it. What it prints is its result; a `CommandError` is told without a stack.
   *
   * @param args - behind its name
   * @returns the exit code
   */
  run(args: readonly string[], environment: ParsedArguments['environment']): Promise<number>
}

/** What a user of a command did wrong or has to know. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
