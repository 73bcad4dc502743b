/**
 * What every published package's folder must look like: one row for each rule, each with the reason it exists.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { folderOf, type Manifest, npmNameOf, type WorkspacePackage } from './workspace.ts'

/** Empties `dist` first: a file whose source is gone must not be packed. */
export const usualBuild = 'node -e "fs.rmSync(\'dist\', { recursive: true, force: true })" && tsc -p tsconfig.json'

/** A rule: says what is wrong with a package, or nothing. */
export interface PackageRule {
  readonly about: string
  readonly check: (subject: WorkspacePackage, root: string) => readonly string[]
}

const core = '@glance/core'
const workspaceRange = 'workspace:^'
const catalogRange = 'catalog:'
/** Scripts that npm runs on a user's machine or at packing: a package that needs one is not built yet. */
const lifecycleScripts = ['preinstall', 'install', 'postinstall', 'prepare', 'prepack', 'prepublishOnly']
/** Fields that older tools read instead of `exports`, and then find what we do not promise. */
const supersededFields = ['main', 'module', 'types', 'typings', 'browser', 'private']

function shortName({ folder }: WorkspacePackage): string {
  return posix.basename(folder)
}

/** Whether the package depends on core as a peer: one copy of core for all drivers of an installation. */
function hasCoreAsPeer(subject: WorkspacePackage): boolean {
  return shortName(subject).startsWith('driver-') || shortName(subject) === 'conformance'
}

function fieldRule(name: keyof Manifest, expected: (subject: WorkspacePackage) => unknown): PackageRule {
  return {
    about: name,
    check: (subject) => {
      const wanted = expected(subject)
      const found = subject.manifest[name]
      return isDeepStrictEqual(found, wanted) ? [] : [`must be ${JSON.stringify(wanted)}, is ${JSON.stringify(found)}`]
    },
  }
}

function checkExports({ manifest }: WorkspacePackage): readonly string[] {
  const problems: string[] = []
  const { '.': main, './package.json': own, ...others } = manifest.exports ?? {}
  if (main === undefined) problems.push("has no '.'")
  if (own !== './package.json') problems.push("'./package.json' must lead to ./package.json")
  for (const [path, entry] of Object.entries({ ...(main === undefined ? {} : { '.': main }), ...others })) {
    const source = typeof entry === 'object' ? entry['@glance/source'] : undefined
    const stem = /^\.\/src\/(.+)\.ts$/.exec(typeof source === 'string' ? source : '')?.[1]
    const wanted = { '@glance/source': source, types: `./dist/${stem}.d.ts`, default: `./dist/${stem}.js` }
    // The order counts: the first condition that holds wins.
    if (stem === undefined) problems.push(`'${path}' must begin with the condition @glance/source and a file of ./src`)
    else if (path === '.' && stem !== 'index') problems.push("'.' must lead to index")
    else if (JSON.stringify(entry) !== JSON.stringify(wanted))
      problems.push(`'${path}' must be ${JSON.stringify(wanted)}`)
  }
  return problems
}

function checkKeywords(subject: WorkspacePackage): readonly string[] {
  const driver = shortName(subject).startsWith('driver-') ? ['glance-driver'] : []
  const missing = ['glance', 'openstack', 'image', ...driver].filter(
    (word) => !subject.manifest.keywords?.includes(word),
  )
  return missing.length > 0 ? [`lack ${missing.join(', ')}`] : []
}

function checkRanges({ manifest }: WorkspacePackage): readonly string[] {
  const groups = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'] as const
  return groups.flatMap((group) =>
    Object.entries(manifest[group] ?? {}).flatMap(([name, range]) => {
      const wanted = folderOf(name) === undefined ? catalogRange : workspaceRange
      return range === wanted ? [] : [`${group}.${name} must be ${wanted}, is ${range}`]
    }),
  )
}

