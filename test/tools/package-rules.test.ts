import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { packageProblems, usualBuild } from '../../tools/package-rules.ts'
import { type Manifest, packagesBelow } from '../../tools/workspace.ts'

const trees: string[] = []

afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true })
})

const correct: Manifest = {
  name: '@glance/driver-tape',
  version: '1.0.0',
  type: 'module',
  license: 'Apache-2.0',
  description: 'Keeps image data on tapes for the image service',
  keywords: ['glance', 'openstack', 'image', 'glance-driver', 'tape'],
  exports: {
    '.': { '@glance/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  files: ['dist', 'src'],
  sideEffects: false,
  engines: { node: '>=22.19' },
  publishConfig: { access: 'public', provenance: true },
  repository: { type: 'git', url: 'git+https://example.org/glance.git', directory: 'packages/driver-tape' },
  scripts: { build: usualBuild, test: 'vitest run' },
  dependencies: { mtx: 'catalog:' },
  peerDependencies: { '@glance/core': 'workspace:^' },
  devDependencies: { '@glance/core': 'workspace:^' },
}

/** Problems of a package that is correct but for `changes`; undefined takes a field away, or a file. */
function problems(
  changes: { readonly [K in keyof Manifest]?: Manifest[K] | undefined | unknown },
  files: Readonly<Record<string, string | undefined>> = {},
): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'package-rules-'))
  trees.push(root)
  const directory = join(root, 'packages', 'driver-tape')
  mkdirSync(join(directory, 'src'), { recursive: true })
  writeFileSync(join(root, 'LICENSE'), 'terms')
  const all = {
    LICENSE: 'terms',
    'README.md': '# @glance/driver-tape\n',
    'tsconfig.json': '{}',
    'vitest.config.ts': '',
    'src/index.ts': '',
    ...files,
    'package.json': JSON.stringify({ ...correct, ...changes }),
  }
  for (const [file, text] of Object.entries(all)) if (text !== undefined) writeFileSync(join(directory, file), text)
  return packagesBelow(root, 'packages').flatMap((subject) => packageProblems(subject, root))
}

describe('packageProblems', () => {
  it('accepts a correct driver', () => {
    expect(problems({})).toEqual([])
  })

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['name', { name: '@glance/tape' }],
    ['version', { version: 'next' }],
    ['type', { type: 'commonjs' }],
    ['license', { license: 'MIT' }],
    ['description', { description: undefined }],
    ['keywords', { keywords: ['glance', 'openstack', 'image'] }],
    ['files', { files: ['dist'] }],
    ['sideEffects', { sideEffects: undefined }],
    ['engines', { engines: { node: '>=20' } }],
    ['publishConfig', { publishConfig: { access: 'public' } }],
    ['repository', { repository: { ...correct.repository, directory: 'packages/driver-disk' } }],
    ['scripts', { scripts: { ...correct.scripts, build: 'tsc -b' } }],
    ['scripts', { scripts: { ...correct.scripts, postinstall: 'make' } }],
    ['fields', { main: './dist/index.js' }],
    ['fields', { private: false }],
    ['ranges', { dependencies: { mtx: '^1.0.0' } }],
    ['ranges', { devDependencies: { '@glance/core': '^1.0.0' } }],
    ['peers', { peerDependencies: undefined }],
    ['peers', { devDependencies: undefined }],
    ['peers', { dependencies: { '@glance/core': 'workspace:^' } }],
    ['exports', { exports: undefined }],
    ['exports', { exports: { '.': './dist/index.js', './package.json': './package.json' } }],
    ['exports', { exports: { ...correct.exports, './x': { default: './dist/x.js' } } }],
    [
      'exports',
      {
        exports: {
          '.': { '@glance/source': './src/index.ts', default: './dist/index.js', types: './dist/index.d.ts' },
          './package.json': './package.json',
        },
      },
    ],
    ['bin', { bin: { tape: './bin/tape.mjs' }, files: ['bin', 'dist', 'src'] }],
  ])('finds fault with %s in %j', (about, changes) => {
    const found = problems(changes)

    expect(found[0]).toMatch(`packages/driver-tape: ${about}: `)
  })

  it.each([
    ['LICENSE', 'other terms'],
    ['LICENSE', undefined],
    ['README.md', undefined],
    ['README.md', '# Tape\n'],
    ['tsconfig.json', undefined],
    ['src/index.ts', undefined],
  ])('finds fault with %s being %j', (file, text) => {
    const found = problems({}, { [file]: text })

    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(`packages/driver-tape: files on disk: ${file}`)
  })
})
