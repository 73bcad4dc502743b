import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { driverModules, driverName } from '../../src/stores/driver-names.ts'
import { DriverLoadError, loadDriver } from '../../src/stores/load-driver.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'

const core = pathToFileURL(new URL('../../../core/src/index.ts', import.meta.url).pathname).href

/** Writes a package with one module into a folder's node_modules. */
function install(folder: Folder, name: string, source: string): void {
  folder.write(`node_modules/${name}/package.json`, JSON.stringify({ name, type: 'module', exports: './index.js' }))
  folder.write(`node_modules/${name}/index.js`, source)
}

const definition = (name: string, more = ''): string =>
  `import { defineDriver } from '${core}'\nexport default defineDriver({ name: '${name}', schemes: ['${name}'], options: {}, async open() { throw new Error('never') }${more} })\n`

describe('names of drivers', () => {
  it.each([
    ['s3', ['@glance/driver-s3', 'glance-driver-s3']],
    ['@acme/glance-driver-tape', ['@acme/glance-driver-tape']],
    ['glance-driver-tape', ['glance-driver-tape']],
    ['./my-driver.js', ['./my-driver.js']],
    ['/srv/driver.js', ['/srv/driver.js']],
    ['glance.store.scality.Store', ['@glance/driver-scality', 'glance-driver-scality']],
  ])('%s is looked for as %j', (name, modules) => {
    expect(driverModules(name)).toEqual(modules)
  })

  it('keeps the class paths of old configurations', () => {
    expect(driverName('glance.store.filesystem.Store')).toBe('file')
    expect(driverName('glance_store._drivers.rbd:Store')).toBe('rbd')
    expect(driverName('glance_store._drivers.filesystem.Store')).toBe('file')
    expect(driverName('https')).toBe('http')
  })
})

describe('loadDriver', () => {
  it('finds a package beside the configuration by its short name', async () => {
    using folder = temporaryFolder()
    install(folder, 'glance-driver-tape', definition('tape'))

    expect((await loadDriver('tape', folder.path)).name).toBe('tape')
  })

  it('finds a file beside the configuration', async () => {
    using folder = temporaryFolder()
    folder.write('mine.mjs', definition('mine'))

    expect((await loadDriver('./mine.mjs', folder.path)).name).toBe('mine')
  })

  it('finds the drivers that the server brings along', async () => {
    using folder = temporaryFolder()

    expect((await loadDriver('file', folder.path)).name).toBe('file')
    expect((await loadDriver('http', folder.path)).name).toBe('http')
  })

  it('takes a driver beside the configuration before the server’s own', async () => {
    using folder = temporaryFolder()
    install(folder, '@glance/driver-file', definition('better'))

    expect((await loadDriver('file', folder.path)).name).toBe('better')
  })

  it.each([
    ['vmware', 'npm install @glance/driver-vmware'],
    ['@acme/glance-driver-none', 'npm install @acme/glance-driver-none'],
    ['./none.js', 'there is no driver at ./none.js'],
  ])('answers a missing %s with what to do', async (name, words) => {
    using folder = temporaryFolder()

    await expect(loadDriver(name, folder.path)).rejects.toThrow(words)
  })

  it.each([
    ['has no definition', 'export default {}', 'is no driver'],
    ['does not load', 'throw new Error("broken inside")', 'broken inside'],
    ['speaks another contract', definition('future', ', contract: 99'), 'contract 99'],
  ])('refuses a module that %s', async (_what, source, words) => {
    using folder = temporaryFolder()
    install(folder, 'glance-driver-odd', source)

    const loading = loadDriver('odd', folder.path)

    await expect(loading).rejects.toThrow(words)
    await expect(loading).rejects.toBeInstanceOf(DriverLoadError)
  })
})
