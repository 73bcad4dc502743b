/**
 * `glance-server policy explain`: which rules decide about a request, and how.
 *
 * The request is made for real, with the caller's token and the records of the database, inside this process; only where it would change or read something beyond records it is stopped
 * (`policy/rehearsal.ts`). So what is told is what the server does, the hiding of images that are not the caller's to know included.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openDatabase } from '@glance/database'
import { configOptions, configRequest } from '../arguments.ts'
import { loadConfig } from '../config/load.ts'
import { readPolicy } from '../config/policy.ts'
import { ConfigError } from '../config/problem.ts'
import { createLogger } from '../observe/log.ts'
import { rehearse } from '../policy/rehearsal.ts'
import { describeRehearsal } from '../policy/rehearsal-text.ts'
import { accessOf, authenticatorOf } from '../server.ts'
import { type Command, CommandError } from './command.ts'

const usage = 'explain [options] --token TOKEN METHOD PATH'

/** The command. */
export const policyCommand: Command = {
  usage,
  help: 'tell which rules decide about a request, and how (--body JSON, --service-token TOKEN)',
  async run(args, environment) {
    const { values, positionals } = parsed(args)
    const [verb, method, path, ...more] = positionals
    if (verb !== 'explain' || method === undefined || path === undefined || more.length > 0)
      throw new CommandError(`usage: glance-server policy ${usage}`)
    if (!/^[A-Za-z]+$/.test(method) || !path.startsWith('/'))
      throw new CommandError('METHOD PATH must be like GET /v2/images')
    const config = loadConfig(configRequest(values, environment))
    if (config.problems.length > 0) throw new ConfigError(config.problems)
    if (config.auth === 'local' && !existsSync(join(config.dataDir, 'admin-token')))
      throw new CommandError(`${config.dataDir} holds no tokens yet: start the server once, or name its --config-file`)
    const { policy } = readPolicy(config.policy)
    const silent = createLogger({ debug: false, file: null }, { write: () => {} })
    const opened: (() => Promise<void> | void)[] = []
    try {
      const authenticator = authenticatorOf(accessOf(config), config, silent, opened)
      const database = await openDatabase({ connection: config.connection })
      opened.push(() => database.close())
      const rehearsal = await rehearse(
        { config, database, policy, authenticator, logger: silent },
        {
          method: method.toUpperCase(),
          path,
          token: text(values['token']) ?? environment['OS_AUTH_TOKEN'] ?? null,
          serviceToken: text(values['service-token']),
          body: text(values['body']),
        },
      )
      console.log(describeRehearsal(rehearsal))
      return 0
    } finally {
      for (const close of opened.toReversed()) await close()
    }
  },
}

function parsed(args: readonly string[]): {
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>
  readonly positionals: readonly string[]
} {
  const string = { type: 'string' as const }
  try {
    return parseArgs({
      args: [...args],
      options: { ...configOptions, token: string, 'service-token': string, body: string },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error))
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
