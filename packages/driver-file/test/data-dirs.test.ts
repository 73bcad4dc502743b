import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isStoreError } from '@glance/core'
import { describe, expect, it } from 'vitest'
import { chooseDir, configuredDirs } from '../src/data-dirs.ts'
import { failureOf, openDriver } from './support/open-driver.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

/** A directory with so much room. */
function aDir(
  name: string,
  priority: number,
  room: number,
): { name: string; priority: number; room(): Promise<number> } {
  return { name, priority, room: async () => room }
}

function problemOf(options: Parameters<typeof configuredDirs>[0]): string {
  try {
    configuredDirs(options)
  } catch (error) {
    if (isStoreError(error) && error.code === 'BAD_CONFIGURATION') return error.message
    throw error
  }
  return 'none'
}

describe('configuredDirs', () => {
  it("is Glance's default when nothing is given", () => {
    expect(configuredDirs({ dataDir: undefined, dataDirs: [] })).toEqual([
      { path: '/var/lib/glance/images', priority: 0 },
    ])
  })

  it('reads paths with and without priority, also with a colon in the path, each once', () => {
    const dataDirs = ['/a', '/b:200', '/c:d:7', '/e/:', '/a']

    expect(configuredDirs({ dataDir: undefined, dataDirs })).toEqual([
      { path: '/a', priority: 0 },
      { path: '/b', priority: 200 },
      { path: '/c:d', priority: 7 },
      { path: '/e', priority: 0 },
    ])
  })

  it.each([
    ['/a', ['/b'], 'exclude each other'],
    ['', [], 'must be set'],
    [' ', [''], 'must be set'],
    [undefined, ['/a:1', '/a:2'], 'two priorities'],
    [undefined, ['/a:-1'], 'whole number'],
    [undefined, ['/a:high'], 'whole number'],
    [undefined, ['a:1'], 'absolute'],
    ['images', [], 'absolute'],
    ['/a\\b', [], 'backslashes'],
  ])('refuses %j with %j', (dataDir, dataDirs, problem) => {
    expect(problemOf({ dataDir, dataDirs })).toContain(problem)
  })
})

describe('chooseDir', () => {
  const dirs = [aDir('small', 10, 100), aDir('large', 10, 200), aDir('low', 1, 1000)]

  it.each([
    [50, 'large'],
    [200, 'large'],
    [201, 'low'],
    [null, 'large'],
    [0, 'large'],
  ])('puts %j bytes into %s: highest priority, then most room', async (size, name) => {
    expect((await chooseDir(dirs, size, true)).name).toBe(name)
  })

  it('passes by a full directory of a higher priority when the size is unknown', async () => {
    expect((await chooseDir([aDir('full', 10, 0), aDir('low', 1, 5)], null, true)).name).toBe('low')
  })

  it('rejects with STORE_FULL when it fits nowhere, unless it need not fit', async () => {
    expect((await failureOf(chooseDir(dirs, 1001, true))).code).toBe('STORE_FULL')
    expect((await chooseDir(dirs, 1001, false)).name).toBe('low')
  })

  it('takes a directory whose file system does not tell its room', async () => {
    const silent = [aDir('one', 0, Number.POSITIVE_INFINITY), aDir('two', 0, Number.POSITIVE_INFINITY)]

    expect((await chooseDir(silent, 2 ** 50, true)).name).toBe('one')
  })
})

describe('openDirs', () => {
  it('refuses two names of one directory', async () => {
    const parent = await temporaryDirectory()
    await symlink(parent, join(parent, 'again'))

    const opening = openDriver({ filesystem_store_datadirs: [parent, join(parent, 'again')] })

    expect((await failureOf(opening)).code).toBe('BAD_CONFIGURATION')
  })
})
