/**
 * Runs the programs that the tools are made of: biome, tsc, turbo, vitest, pnpm, apt-get.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { readManifest, repositoryRoot } from './workspace.ts'

/** How a program ended and what it said. */
export interface CommandResult {
  /** Exit code; 128 + the signal's usual meaning is not guessed: a program ended by a signal has code 1. */
  readonly code: number
  readonly signal: NodeJS.Signals | null
  /** Standard output and error in the order they arrived; empty when the output was inherited. */
  readonly output: string
}

/** How to run a program. */
export interface CommandOptions {
  readonly directory?: string
  /** Added to this process's environment. A name set to undefined is left out. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** `capture` (default) collects the output, `inherit` shows it. */
  readonly output?: 'capture' | 'inherit'
}

/** This process's environment with the workspace's own programs (and its Node) first on the path. */
export function toolEnvironment(): Record<string, string | undefined> {
  const bin = join(repositoryRoot, 'node_modules', '.bin')
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== bin)
  return {
    ...process.env,
    PATH: [bin, ...path].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
  }
}

/** Runs a program to its end with nothing on standard input. Never rejects: a program that cannot start has code 127. */
export function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { promise, resolve } = Promise.withResolvers<CommandResult>()
  const child = spawn(program, args, {
    cwd: options.directory ?? repositoryRoot,
    env: { ...toolEnvironment(), ...options.environment },
    stdio: [
      'ignore',
      ...(options.output === 'inherit' ? (['inherit', 'inherit'] as const) : (['pipe', 'pipe'] as const)),
    ],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  child.on('error', (error) => resolve({ code: 127, signal: null, output: `${program}: ${error.message}\n` }))
  child.on('close', (code, signal) => resolve({ code: code ?? 1, signal, output }))
  return promise
}

/** The words that start pnpm: the one on the path, or npx with the pinned version. */
export function pnpmCommand(): readonly [string, ...string[]] {
  const path = (toolEnvironment()['PATH'] ?? '').split(delimiter)
  if (path.some((entry) => entry !== '' && existsSync(join(entry, 'pnpm')))) return ['pnpm']
  return ['npx', '-y', readManifest(repositoryRoot).packageManager ?? 'pnpm']
}

/**
 * Builds packages with turbo, all of them or those that `filters` name in turbo's own syntax.
 *
 * turbo starts each build by pnpm, which must be on the path: without it, pnpm is made to start turbo.
 */
export function build(filters: readonly string[] = []): Promise<CommandResult> {
  const turbo = [
    'turbo',
    'run',
    'build',
    ...filters.map((filter) => `--filter=${filter}`),
    '--ui=stream',
    '--output-logs=errors-only',
    '--log-order=grouped',
    '--continue=dependencies-successful',
  ] as const
  const [pnpm, ...first] = pnpmCommand()
  return pnpm === 'pnpm' ? run('turbo', turbo.slice(1)) : run(pnpm, [...first, 'exec', ...turbo])
}

/** Seconds with one decimal, such as `3.2 s`, since a `performance.now()`. */
export function secondsSince(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`
}
