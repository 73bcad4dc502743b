/**
 * `pnpm test [vitest arguments]`: the checks, the build, then every test of every package.
 *
 * The last line is `N passed, N failed, N skipped` and nothing else; the exit code is 1 exactly when it counts a failure.
 * The checks and the build count as one test each. A run that tested nothing, crashed, or left errors that belong to no
 * test has failed too. With REQUIRE_BACKENDS set, what the suites need is installed first (`tools/backends.ts`).
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { requiredBackends, setUpBackend } from './backends.ts'
import { build, run, secondsSince } from './command.ts'
import { onPackageRunnerGone } from './package-runner.ts'
import { descendantsOf, processesWith, stopProcesses } from './process-tree.ts'
import { skipLines } from './skip-lines.ts'
import { reportVariable, type TestReport } from './test-report.ts'

let passed = 0
const failed: string[] = []
const skipped: TestReport['skipped'][number][] = []
const timings: string[] = []

/** Runs one step, notes how long it took, and shows its problem at once. */
async function step(name: string, body: () => Promise<string | undefined>): Promise<boolean> {
  const start = performance.now()
  const problem = await body()
  const duration = secondsSince(start)
  timings.push(`${name} ${duration}`)
  if (problem === undefined) console.log(`${name}: passed (${duration})`)
  else console.log(`${problem.trimEnd()}\n${name}: failed (${duration})`)
  return problem === undefined
}

async function counted(name: string, body: () => Promise<string | undefined>): Promise<void> {
  if (await step(name, body)) passed += 1
  else failed.push(name)
}

async function setUpBackends(): Promise<void> {
  let names: readonly string[] = []
  try {
    names = requiredBackends(process.env['REQUIRE_BACKENDS'])
  } catch (error) {
    failed.push('set-up of backends')
    console.log(error instanceof Error ? error.message : error)
  }
  for (const name of names) {
    const title = `set-up of ${name}`
    if (!(await step(title, () => setUpBackend(name)))) failed.push(title)
  }
}

async function output(result: ReturnType<typeof run>): Promise<string | undefined> {
  const { code, output } = await result
  return code === 0 ? undefined : `${output.trimEnd()}\nexit code ${code}`
}

/**
 * How many test files run at a time. Said on the command line, because each project of vitest has a setting of its own. Suites with real backends and command lines wait more than they work, so
 * two cores carry two.
 */
const workers = `--maxWorkers=${Math.max(2, availableParallelism() - 1)}`

/** Colours are for terminals, not for the logs of CI. */
const plain = { NO_COLOR: '1', FORCE_COLOR: undefined } as const

/** Runs vitest and adds its counts. What went wrong outside the tests becomes a failure with a name of its own. */
async function runTests(args: readonly string[]): Promise<void> {
  const start = performance.now()
  const result = await run(
    'vitest',
    ['run', '--reporter=default', '--reporter=./tools/test-report.ts', '--allowOnly=false', workers, ...args],
    {
      output: 'inherit',
      environment: {
        ...(process.stdout.isTTY ? {} : plain),
        [reportVariable]: reportPath,
        NODE_ENV: 'test',
        TMPDIR: directory,
      },
    },
  )
  timings.push(`tests ${secondsSince(start)}`)
  let report: TestReport
  try {
    report = JSON.parse(readFileSync(reportPath, 'utf8')) as TestReport
  } catch {
    failed.push(`vitest ended without a report (exit code ${result.code})`)
    return
  }
  passed += report.passed
  failed.push(...report.failed, ...report.unhandledErrors.map((message) => `unhandled error: ${message}`))
  skipped.push(...report.skipped)
  const problems = report.failed.length + report.unhandledErrors.length
  if (report.interrupted) failed.push('vitest was interrupted')
  else if (report.passed + report.failed.length + report.skipped.length === 0) failed.push('vitest ran no test')
  else if (result.code !== 0 && problems === 0) failed.push(`vitest ended with exit code ${result.code}`)
}

function summarize(): void {
  if (skipped.length > 0) console.log('\nskipped:')
  for (const line of skipLines(skipped)) console.log(`  ${line}`)
  if (failed.length > 0) console.log('\nfailed:')
  for (const name of failed) console.log(`  ${name}`)
  console.log(`\ntime: ${timings.join(', ')}`)
  console.log(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`)
}

const args = process.argv.slice(2)
if (args[0] === '--') args.shift()

const directory = mkdtempSync(join(tmpdir(), 'glance-test-'))
const reportPath = join(directory, 'report.json')

/** What this run started: its descendants, and whatever left them but still carries the run's own variable. */
const started = (): readonly number[] => [
  ...new Set([...descendantsOf(process.pid), ...processesWith(`${reportVariable}=${reportPath}`)]),
]

function removeDirectory(): void {
  try {
    rmSync(directory, { recursive: true, force: true })
  } catch {
    // A test left something mounted in it. That costs disk space, not the result.
  }
}

let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  await stopProcesses(started)
  removeDirectory()
  process.exit(130)
}
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop)
onPackageRunnerGone(stop)

await setUpBackends()
if (!stopping) await counted('check', () => output(run(process.execPath, ['tools/check.ts'])))
if (!stopping) await counted('build', () => output(build()))
if (!stopping) await runTests(args)
if (!stopping) {
  const left = await stopProcesses(started)
  removeDirectory()
  if (left.length > 0) console.log(`\nleft running by the tests, ended now:\n  ${left.join('\n  ')}`)
  summarize()
  process.exitCode = failed.length > 0 ? 1 : 0
}