function checkPeers(subject: WorkspacePackage): readonly string[] {
  const { dependencies, devDependencies, peerDependencies } = subject.manifest
  if (!hasCoreAsPeer(subject)) return peerDependencies ? ['only drivers and the conformance suite have peers'] : []
  const problems: string[] = []
  if (peerDependencies?.[core] === undefined) problems.push(`${core} must be a peer dependency`)
  if (devDependencies?.[core] === undefined) problems.push(`${core} must be a development dependency too`)
  if (dependencies?.[core] !== undefined) problems.push(`${core} must not be a dependency: it would be installed twice`)
  return problems
}

function checkBins({ directory, manifest }: WorkspacePackage): readonly string[] {
  if (manifest.bin === undefined) return []
  if (typeof manifest.bin === 'string') return ['must be an object of command names']
  return Object.entries(manifest.bin).flatMap(([command, path]) => {
    if (path !== `./bin/${command}.mjs`) return [`${command} must be ./bin/${command}.mjs`]
    if (!existsSync(join(directory, path))) return [`${path} does not exist`]
    const shebang = readFileSync(join(directory, path), 'utf8').startsWith('#!/usr/bin/env node\n')
    return shebang ? [] : [`${path} must begin with #!/usr/bin/env node`]
  })
}

function checkFiles({ directory, name }: WorkspacePackage, root: string): readonly string[] {
  const problems = ['tsconfig.json', 'vitest.config.ts', 'src/index.ts']
    .filter((file) => !existsSync(join(directory, file)))
    .map((file) => `${file} is missing`)
  const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  if (read(join(directory, 'LICENSE')) !== read(join(root, 'LICENSE'))) problems.push("LICENSE must equal the root's")
  const readme = read(join(directory, 'README.md'))
  if (readme === undefined) problems.push('README.md is missing')
  else if (!readme.startsWith(`# ${name}\n`)) problems.push(`README.md must begin with the heading "# ${name}"`)
  return problems
}

/** The table. */
export const packageRules: readonly PackageRule[] = [
  fieldRule('name', (subject) => npmNameOf(shortName(subject))),
  fieldRule('type', () => 'module'),
  fieldRule('license', () => 'Apache-2.0'),
  fieldRule('sideEffects', () => false),
  fieldRule('engines', () => ({ node: '>=22.19' })),
  fieldRule('publishConfig', () => ({ access: 'public', provenance: true })),
  fieldRule('files', ({ manifest }) => [...(manifest.bin ? ['bin'] : []), 'dist', 'src']),
  {
    about: 'version',
    check: ({ manifest }) => (/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(manifest.version ?? '') ? [] : ['is no version']),
  },
  {
    about: 'description',
    check: ({ manifest }) =>
      /^\S.{20,}[^.\s]$/.test(manifest.description ?? '') ? [] : ['must be a sentence, no full stop'],
  },
  {
    about: 'repository',
    check: ({ folder, manifest }) => {
      const { type, url, directory } = manifest.repository ?? {}
      const complete = type === 'git' && typeof url === 'string' && /^git\+https:\/\/.+\.git$/.test(url)
      return complete && directory === folder ? [] : [`must be of type git, with a url and the directory ${folder}`]
    },
  },
  { about: 'exports', check: checkExports },
  { about: 'keywords', check: checkKeywords },
  { about: 'ranges', check: checkRanges },
  { about: 'peers', check: checkPeers },
  { about: 'bin', check: checkBins },
  {
    about: 'scripts',
    check: ({ manifest }) => {
      const { build, test } = manifest.scripts ?? {}
      const wrong = build === usualBuild && test === 'vitest run' ? [] : ['build or test is not the usual one']
      const lifecycle = lifecycleScripts.filter((name) => Object.hasOwn(manifest.scripts ?? {}, name))
      return [...wrong, ...lifecycle.map((name) => `${name} is not allowed`)]
    },
  },
  {
    about: 'fields',
    check: ({ manifest }) =>
      supersededFields.filter((name) => Object.hasOwn(manifest, name)).map((name) => `${name} must be absent`),
  },
  { about: 'files on disk', check: checkFiles },
]

/** Everything that is wrong with one package, as sentences that begin with the package's folder. */
export function packageProblems(subject: WorkspacePackage, root: string): readonly string[] {
  return packageRules.flatMap(({ about, check }) =>
    check(subject, root).map((problem) => `${subject.folder}: ${about}: ${problem}`),
  )
}
