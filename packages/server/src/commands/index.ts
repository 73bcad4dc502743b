import type { Command } from './command.ts'
import { metadefsCommand } from './metadefs.ts'
import { policyCommand } from './policy.ts'

/** The commands by name. Without any the server serves. */
export const commands: Readonly<Record<string, Command>> = {
  metadefs: metadefsCommand,
  policy: policyCommand,
}
