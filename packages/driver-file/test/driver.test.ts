import { execFileSync } from 'node:child_process'
import { access, link, mkdir, readdir, readlink, rename, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { imageFiles } from './support/image-files.ts'
import { bytesOf, chunks, failureOf, never, openDriver, stalling, whole } from './support/open-driver.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const options = { size: null, signal: never }

describe('a data directory that vanishes', () => {
  it('makes get, getSize, delete and add UNAVAILABLE, not NOT_FOUND, when it is gone', async () => {
    const directory = join(await temporaryDirectory(), 'images')
    const driver = await openDriver({ filesystem_store_datadir: directory })
    const { location } = await driver.add('one', chunks(Buffer.from('data')), options)
    await rename(directory, `${directory}-away`)

    const codes = await Promise.all(
      [
        driver.get(location, whole),
        driver.getSize(location, whole),
        driver.delete(location, whole),
        driver.add('two', chunks(Buffer.from('data')), options),
        driver.check?.(whole) ?? Promise.resolve(),
      ].map(async (call) => (await failureOf(call)).code),
    )

    expect(codes).toEqual(Array(5).fill('UNAVAILABLE'))
  })

  it('makes calls UNAVAILABLE when an empty directory is in its place, and adds nothing there', async () => {
    const directory = join(await temporaryDirectory(), 'images')
    const driver = await openDriver({ filesystem_store_datadir: directory })
    const { location } = await driver.add('one', chunks(Buffer.from('data')), options)
    await rename(directory, `${directory}-away`)
    await mkdir(directory)

    expect((await failureOf(driver.get(location, whole))).code).toBe('UNAVAILABLE')
    expect((await failureOf(driver.add('two', chunks(Buffer.from('data')), options))).code).toBe('UNAVAILABLE')
    expect(await imageFiles(directory)).toEqual([])
  })

  it('is known again by its mark when it comes back as another directory of the file system', async () => {
    const directory = join(await temporaryDirectory(), 'images')
    const driver = await openDriver({ filesystem_store_datadir: directory })
    const { location } = await driver.add('one', chunks(Buffer.from('data')), options)
    await rename(directory, `${directory}-away`)
    await mkdir(directory)
    for (const path of await imageFiles(`${directory}-away`)) await link(path, join(directory, 'one'))
    await link(join(`${directory}-away`, '.glance-store'), join(directory, '.glance-store'))

    await driver.add('two', chunks(Buffer.from('more')), options)

    expect(await bytesOf(await driver.get(location, whole))).toEqual(Buffer.from('data'))
  })

  it('says NOT_FOUND for an image below a directory that is there', async () => {
    const directory = await temporaryDirectory()
    const driver = await openDriver({ filesystem_store_datadir: directory })

    const missing = await failureOf(driver.get(`file://${directory}/no/such/folder/one`, whole))

    expect(missing.code).toBe('NOT_FOUND')
    expect(missing.message).not.toContain(directory)
  })
})

describe('links and other things in a data directory', () => {
  it('refuses a link that points outside, for reading and for deleting, and leaves it', async () => {
    const outside = join(await temporaryDirectory(), 'secret')
    await writeFile(outside, 'secret')
    const directory = await temporaryDirectory()
    await symlink(outside, join(directory, 'one'))
    const driver = await openDriver({ filesystem_store_datadir: directory })
    const location = `file://${directory}/one`

    expect((await failureOf(driver.get(location, whole))).code).toBe('INVALID_LOCATION')
    expect((await failureOf(driver.getSize(location, whole))).code).toBe('INVALID_LOCATION')
    expect((await failureOf(driver.delete(location, whole))).code).toBe('INVALID_LOCATION')
    expect(await imageFiles(directory)).toHaveLength(1)
  })

  it('refuses a linked folder that leads outside', async () => {
    const outside = await temporaryDirectory()
    await writeFile(join(outside, 'one'), 'secret')
    const directory = await temporaryDirectory()
    await symlink(outside, join(directory, 'folder'))
    const driver = await openDriver({ filesystem_store_datadir: directory })

    expect((await failureOf(driver.get(`file://${directory}/folder/one`, whole))).code).toBe('INVALID_LOCATION')
    expect((await failureOf(driver.delete(`file://${directory}/folder/one`, whole))).code).toBe('INVALID_LOCATION')
  })

  it('tells nothing of what is outside: a path that exists and one that does not are refused alike', async () => {
    const outside = await temporaryDirectory()
    await writeFile(join(outside, 'one'), 'secret')
    const driver = await openDriver({ filesystem_store_datadir: await temporaryDirectory() })

    const there = await failureOf(driver.get(`file://${outside}/one`, whole))
    const notThere = await failureOf(driver.get(`file://${outside}/no/one`, whole))

    expect([there.code, notThere.code]).toEqual(['INVALID_LOCATION', 'INVALID_LOCATION'])
  })

  it.each([
    ['a fifo', (path: string) => execFileSync('mkfifo', [path])],
    ['a directory', (path: string) => mkdir(path)],
  ])('refuses %s at once', async (_, make) => {
    const directory = await temporaryDirectory()
    await make(join(directory, 'one'))
    const driver = await openDriver({ filesystem_store_datadir: directory })
    const location = `file://${directory}/one`

    expect((await failureOf(driver.get(location, whole))).code).toBe('INVALID_LOCATION')
    expect((await failureOf(driver.getSize(location, whole))).code).toBe('INVALID_LOCATION')
    expect((await failureOf(driver.delete(location, whole))).code).toBe('INVALID_LOCATION')
  })

  it('reads what Glance stored in nested folders, under both schemes, and through a linked data directory', async () => {
    const real = await temporaryDirectory()
    await mkdir(join(real, 'a', 'b'), { recursive: true })
    await writeFile(join(real, 'a', 'b', 'one'), 'data')
    const linked = join(await temporaryDirectory(), 'images')
    await symlink(real, linked)
    const driver = await openDriver({ filesystem_store_datadir: linked })

    for (const location of [`file://${linked}/a/b/one`, `filesystem://${linked}/a/b/one`, `file://${real}/a/b/one`])
      expect((await bytesOf(await driver.get(location, whole))).toString()).toBe('data')
  })
})

describe('reading', () => {
  it('throws when the file becomes shorter under the reader', async () => {
    const directory = await temporaryDirectory()
    const driver = await openDriver({ filesystem_store_datadir: directory })
    const { location } = await driver.add('one', chunks(Buffer.alloc(4 * 1024 * 1024, 1)), options)
    const { body } = await driver.get(location, whole)
    const reader = body[Symbol.asyncIterator]()
    await reader.next()
    await writeFile(join(directory, 'one'), 'short')

    const rest = async (): Promise<void> => {
      for (let step = await reader.next(); !step.done; step = await reader.next());
    }
    expect((await failureOf(rest())).code).toBe('UNAVAILABLE')
  })

  it('closes the file on an abort though nobody reads', async () => {
    const directory = await temporaryDirectory()
    const driver = await openDriver({ filesystem_store_datadir: directory })
    const { location } = await driver.add('one', chunks(Buffer.from('data')), options)
    const controller = new AbortController()
    await driver.get(location, { ...whole, signal: controller.signal })
    expect(await openFilesIn(directory)).toBe(1)

    controller.abort()

    await expect.poll(() => openFilesIn(directory)).toBe(0)
  })

  it('ends an aborted body with a StoreError each time it is asked', async () => {
    const driver = await openDriver({ filesystem_store_datadir: await temporaryDirectory() })
    const { location } = await driver.add('one', chunks(Buffer.alloc(4 * 1024 * 1024, 1)), options)
    const controller = new AbortController()
    const { body } = await driver.get(location, { ...whole, signal: controller.signal })
    const reader = body[Symbol.asyncIterator]()
    await reader.next()
    controller.abort(new Error('no more'))

    expect((await failureOf(reader.next())).code).toBe('ABORTED')
  })
})

describe('permissions', () => {
  it('sets those of image files and lets whoever reads files search the directory, keeping its other rights', async () => {
    const directory = join(await temporaryDirectory(), 'images')
    await mkdir(directory, { mode: 0o700 })
    const driver = await openDriver({ filesystem_store_datadir: directory, filesystem_store_file_perm: '440' })

    await driver.add('one', chunks(Buffer.from('data')), options)

    expect((await stat(join(directory, 'one'))).mode & 0o777).toBe(0o440)
    expect((await stat(directory)).mode & 0o777).toBe(0o710)
  })

  it('hides data under way from those who will not be allowed to read them', async () => {
    const directory = await temporaryDirectory()
    const driver = await openDriver({ filesystem_store_datadir: directory, filesystem_store_file_perm: '600' })
    const source = stalling(Buffer.from('data'))
    const adding = driver.add('one', source.data, options)
    await source.stalled

    const [path = ''] = await imageFiles(directory)
    expect((await stat(path)).mode & 0o077).toBe(0)

    source.resume()
    await adding
  })

  it.each(['8', '40', 'rw', '1777', ''])('refuses %j as permissions', async (filePerm) => {
    const opening = openDriver({
      filesystem_store_datadir: await temporaryDirectory(),
      filesystem_store_file_perm: filePerm,
    })

    expect((await failureOf(opening)).code).toBe('BAD_CONFIGURATION')
  })
})

describe('adds of one id', () => {
  it('are refused before the first byte when a link that leads nowhere has the name', async () => {
    const directory = await temporaryDirectory()
    await symlink(join(directory, 'nowhere'), join(directory, 'one'))
    const driver = await openDriver({ filesystem_store_datadir: directory })
    let asked = 0
    async function* data(): AsyncGenerator<Uint8Array, void, void> {
      asked += 1
      yield Buffer.from('data')
    }

    expect((await failureOf(driver.add('one', data(), options))).code).toBe('ALREADY_EXISTS')
    expect(asked).toBe(0)
  })

  it('have one winner among two stores that put it into different directories', async () => {
    const [first, second] = [await temporaryDirectory(), await temporaryDirectory()]
    const one = await openDriver({ filesystem_store_datadirs: [`${first}:2`, `${second}:1`] })
    const two = await openDriver({ filesystem_store_datadirs: [`${first}:1`, `${second}:2`] })
    const sources = [stalling(Buffer.from('a')), stalling(Buffer.from('b'))] as const
    const adds = [one.add('same', sources[0].data, options), two.add('same', sources[1].data, options)]
    await Promise.all(sources.map((source) => source.stalled))

    for (const source of sources) source.resume()
    const ends = await Promise.allSettled(adds)

    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await imageFiles(first, second)).toHaveLength(1)
  })

  it('do not lose to one that never ends', async () => {
    const driver = await openDriver({ filesystem_store_datadir: await temporaryDirectory() })
    const source = stalling(Buffer.from('sleeping'))
    const sleeping = driver.add('one', source.data, options)
    await source.stalled

    const { location } = await driver.add('one', chunks(Buffer.from('data')), options)
    source.resume()

    expect((await failureOf(sleeping)).code).toBe('ALREADY_EXISTS')
    expect((await bytesOf(await driver.get(location, whole))).toString()).toBe('data')
  })
})

