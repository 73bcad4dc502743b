/**
 * Holds every module of the tree to the directions in `tools/import-rules.ts`. Exit code 1 lists each breach with its place.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, posix } from 'node:path'
import { parseArgs } from 'node:util'
import {
  allowedImports,
  browserSafe,
  computedImports,
  driverName,
  folderRules,
  forbiddenDirections,
  sharedByTests,
} from './import-rules.ts'
import { type ImportReference, importsOf } from './import-scanner.ts'
import { folderOf, packagesBelow, readManifest, repositoryRoot, type WorkspacePackage } from './workspace.ts'

/** One import that breaks a rule. */
export interface Breach {
  /** Path from the root, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly message: string
}

/** A module under check, with what the rules need to know of its surroundings. */
interface Module {
  /** Path from the root. */
  readonly file: string
  /** The package it belongs to, undefined for a file of the root (tools, tests of the whole product). */
  readonly owner: WorkspacePackage | undefined
  /** Whether it is published code (`src` or `bin` of a package) and not a test or configuration. */
  readonly published: boolean
}

interface Tree {
  readonly rootDependencies: ReadonlySet<string>
}

type Rule = (
  module: Module,
  reference: ImportReference & { readonly specifier: string },
  tree: Tree,
) => string | undefined

const moduleFile = /\.[cm]?[jt]s$/
const notOurs = new Set(['node_modules', 'dist', '.turbo', '.git'])

function isRelative(specifier: string): boolean {
  return /^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..' || specifier.startsWith('file:')
}

function packageNameOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function isLibrary(module: Module): module is Module & { readonly owner: WorkspacePackage } {
  return module.published && module.owner?.folder.startsWith('packages/') === true
}

/** Whether it is in `src`. A command in `bin` may choose at run time which of its own files it starts. */
function isSource(module: Module): boolean {
  return isLibrary(module) && module.file.startsWith(`${module.owner.folder}/src/`)
}

/** Where a relative import points, from the root; may begin with `..` when it leaves the tree. */
function targetOf(module: Module, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(module.file), specifier))
}

/** The first folder below the package's `src` that a path lies in, `.` for a file of `src` itself. */
function sourceFolder(owner: WorkspacePackage, path: string): string | undefined {
  const start = `${owner.folder}/src/`
  if (!path.startsWith(start)) return undefined
  const rest = path.slice(start.length)
  return rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : '.'
}

const noDriver: Rule = (module, { specifier }) => {
  if (!isLibrary(module) || !driverName.test(specifier)) return undefined
  return `imports the driver ${specifier}: drivers are loaded by name from the configuration, never imported`
}

const direction: Rule = (module, { specifier }) => {
  if (!isLibrary(module) || isRelative(specifier) || driverName.test(specifier)) return undefined
  const target = folderOf(packageNameOf(specifier))
  if (target === undefined) return undefined
  const from = posix.basename(module.owner.folder)
  if (target === from) return `imports its own package by name: use a relative path`
  const allowed = allowedImports[from] ?? []
  if (allowed.includes(target)) return undefined
  return `${from} must not import ${target} (allowed: ${allowed.join(', ') || 'none of ours'})`
}

const stayInside: Rule = (module, { specifier }) => {
  if (!isRelative(specifier)) return undefined
  if (!specifier.startsWith('.')) return `imports by an absolute path: ${specifier}`
  const target = targetOf(module, specifier)
  if (target === '..' || target.startsWith('../')) return `${specifier} leaves the repository`
  const { owner } = module
  if (!owner) {
    const reached = /^(?:packages|examples)\/[^/]+\//.test(target) && !module.file.startsWith('tools/')
    return reached ? `${specifier} reaches into a package: import it by its name` : undefined
  }
  if (module.published) {
    const home = `${owner.folder}/${module.file.startsWith(`${owner.folder}/bin/`) ? '' : 'src/'}`
    const inside = target.startsWith(home) || target === `${owner.folder}/package.json`
    return inside ? undefined : `${specifier} leaves ${home.slice(0, -1)}, which is published without it`
  }
  const shared = sharedByTests.some((path) => (path.endsWith('/') ? target.startsWith(path) : target === path))
  if (target.startsWith(`${owner.folder}/`) || shared) return undefined
  return `${specifier} leaves the package ${owner.folder}`
}

