/**
 * `glance-server metadefs load|unload|export`: metadata definitions out of files and into files, as `glance-manage db load_metadefs` and its like do it.
 *
 * It works on the database of the configuration, also while a server runs on it. Each namespace is one transaction.
 */
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Database, openDatabase } from '@glance/database'
import {
  exportNamespaces,
  type LoadMode,
  loadNamespace,
  type Metadefs,
  ServiceError,
  unloadNamespaces,
} from '@glance/service'
import { configOptions, configRequest, type ParsedArguments } from '../arguments.ts'
import { loadConfig } from '../config/load.ts'
import { ConfigError } from '../config/problem.ts'
import { type Command, CommandError } from './command.ts'

const usage = 'load|unload|export [--path PATH] [--merge [--prefer-new|--overwrite]]'

/** The definitions that come with the server. Sources are published, so the built command reads them there, too. */
const stockFolder = fileURLToPath(new URL('../../src/metadefs/', import.meta.url))

/** The command. */
export const metadefsCommand: Command = {
  usage,
  help: 'load metadata definitions from files (the stock ones without --path), remove all, or write all to files',
  async run(args, environment) {
    const { values, positionals } = parsed(args)
    const [verb = '', ...more] = positionals
    const mode = modeOf(values, verb)
    if (!['load', 'unload', 'export'].includes(verb) || more.length > 0)
      throw new CommandError(`usage: glance-server metadefs ${usage}`)
    const config = loadConfig(configRequest(values, environment))
    if (config.problems.length > 0) throw new ConfigError(config.problems)
    const given = typeof values['path'] === 'string' ? values['path'] : config.values.DEFAULT.metadataSourcePath
    if (verb === 'export' && given === undefined)
      throw new CommandError('export needs --path FOLDER, or metadata_source_path in the configuration')
    // A first load may come before the first start.
    await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
    await using database = await openDatabase({ connection: config.connection })
    if (verb === 'load') return await load(database, given ?? stockFolder, mode)
    if (verb === 'unload') return await unload(database.metadefs)
    return await exportTo(database.metadefs, given ?? '')
  },
}

function parsed(args: readonly string[]): {
  readonly values: ParsedArguments['values']
  readonly positionals: readonly string[]
} {
  try {
    return parseArgs({
      // Glance's spelling, too.
      args: args.map((each) => (each === '--prefer_new' ? '--prefer-new' : each)),
      options: {
        ...configOptions,
        path: { type: 'string' },
        merge: { type: 'boolean' },
        'prefer-new': { type: 'boolean' },
        overwrite: { type: 'boolean' },
      },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error))
  }
}

function modeOf(values: ParsedArguments['values'], verb: string): LoadMode {
  const { merge, 'prefer-new': preferNew, overwrite } = values
  if ((merge || preferNew || overwrite) && verb !== 'load')
    throw new CommandError('--merge, --prefer-new and --overwrite belong to load')
  if ((preferNew || overwrite) && !merge) throw new CommandError('--prefer-new and --overwrite need --merge')
  if (preferNew && overwrite) throw new CommandError('--prefer-new and --overwrite exclude each other')
  if (overwrite) return 'overwrite'
  if (preferNew) return 'prefer-new'
  return merge ? 'merge' : 'skip'
}

/** Loads every file; one that cannot be loaded is told and does not keep the others. @returns 1 when there was one */
async function load(database: Database, path: string, mode: LoadMode): Promise<number> {
  const deps = { metadefs: database.metadefs, clock: { now: () => new Date() } }
  const files = await filesAt(path)
  let failed = 0
  for (const file of files) {
    try {
      const document: unknown = JSON.parse(await readFile(file, 'utf8'))
      const { namespace, outcome } = await loadNamespace(deps, { document, mode })
      console.log(`${namespace}: ${outcome}`)
    } catch (error) {
      if (!isAboutTheFile(error)) throw error
      failed += 1
      console.error(`${file}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  console.log(`${files.length - failed} of ${files.length} files loaded`)
  return failed === 0 ? 0 : 1
}

function isAboutTheFile(error: unknown): boolean {
  if (error instanceof SyntaxError) return true
  if (error instanceof ServiceError) return error.code === 'INVALID' || error.code === 'CONFLICT'
  return error instanceof Error && 'code' in error && ['EACCES', 'EISDIR', 'ENOENT'].includes(String(error.code))
}

/** The file itself, or the JSON files of a folder by name. */
async function filesAt(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw new CommandError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  })
  if (!found.isDirectory()) return [path]
  const entries = await readdir(path, { withFileTypes: true })
  const files = entries.filter((entry) => !entry.isDirectory() && entry.name.endsWith('.json'))
  if (files.length === 0) throw new CommandError(`${path} has no JSON files`)
  return files.map(({ name }) => join(path, name)).sort()
}

async function unload(metadefs: Metadefs): Promise<number> {
  console.log(`${await unloadNamespaces({ metadefs })} namespaces removed`)
  return 0
}

/** Writes a file for each namespace. A file of the same name is replaced when the new one is whole. */
async function exportTo(metadefs: Metadefs, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true })
  const taken = new Set<string>()
  for await (const { namespace, document } of exportNamespaces({ metadefs })) {
    const file = join(folder, fileName(namespace, taken))
    await writeFile(`${file}.part`, `${JSON.stringify(document, null, 4)}\n`)
    await rename(`${file}.part`, file)
    console.log(`${namespace}: ${file}`)
  }
  return 0
}

/** A name of word characters, each of which is a file's own. */
function fileName(namespace: string, taken: Set<string>): string {
  const base = namespace.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || 'namespace'
  let name = base
  for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${base}-${count}`
  taken.add(name.toLowerCase())
  return `${name}.json`
}
