/**
 * The workspace as the tools see it: its root and the packages in `packages/` and `examples/`.
 *
 * Every reader takes the root as an argument, so the tools' own tests can point it at a made-up tree.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of this repository. */
export const repositoryRoot: string = dirname(dirname(fileURLToPath(import.meta.url)))

/** One condition of an exports entry → target, or a plain target. */
export type ExportsEntry = string | Readonly<Record<string, unknown>>

/** The fields of a package.json that the tools read. All are optional because a file under check may lack any of them. */
export interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly private?: boolean
  readonly type?: string
  readonly license?: string
  readonly description?: string
  readonly packageManager?: string
  readonly keywords?: readonly string[]
  readonly exports?: Readonly<Record<string, ExportsEntry>>
  readonly bin?: string | Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly sideEffects?: boolean
  readonly engines?: Readonly<Record<string, string>>
  readonly publishConfig?: Readonly<Record<string, unknown>>
  readonly repository?: Readonly<Record<string, unknown>>
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** A package of the workspace. */
export interface WorkspacePackage {
  /** The npm name, or the folder when the manifest has none. */
  readonly name: string
  /** Path from the root with forward slashes, such as `packages/core`. */
  readonly folder: string
  /** Absolute path. */
  readonly directory: string
  readonly manifest: Manifest
}

/** Reads a package.json. Throws when it is missing or is not JSON. */
export function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest
}

/** The packages right below `parent` (`packages` or `examples`), by folder name. A folder without package.json is none. */
export function packagesBelow(root: string, parent: 'packages' | 'examples'): readonly WorkspacePackage[] {
  const directory = join(root, parent)
  if (!existsSync(directory)) return []
  return readdirSync(directory)
    .sort()
    .filter((entry) => existsSync(join(directory, entry, 'package.json')))
    .map((entry) => {
      const manifest = readManifest(join(directory, entry))
      const folder = `${parent}/${entry}`
      return { name: manifest.name ?? folder, folder, directory: join(directory, entry), manifest }
    })
}

/** Packages that people start by name are not in the scope. Folder in `packages/` → npm name. */
const unscoped: Readonly<Record<string, string>> = { server: 'glance-server', cli: 'glance-cli' }

/** The npm name that the package in `packages/<folder>` has by our rules. */
export function npmNameOf(folder: string): string {
  return unscoped[folder] ?? `@glance/${folder}`
}

/** The folder in `packages/` of the package that has this npm name by our rules; undefined for packages of others. */
export function folderOf(npmName: string): string | undefined {
  const folder = Object.keys(unscoped).find((candidate) => unscoped[candidate] === npmName)
  return folder ?? (npmName.startsWith('@glance/') ? npmName.slice('@glance/'.length) : undefined)
}