const declared: Rule = (module, { specifier }, tree) => {
  if (isRelative(specifier) || isBuiltin(specifier) || specifier.startsWith('#')) return undefined
  const name = packageNameOf(specifier)
  const { owner } = module
  if (!owner) return tree.rootDependencies.has(name) ? undefined : `${name} is not declared in the root package.json`
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = owner.manifest
  const published = { ...dependencies, ...peerDependencies, ...optionalDependencies }
  if (Object.hasOwn(published, name)) return undefined
  if (module.published) return `${name} is not among the dependencies of ${owner.folder}/package.json`
  // The runner and other tools of the whole tree are declared once, in the root; our own packages never are inherited.
  const fromRoot = folderOf(name) === undefined && tree.rootDependencies.has(name)
  if (name === owner.name || Object.hasOwn(devDependencies ?? {}, name) || fromRoot) return undefined
  return `${name} is not declared in ${owner.folder}/package.json`
}

const folders: Rule = (module, { specifier }) => {
  const { owner } = module
  if (!owner || !isRelative(specifier)) return undefined
  const from = sourceFolder(owner, module.file)
  const to = sourceFolder(owner, targetOf(module, specifier))
  if (from === undefined || to === undefined || from === to) return undefined
  const name = posix.basename(owner.folder)
  const rule = folderRules.find((candidate) => candidate.package === name && candidate.folder === from)
  if (rule && !rule.mayImport.includes(to)) {
    const allowed = [from, ...rule.mayImport].join(' and ')
    return `${name}/src/${from} must not import ${specifier}: it may import ${allowed} only`
  }
  const forbidden = forbiddenDirections.some((row) => row.package === name && row.from === from && row.to === to)
  return forbidden ? `${name}/src/${from} must not import ${name}/src/${to}` : undefined
}

const browser: Rule = (module, { specifier }) => {
  if (!isLibrary(module) || !isBuiltin(specifier)) return undefined
  const exempt = browserSafe[posix.basename(module.owner.folder)]
  const folder = sourceFolder(module.owner, module.file)
  if (!exempt || folder === undefined || exempt.includes(folder)) return undefined
  return `${specifier} does not exist in browsers: only ${exempt.map((name) => `src/${name}`).join(', ')} may import it`
}

const rules: readonly Rule[] = [noDriver, direction, stayInside, declared, folders, browser]

function modulesBelow(root: string, folder: string, owner: WorkspacePackage | undefined): readonly Module[] {
  const directory = join(root, folder)
  if (!existsSync(directory)) return []
  const found: Module[] = []
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const file = posix.join(folder, entry.name)
    if (notOurs.has(entry.name)) continue
    if (entry.isDirectory()) found.push(...modulesBelow(root, file, owner))
    else if (moduleFile.test(entry.name)) {
      const published = owner !== undefined && /^(?:src|bin)\//.test(file.slice(owner.folder.length + 1))
      found.push({ file, owner, published })
    }
  }
  return found
}

function breachesOf(root: string, module: Module, tree: Tree): readonly Breach[] {
  let references: readonly ImportReference[]
  try {
    references = importsOf(readFileSync(join(root, module.file), 'utf8'))
  } catch (error) {
    return [
      { file: module.file, line: 1, message: `cannot be read: ${error instanceof Error ? error.message : error}` },
    ]
  }
  const breaches: Breach[] = []
  for (const { specifier, line } of references) {
    const messages: (string | undefined)[] = []
    if (specifier !== null) messages.push(...rules.map((rule) => rule(module, { specifier, line }, tree)))
    else if (isSource(module) && !computedImports.includes(module.file)) {
      messages.push('imports a module whose name is computed: only the files in computedImports may')
    }
    for (const message of messages) if (message !== undefined) breaches.push({ file: module.file, line, message })
  }
  return breaches
}

/** Checks all modules of the tree at `root`, in the order of their paths. An empty list means that all rules hold. */
export function checkImports(root: string): readonly Breach[] {
  const packages = [...packagesBelow(root, 'packages'), ...packagesBelow(root, 'examples')]
  const { dependencies, devDependencies } = readManifest(root)
  const tree: Tree = { rootDependencies: new Set(Object.keys({ ...dependencies, ...devDependencies })) }
  const unknown = packages
    .filter(({ folder }) => folder.startsWith('packages/') && !Object.hasOwn(allowedImports, posix.basename(folder)))
    .map(({ folder }) => ({ file: `${folder}/package.json`, line: 1, message: 'has no row in tools/import-rules.ts' }))
  const owned = packages.flatMap((owner) => modulesBelow(root, owner.folder, owner))
  const known = new Set(owned.map(({ file }) => file))
  const loose = ['tools', 'test', 'bench', 'examples']
    .flatMap((folder) => modulesBelow(root, folder, undefined))
    .filter(({ file }) => !known.has(file))
  return [...unknown, ...[...owned, ...loose].flatMap((module) => breachesOf(root, module, tree))]
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { root: { type: 'string', default: repositoryRoot } } })
  const breaches = checkImports(values.root)
  for (const { file, line, message } of breaches) console.log(`${file}:${line}: ${message}`)
  if (breaches.length > 0) process.exitCode = 1
}
