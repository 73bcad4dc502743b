/**
 * The command `glance-conformance <module> [--options file.json] [--only names] [--report file.json] [--volatile]`.
 *
 * The module's default export is a driver definition, or a whole harness. Options for a definition come from a JSON file; in its texts
 * `{temporary}` becomes a new directory and `{unique}` a new word for each store, so that every case has a store of its own.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { isDriverDefinition } from '@glance/core'
import type { Harness, RawOptions } from './harness.ts'
import { countsOf, formatCounts, formatResult } from './report.ts'
import { runConformance } from './run.ts'

const usage = `usage: glance-conformance <module> [--options file.json] [--only names] [--report file.json] [--volatile]

  <module>   a package name or a path; its default export is a driver definition or a harness
  --options  options of the driver as a JSON object; {temporary} in a text becomes a new directory, {unique} a new word
  --only     ids or groups of cases, separated by commas
  --report   where to write the report, as JSON
  --volatile the data end with the store that holds them
`

/** The command line cannot be used as it was given. */
class UsageError extends Error {}

/**
 * Runs the command and prints a line for each case.
 *
 * @param args - without the program's name
 * @returns the exit status: 0 when no case failed, 1 when one did, 2 when the suite could not be run
 */
export async function runCommandLine(
  args: readonly string[],
  print: (text: string) => void = (text) => void process.stdout.write(text),
): Promise<number> {
  try {
    return await run(args, print)
  } catch (error) {
    print(`${error instanceof Error ? error.message : String(error)}\n`)
    if (error instanceof UsageError) print(`\n${usage}`)
    return 2
  }
}

async function run(args: readonly string[], print: (text: string) => void): Promise<number> {
  const { values, positionals } = readArguments(args)
  if (values.help) {
    print(usage)
    return 0
  }
  const [specifier] = positionals
  if (specifier === undefined || positionals.length > 1) throw new UsageError('name one module')
  const harness = harnessOf(await importFromHere(specifier), specifier, values)
  const report = await runConformance(harness, {
    ...(values.only === undefined ? {} : { only: values.only.split(',') }),
    onResult: (result) => print(`${formatResult(result)}\n`),
  })
  print(`${formatCounts(report)}\n`)
  if (values.report !== undefined) await writeFile(values.report, `${JSON.stringify(report, null, 2)}\n`)
  return countsOf(report).failed === 0 ? 0 : 1
}

/** What the command line says. */
interface Flags {
  readonly help?: boolean
  readonly options?: string
  readonly only?: string
  readonly report?: string
  readonly volatile?: boolean
}

function readArguments(args: readonly string[]): { readonly values: Flags; readonly positionals: readonly string[] } {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        options: { type: 'string' },
        only: { type: 'string' },
        report: { type: 'string' },
        volatile: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** Imports a module as a file in the working directory would: a path, or a package installed here. */
async function importFromHere(specifier: string): Promise<unknown> {
  const file = createRequire(resolve('command-line.js')).resolve(specifier)
  const module: unknown = await import(pathToFileURL(file).href)
  return typeof module === 'object' && module !== null && 'default' in module ? module.default : null
}

function harnessOf(exported: unknown, specifier: string, flags: Flags): Harness {
  const optionsFile = flags.options
  if (isHarness(exported)) {
    if (optionsFile !== undefined || flags.volatile)
      throw new UsageError(`${specifier} is a harness and says itself how its stores are opened`)
    return exported
  }
  if (!isDriverDefinition(exported))
    throw new Error(`the default export of ${specifier} is neither a driver definition nor a harness`)
  const made = new Map<RawOptions, readonly string[]>()
  return {
    definition: exported,
    volatile: flags.volatile ?? false,
    async options() {
      const directories: string[] = []
      const options = optionsFile === undefined ? {} : await readOptions(optionsFile, directories)
      made.set(options, directories)
      return options
    },
    async release(options) {
      for (const directory of made.get(options) ?? []) await rm(directory, { recursive: true, force: true })
    },
  }
}

function isHarness(value: unknown): value is Harness {
  if (typeof value !== 'object' || value === null || !('definition' in value) || !('options' in value)) return false
  return isDriverDefinition(value.definition) && typeof value.options === 'function'
}

/** Options with their placeholders filled in. Directories that were made are added to `directories`. */
async function readOptions(file: string, directories: string[]): Promise<RawOptions> {
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'))
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new Error(`${file} is no JSON object`)
  const options: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(parsed)) {
    if (typeof value !== 'string') {
      options[name] = value
      continue
    }
    let text = value.replaceAll('{unique}', () => `conformance-${randomUUID().slice(0, 8)}`)
    if (text.includes('{temporary}')) {
      const directory = await mkdtemp(join(tmpdir(), 'glance-conformance-'))
      directories.push(directory)
      text = text.replaceAll('{temporary}', directory)
    }
    options[name] = text
  }
  return options
}
