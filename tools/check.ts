/**
 * `pnpm check`: everything that can be judged without running the product. One line for each check that passes, the whole
 * output of one that does not; exit code 1 when any failed.
 */
import { run, secondsSince } from './command.ts'

interface Check {
  readonly name: string
  readonly command: readonly [string, ...string[]]
}

const node = process.execPath

const checks: readonly Check[] = [
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json', '--noEmit'] },
  { name: 'format and lint', command: ['biome', 'ci', '--colors=off', '--error-on-warnings', '.'] },
  { name: 'direction of imports', command: [node, 'tools/check-imports.ts'] },
  { name: 'packages', command: [node, 'tools/check-packages.ts', '--no-pack'] },
  { name: 'generated documents', command: [node, '--conditions=@glance/source', 'tools/docs.ts', '--check'] },
]

const outcomes = await Promise.all(
  checks.map(async ({ name, command: [program, ...args] }) => {
    const start = performance.now()
    const result = await run(program, args)
    const passed = result.code === 0
    console.log(
      `${passed ? '' : `${result.output.trimEnd()}\n`}${name}: ${passed ? 'passed' : 'FAILED'} (${secondsSince(start)})`,
    )
    return passed
  }),
)
if (outcomes.includes(false)) process.exitCode = 1
