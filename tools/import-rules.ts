/**
 * Who may import whom, as data. `tools/check-imports.ts` applies it; docs/design explains the directions.
 *
 * Names are folders in `packages/`, so the table reads like the tree.
 */

/** For each package: which of our own packages its sources may import. A package that is not here is an error. */
export const allowedImports: Readonly<Record<string, readonly string[]>> = {
  core: [],
  conformance: ['core'],
  'image-formats': [],
  iscsi: [],
  keystone: [],
  service: ['core', 'image-formats'],
  database: ['service', 'core'],
  server: ['service', 'database', 'core', 'keystone'],
  client: ['keystone'],
  cli: ['client'],
  'driver-datera': ['core', 'iscsi'],
  'driver-file': ['core'],
  'driver-http': ['core'],
  'driver-memory': ['core'],
  'driver-rbd': ['core'],
  'driver-s3': ['core'],
  'driver-scality': ['core'],
  'driver-swift': ['core', 'keystone'],
}

/** Source files that may import a module whose name is known only at run time. */
export const computedImports: readonly string[] = [
  // The server finds a driver by the name in its configuration.
  'packages/server/src/stores/load-driver.ts',
  // The command that proves a driver is given the driver's module.
  'packages/conformance/src/bin.ts',
]

/** A direction between the folders of one package's `src`. */
export interface FolderRule {
  readonly package: string
  /** The folder whose files the rule is about. */
  readonly folder: string
  /** The only folders of the same package that these files may import, besides their own. */
  readonly mayImport: readonly string[]
}

/** A folder that may import only these others. Files that lie in `src` itself count as the folder `.`. */
export const folderRules: readonly FolderRule[] = [
  { package: 'service', folder: 'domain', mayImport: [] },
  { package: 'service', folder: 'ports', mayImport: ['domain'] },
]

/** A folder whose files must never import another folder of the same package. */
export interface ForbiddenDirection {
  readonly package: string
  readonly from: string
  readonly to: string
}

/** Directions that would let transport or composition leak inwards. */
export const forbiddenDirections: readonly ForbiddenDirection[] = [
  { package: 'server', from: 'config', to: 'http' },
  { package: 'server', from: 'stores', to: 'http' },
]

/** Packages that run in browsers, with the folders of `src` that do not. Elsewhere their sources import no Node module. */
export const browserSafe: Readonly<Record<string, readonly string[]>> = {
  client: ['node'],
}

/**
 * Paths outside its own package that a package's tests and configuration may import by a relative path. A trailing
 * slash means everything below. Sources have no such exception: they are published without what lies around them.
 */
export const sharedByTests: readonly string[] = ['test/support/', 'vitest.shared.ts']

/** Names of drivers, ours and everybody else's: nobody imports one but tests and the loader. */
export const driverName: RegExp = /^(?:@glance\/driver-|(?:@[^/]+\/)?glance-driver-)/