describe('opening', () => {
  it('takes a blank filesystem_store_datadir beside filesystem_store_datadirs, as Glance asks for', async () => {
    const directory = await temporaryDirectory()

    await openDriver({ filesystem_store_datadir: '', filesystem_store_datadirs: [directory] })

    await access(directory)
  })

  it('fails with BAD_CONFIGURATION and the path when a directory is a file', async () => {
    const path = join(await temporaryDirectory(), 'images')
    await writeFile(path, '')

    const error = await failureOf(openDriver({ filesystem_store_datadir: path }))

    expect(error.code).toBe('BAD_CONFIGURATION')
    expect(error.message).toContain(path)
  })

  it('reads the metadata of mount points and gives each add its own copy', async () => {
    const directory = await temporaryDirectory()
    const file = join(await temporaryDirectory(), 'metadata.json')
    await writeFile(file, JSON.stringify([{ id: 'share', mountpoint: directory }]))
    const driver = await openDriver({ filesystem_store_datadir: directory, filesystem_store_metadata_file: file })

    const one = await driver.add('one', chunks(Buffer.from('a')), options)
    const two = await driver.add('two', chunks(Buffer.from('b')), options)

    expect(one.metadata).toEqual({ id: 'share', mountpoint: directory })
    expect(two.metadata).not.toBe(one.metadata)
  })
})

describe('locations', () => {
  it('are written as Glance writes them wherever a URI can hold the path', async () => {
    const directory = join(await temporaryDirectory(), 'a+b,c=d@e')
    const driver = await openDriver({ filesystem_store_datadir: directory })

    const { location } = await driver.add('one', chunks(Buffer.from('data')), options)

    expect(location).toBe(`file://${directory}/one`)
    expect(driver.locationPrefixes).toContain(`filesystem://${directory}/`)
  })
})

/** How many files in a directory this process has open. */
async function openFilesIn(directory: string): Promise<number> {
  const paths = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  return paths.filter((path) => path.startsWith(`${directory}/`)).length
}
