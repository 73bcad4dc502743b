/** The command `glance-server`: starts a server and says what to type next. */
import { readFileSync } from 'node:fs'
import { parseArguments, usage } from './arguments.ts'
import { TokenFileError } from './auth/local-tokens.ts'
import { type Command, CommandError } from './commands/command.ts'
import { commands } from './commands/index.ts'
import { loadConfig, type ServerConfig } from './config/load.ts'
import { ConfigError } from './config/problem.ts'
import { createLogger, logSettings } from './observe/log.ts'
import { type Access, DataFolderBusyError, type RunningServer, startServer } from './server.ts'

/** Runs the command and returns its exit code, or null when a server runs on. */
export async function main(args: readonly string[]): Promise<number | null> {
  const [name = '', ...rest] = args
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command) return runCommand(command, rest)
  const invocation = parseArguments(args, process.env)
  switch (invocation.kind) {
    case 'help':
      console.log(usageText())
      return 0
    case 'version':
      console.log(version())
      return 0
    case 'misused':
      console.error(`glance-server: ${invocation.message}\n\n${usageText()}`)
      return 2
  }
  try {
    const config = loadConfig(invocation.request)
    const logger = createLogger(logSettings(config.values.DEFAULT))
    const server = await startServer(config, logger)
    stopOnSignals(server)
    console.log(greeting(server, config))
    return null
  } catch (error) {
    console.error(`glance-server: ${explained(error)}`)
    return 1
  }
}

async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  try {
    return await command.run(args, process.env)
  } catch (error) {
    console.error(`glance-server: ${explained(error)}`)
    return error instanceof CommandError ? 2 : 1
  }
}

function usageText(): string {
  const rows = Object.entries(commands).map(([name, { usage: more, help }]) => `  ${name} ${more}\n      ${help}`)
  return [usage, '', 'Commands:', ...rows].join('\n')
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown'
}

/** Operators get the reason in a sentence; what nobody expected comes with its stack. */
function explained(error: unknown): string {
  if (
    error instanceof ConfigError ||
    error instanceof DataFolderBusyError ||
    error instanceof CommandError ||
    error instanceof TokenFileError
  )
    return error.message
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'EADDRINUSE')
    return `${error.message}: another program listens there; choose another port with --bind-port`
  if (code === 'EACCES') return error.message
  return error.stack ?? error.message
}

function stopOnSignals(server: RunningServer): void {
  let asked = 0
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      asked += 1
      // Asked twice, the user means it.
      if (asked > 1) process.exit(130)
      server.close().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(`glance-server: ${explained(error)}`)
          process.exit(1)
        },
      )
    })
  }
}

function greeting(server: RunningServer, config: ServerConfig): string {
  return [
    `glance-server ${version()} is ready: ${server.url}`,
    `Data folder: ${config.dataDir}`,
    '',
    ...nextSteps(server.url, server.access),
  ].join('\n')
}

function nextSteps(url: string, access: Access): string[] {
  if (access.kind === 'noauth') {
    return [
      'Everybody who reaches it is an administrator (noauth). In another terminal:',
      '',
      `  export OS_IMAGE_URL=${url}`,
      '  export OS_AUTH_TOKEN=none',
      '  glance image-list',
    ]
  }
  if (access.kind === 'keystone') {
    return [
      `It takes tokens of Keystone at ${access.authUrl}. In another terminal, with the OS_ variables of your cloud:`,
      '',
      `  export OS_IMAGE_URL=${url}`,
      '  glance image-list',
    ]
  }
  // The token is shown once, when it is made; afterwards the file is the place to read it.
  const token = access.fresh ? access.adminToken : `$(cat '${access.adminTokenFile}')`
  return [
    'In another terminal:',
    '',
    `  export OS_IMAGE_URL=${url}`,
    `  export OS_AUTH_TOKEN=${token}`,
    '  glance image-list',
  ]
}
