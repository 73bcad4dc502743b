/**
 * `pnpm docs`: writes the option tables of the READMEs and of docs/configuration.md from the tables in the code.
 *
 * With `--check` it writes nothing and names every document that would change (exit code 1). Needs Node's
 * `--conditions=@glance/source`, so that the packages' sources are read and no build is needed.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { describeOptions, type OptionTable, storeErrorCodes } from '@glance/core'
import { optionsTable, withBlock } from './options-block.ts'
import { repositoryRoot } from './workspace.ts'

/** A document whose block is generated from one package. */
interface GeneratedDocument {
  readonly document: string
  /** Module whose exports hold the tables. */
  readonly module: string
  readonly text: (exports: Readonly<Record<string, unknown>>) => string
  /** The block's name in its markers. */
  readonly block: 'options' | 'errors'
}

function isOptionTable(value: unknown): value is OptionTable {
  if (typeof value !== 'object' || value === null) return false
  const options = Object.values(value)
  return (
    options.length > 0 && options.every((option) => typeof option?.kind === 'string' && typeof option.help === 'string')
  )
}

/** The one exported table of a driver: its name ends in `Options`. */
function driverText(exports: Readonly<Record<string, unknown>>): string {
  const tables = Object.entries(exports).flatMap(([name, value]) =>
    name.endsWith('Options') && isOptionTable(value) ? [value] : [],
  )
  const [table] = tables
  if (!table || tables.length > 1)
    throw new Error(`must export one option table named …Options, exports ${tables.length}`)
  return optionsTable(describeOptions(table), true)
}

/** All groups of the server's configuration file, each under its name. */
function serverText({ serverOptionGroups: groups }: Readonly<Record<string, unknown>>): string {
  if (typeof groups !== 'object' || groups === null) throw new Error('must export serverOptionGroups')
  const sections = Object.entries(groups).map(([group, table]: [string, unknown]) => {
    if (!isOptionTable(table)) throw new Error(`serverOptionGroups.${group} is no option table`)
    return `## \`[${group}]\`\n\n${optionsTable(describeOptions(table), false)}`
  })
  return sections.join('\n\n')
}

/** The codes of stores with the answers that the server gives when no use case has given them a meaning of its own. */
function errorText({ storeStatus }: Readonly<Record<string, unknown>>): string {
  const answers = storeStatus as Readonly<Record<string, { status: number }>>
  const rows = Object.entries(storeErrorCodes).map(([code, { summary, retryable, glanceStore }]) => [
    `\`${code}\``,
    summary,
    retryable ? 'yes' : 'no',
    glanceStore === null ? '–' : `\`${glanceStore}\``,
    String(answers[code]?.status ?? '–'),
  ])
  const head = ['Code', 'Meaning', 'Retryable', 'glance_store', 'HTTP']
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Every driver of this repository has its options in its README. */
function driverFolders(): readonly string[] {
  return readdirSync(join(repositoryRoot, 'packages')).filter((folder) => folder.startsWith('driver-'))
}

const documents: readonly GeneratedDocument[] = [
  ...driverFolders().map((folder) => ({
    document: `packages/${folder}/README.md`,
    module: `packages/${folder}/src/index.ts`,
    text: driverText,
    block: 'options' as const,
  })),
  { document: 'docs/configuration.md', module: 'packages/server/src/index.ts', text: serverText, block: 'options' },
  { document: 'docs/errors.md', module: 'packages/server/src/http/error-table.ts', text: errorText, block: 'errors' },
]

async function problemWith(
  { document, module, text, block }: GeneratedDocument,
  check: boolean,
): Promise<string | undefined> {
  const path = join(repositoryRoot, document)
  if (!existsSync(path)) return `${document}: is missing`
  let blame = module
  try {
    const generated = text(await import(pathToFileURL(join(repositoryRoot, module)).href))
    const before = readFileSync(path, 'utf8')
    blame = document
    const after = withBlock(before, generated, block)
    if (after === before) return undefined
    if (check) return `${document}: its generated block is out of date: run pnpm run docs`
    writeFileSync(path, after)
    console.log(`${document}: written`)
    return undefined
  } catch (error) {
    return `${blame}: ${error instanceof Error ? error.message : error}`
  }
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
for (const document of documents) {
  const problem = await problemWith(document, values.check)
  if (problem === undefined) continue
  console.log(problem)
  process.exitCode = 1
}
