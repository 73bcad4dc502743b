import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { checkImports } from '../../tools/check-imports.ts'
import { importsOf } from '../../tools/import-scanner.ts'
import { npmNameOf } from '../../tools/workspace.ts'

const trees: string[] = []

afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true })
})

interface Declared {
  readonly dependencies?: readonly string[]
  readonly devDependencies?: readonly string[]
}

/** A tree in which every package declares all of ours it is given, so that only the rule under test can fire. */
function aTree(files: Readonly<Record<string, string>>, declared: Readonly<Record<string, Declared>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'imports-'))
  trees.push(root)
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const versions = (list: readonly string[] = []): Record<string, string> =>
    Object.fromEntries(list.map((name) => [name, '1']))
  write('package.json', JSON.stringify({ devDependencies: versions(['vitest', '@glance/core']) }))
  const folders = new Set(Object.keys(files).flatMap((path) => /^packages\/([^/]+)\//.exec(path)?.[1] ?? []))
  for (const folder of folders) {
    const { dependencies, devDependencies } = declared[folder] ?? {}
    const manifest = {
      name: npmNameOf(folder),
      dependencies: versions(dependencies),
      devDependencies: versions(devDependencies),
    }
    write(`packages/${folder}/package.json`, JSON.stringify(manifest))
  }
  for (const [path, text] of Object.entries(files)) write(path, text)
  return root
}

function messages(
  files: Readonly<Record<string, string>>,
  declared?: Readonly<Record<string, Declared>>,
): readonly string[] {
  return checkImports(aTree(files, declared)).map(({ file, line, message }) => `${file}:${line}: ${message}`)
}

describe('direction between packages', () => {
  it.each([
    ['core', 'service'],
    ['conformance', 'service'],
    ['service', 'database'],
    ['service', 'server'],
    ['service', 'keystone'],
    ['database', 'server'],
    ['database', 'keystone'],
    ['server', 'client'],
    ['client', 'core'],
    ['client', 'service'],
    ['cli', 'core'],
    ['cli', 'server'],
    ['keystone', 'core'],
    ['driver-file', 'conformance'],
    ['driver-s3', 'keystone'],
    ['driver-swift', 'iscsi'],
    ['driver-datera', 'keystone'],
  ])('%s must not import %s', (from, to) => {
    const found = messages(
      { [`packages/${from}/src/index.ts`]: `\nimport type { X } from '${npmNameOf(to)}'\n` },
      { [from]: { dependencies: [npmNameOf(to)] } },
    )

    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(`packages/${from}/src/index.ts:2: ${from} must not import ${to} (allowed: `)
  })

  it.each([
    ['conformance', 'core'],
    ['service', 'core'],
    ['service', 'image-formats'],
    ['database', 'service'],
    ['database', 'core'],
    ['server', 'service'],
    ['server', 'database'],
    ['server', 'core'],
    ['server', 'keystone'],
    ['client', 'keystone'],
    ['cli', 'client'],
    ['driver-memory', 'core'],
    ['driver-swift', 'keystone'],
    ['driver-datera', 'iscsi'],
  ])('%s may import %s', (from, to) => {
    const files = { [`packages/${from}/src/index.ts`]: `export * from '${npmNameOf(to)}'` }

    expect(messages(files, { [from]: { dependencies: [npmNameOf(to)] } })).toEqual([])
  })

  it('refuses a package without a row in the table', () => {
    expect(messages({ 'packages/novel/src/index.ts': '' })).toEqual([
      'packages/novel/package.json:1: has no row in tools/import-rules.ts',
    ])
  })

  it('refuses a source that imports its own package by name', () => {
    const found = messages(
      { 'packages/core/src/a.ts': "import '@glance/core'" },
      { core: { dependencies: ['@glance/core'] } },
    )

    expect(found).toEqual(['packages/core/src/a.ts:1: imports its own package by name: use a relative path'])
  })
})

describe('drivers', () => {
  it.each(['@glance/driver-file', 'glance-driver-tape', '@vendor/glance-driver-tape'])(
    'no source may import %s',
    (driver) => {
      const files = { 'packages/server/src/main.ts': `await import('${driver}')` }

      const found = messages(files, { server: { dependencies: [driver] } })

      expect(found).toEqual([
        `packages/server/src/main.ts:1: imports the driver ${driver}: drivers are loaded by name from the configuration, never imported`,
      ])
    },
  )

  it('a test may import one', () => {
    const files = { 'packages/server/test/main.test.ts': "import memory from '@glance/driver-memory'" }

    expect(messages(files, { server: { devDependencies: ['@glance/driver-memory'] } })).toEqual([])
  })

  it('only the loader may import a module whose name is computed', () => {
    const text = 'export const load = (name: string) => import(name)'

    expect(
      messages({
        'packages/server/src/stores/load-driver.ts': text,
        'packages/server/src/stores/open-stores.ts': text,
      }),
    ).toEqual([
      'packages/server/src/stores/open-stores.ts:1: imports a module whose name is computed: only the files in computedImports may',
    ])
  })
})

describe('relative imports', () => {
  it('no source leaves its package', () => {
    expect(messages({ 'packages/core/src/a/b.ts': "import '../../../service/src/c.ts'" })).toEqual([
      'packages/core/src/a/b.ts:1: ../../../service/src/c.ts leaves packages/core/src, which is published without it',
    ])
  })

  it('no source imports the tests beside it', () => {
    expect(messages({ 'packages/core/src/a.ts': "import '../test/support/b.ts'" })).toHaveLength(1)
  })

  it('no test leaves its package', () => {
    expect(messages({ 'packages/core/test/a.test.ts': "import '../../service/src/c.ts'" })).toEqual([
      'packages/core/test/a.test.ts:1: ../../service/src/c.ts leaves the package packages/core',
    ])
  })

  it('a test may use the shared support of all tests, a source may not', () => {
    const text = "import '../../../test/support/require-backend.ts'"

    expect(messages({ 'packages/core/test/a.test.ts': text })).toEqual([])
    expect(messages({ 'packages/core/src/a.ts': text })).toHaveLength(1)
  })

  it('a test of the whole product imports packages by name', () => {
    expect(messages({ 'test/a.test.ts': "import '../packages/core/src/index.ts'" })).toEqual([
      'test/a.test.ts:1: ../packages/core/src/index.ts reaches into a package: import it by its name',
    ])
    expect(messages({ 'test/a.test.ts': "import '@glance/core'" })).toEqual([])
  })

  it('a source may read its own package.json and a command the build', () => {
    expect(
      messages({
        'packages/server/src/version.ts': "import manifest from '../package.json' with { type: 'json' }",
        'packages/server/bin/glance-server.mjs': "await import('../dist/main.js')",
      }),
    ).toEqual([])
  })
})

describe('declared dependencies', () => {
  it('a source needs a dependency, not a development dependency', () => {
    const found = messages(
      { 'packages/core/src/a.ts': "import { z } from 'zod/v4'" },
      { core: { devDependencies: ['zod'] } },
    )

    expect(found).toEqual(['packages/core/src/a.ts:1: zod is not among the dependencies of packages/core/package.json'])
  })

  it('a test takes tools from the root, but declares packages of ours itself', () => {
    expect(
      messages({ 'packages/service/test/a.test.ts': "import 'vitest'; import '@glance/core'; import 'left-pad'" }),
    ).toEqual([
      'packages/service/test/a.test.ts:1: @glance/core is not declared in packages/service/package.json',
      'packages/service/test/a.test.ts:1: left-pad is not declared in packages/service/package.json',
    ])
  })

  it('a tool needs a dependency of the root', () => {
    expect(messages({ 'tools/a.ts': "import 'node:fs'; import 'undeclared'" })).toEqual([
      'tools/a.ts:1: undeclared is not declared in the root package.json',
    ])
  })
})

describe('direction inside a package', () => {
  it.each([
    ['domain', '../usecases/images/create.ts'],
    ['domain', '../ports/images.ts'],
    ['domain', '../deps.ts'],
    ['ports', '../usecases/images/create.ts'],
    ['ports', '../context.ts'],
  ])('%s of the service must not import %s', (folder, target) => {
    const found = messages({ [`packages/service/src/${folder}/a.ts`]: `import type { X } from '${target}'` })

    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(`service/src/${folder} must not import ${target}`)
  })

  it('use cases import the domain and ports, and ports the domain', () => {
    expect(
      messages({
        'packages/service/src/usecases/images/create.ts':
          "import '../../domain/image.ts'; import '../../ports/images.ts'",
        'packages/service/src/ports/images.ts': "import type { Image } from '../domain/image.ts'; import './clock.ts'",
      }),
    ).toEqual([])
  })

  it('the configuration and the stores of the server know no HTTP', () => {
    expect(
      messages({
        'packages/server/src/stores/open-stores.ts': "import '../http/app.ts'",
        'packages/server/src/http/app.ts': "import '../stores/open-stores.ts'",
      }),
    ).toEqual(['packages/server/src/stores/open-stores.ts:1: server/src/stores must not import server/src/http'])
  })
})

describe('browser-safe packages', () => {
  it.each(['node:fs', 'fs', 'node:fs/promises'])('the client imports %s only below src/node', (specifier) => {
    const text = `import { open } from '${specifier}'`

    expect(messages({ 'packages/client/src/node/upload-file.ts': text })).toEqual([])
    expect(messages({ 'packages/client/src/transport.ts': text })).toEqual([
      `packages/client/src/transport.ts:1: ${specifier} does not exist in browsers: only src/node may import it`,
    ])
  })
})

describe('importsOf', () => {
  it.each([
    ["import 'a'", ['a']],
    ['import a, { type b as c } from "a"', ['a']],
    ["import type * as x from 'a'", ['a']],
    ["import type from 'a'", ['a']],
    ["import { from } from 'a'", ['a']],
    ["import {\n  a, // from 'x'\n  b,\n} from 'a' with { type: 'json' }", ['a']],
    ["export * from 'a'", ['a']],
    ["export * as ns from 'a'", ['a']],
    ["export type { T } from 'a'", ['a']],
    ["export { default } from 'a'; import 'b'", ['a', 'b']],
    ["export {}\nimport 'b'", ['b']],
    ["export { x }\nconst from = 'b'", []],
    ["let x: import('a').B<import('c').D>", ['a', 'c']],
    ['await import(`a`)', ['a']],
    ["await import('a', { with: { type: 'json' } })", ['a']],
    ['await import(a)', [null]],
    ["await import('./' + name)", [null]],
    ['await import(`./${name}.ts`)', [null]],
    ["const r = createRequire(import.meta.url); require('a'); require.resolve('b')", ['a', 'b']],
    ["import.meta.resolve('a')", ['a']],
    ["Promise.resolve('a'); path.resolve('b')", []],
    ["client.import('a'); this.import(x); class C { import(id: string): void {} import(): void {} }", []],
    ['type T = { import(id?: string): void; import: string }', []],
    ["[...import.meta.dirname]; [...await import('a')]", ['a']],
    ["// import 'a'\n/* import 'b' */ const s = \"import 'c'\"", []],
    ["const t = `import 'a' ${`import 'b' ${await import('c')} `} import 'd'`", ['c']],
    ["const r = /import 'a'\\/[/'\"`]/g; import 'b'", ['b']],
    ["if (x) /['`]/.test(x); import 'a'", ['a']],
    ["const q = a / b; const t = 'x' / 2; import 'c' // 1 / 2", ['c']],
    ["const o = { a: 1 }[k] / 2; (a + b) / c; import 'd'", ['d']],
    ["#!/usr/bin/env node\nimport 'a'", ['a']],
    ["const s = 'a\\\nb'; import 'c'", ['c']],
  ])('finds in %j: %j', (source, expected) => {
    expect(importsOf(source).map(({ specifier }) => specifier)).toEqual(expected)
  })

  it('counts lines through comments, templates and continued strings', () => {
    const source = "/*\n*/\nconst t = `\n\n`\nconst s = 'a\\\n'\nimport 'a'\n"

    expect(importsOf(source)).toEqual([{ specifier: 'a', line: 8 }])
  })

  it.each(["const s = 'a\n'", '/* ', 'const t = `a', 'f(', '(]', 'const r = /a\n/'])(
    'refuses %j instead of guessing',
    (source) => {
      expect(() => importsOf(source)).toThrow(/at line \d/)
    },
  )

  it('a source that cannot be read is a breach', () => {
    expect(messages({ 'packages/core/src/a.ts': "const s = '" })).toEqual([
      'packages/core/src/a.ts:1: cannot be read: unclosed string at line 1',
    ])
  })
})
