/** Entry of the `glance` command: ties a command line to this process. */
import { fstatSync } from 'node:fs'
import { constants } from 'node:os'
import process from 'node:process'
import { Interrupted } from './failure.ts'
import { run } from './run.ts'

const controller = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    const number = constants.signals[name]
    // The first asks the command to clean up; whoever insists need not wait for it.
    if (controller.signal.aborted) process.exit(128 + number)
    controller.abort(new Interrupted(number))
  })
}
// `glance image-list | head` closes the pipe early, which is no news to anybody.
process.stdout.on('error', () => process.exit(1))
process.stderr.on('error', () => process.exit(1))

const code = await run(process.argv.slice(2), {
  input: hasPipedInput() ? () => process.stdin : null,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: controller.signal,
})
// Leaving by itself could take for ever: input that nobody reads to its end keeps a process alive.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
process.exit(code)

/** Whether data may come from stdin. Jobs of cron and services have `/dev/null` there or nothing at all. */
function hasPipedInput(): boolean {
  try {
    const input = fstatSync(0)
    return input.isFIFO() || input.isFile() || input.isSocket()
  } catch {
    return false
  }
}
