/**
 * `pnpm start [arguments]`: builds what the server needs and runs it with these arguments.
 *
 * The server runs inside this process instead of below it. So each signal of the user reaches it exactly once, however
 * many processes a terminal or a package runner signals, and its exit code is the command's.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './command.ts'
import { onPackageRunnerGone } from './package-runner.ts'
import { descendantsOf, stopProcesses } from './process-tree.ts'
import { repositoryRoot } from './workspace.ts'

const program = join(repositoryRoot, 'packages', 'server', 'bin', 'glance-server.mjs')
const noticeAfterMs = 1500

async function buildServer(): Promise<void> {
  const stop = async (): Promise<void> => {
    await stopProcesses(() => descendantsOf(process.pid))
    process.exit(130)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, stop)
  const notice = setTimeout(() => process.stderr.write('building glance-server…\n'), noticeAfterMs)
  const result = await build(['glance-server...'])
  clearTimeout(notice)
  for (const name of signals) process.off(name, stop)
  if (result.code === 0) return
  process.stderr.write(`${result.output}\nglance-server was not started: the build failed\n`)
  process.exit(1)
}

/** A signal for all of the runners' processes ends them too: their end must not reach the server as a second signal. */
function endWatchOn(name: NodeJS.Signals): void {
  endWatch()
  // This listener took the signal's usual effect away. Without one of the server's own it is brought back.
  if (process.listenerCount(name) === 0) process.kill(process.pid, name)
}

const args = process.argv.slice(2)
if (args[0] === '--') args.shift()

const endWatch = onPackageRunnerGone(() => process.kill(process.pid, 'SIGTERM'))
await buildServer()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => endWatchOn(name))
if (!existsSync(program)) {
  process.stderr.write('glance-server was not started: packages/server/bin/glance-server.mjs does not exist\n')
  process.exit(1)
}
process.argv = [process.execPath, program, ...args]
await import(pathToFileURL(program).href)
