import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { imageFiles } from './support/image-files.ts'
import { bytesOf, chunks, failureOf, never, openDriver, whole } from './support/open-driver.ts'
import { mountedDisk, remount, unmount, unmountable } from './support/small-disk.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const mebibyte = 1024 * 1024

/** A source of so many MiB, which counts how often it is asked. */
function mebibytes(count: number): { data: AsyncIterable<Uint8Array>; asked(): number } {
  let asked = 0
  async function* data(): AsyncGenerator<Uint8Array, void, void> {
    for (; asked < count; asked += 1) yield Buffer.alloc(mebibyte, 1)
  }
  return { data: data(), asked: () => asked }
}

describe.skipIf(unmountable)(`disks of their own${unmountable ? ` (${unmountable})` : ''}`, () => {
  it('refuses what is announced larger than the free space before the first byte', async () => {
    const disk = await mountedDisk('size=16m')
    const driver = await openDriver({ filesystem_store_datadir: disk })
    const source = mebibytes(20)

    const error = await failureOf(driver.add('one', source.data, { size: 20 * mebibyte, signal: never }))

    expect(error.code).toBe('STORE_FULL')
    expect(source.asked()).toBe(0)
  })

  it('rejects with STORE_FULL and leaves nothing when the disk is full in mid-add, and goes on afterwards', async () => {
    const disk = await mountedDisk('size=16m')
    const driver = await openDriver({ filesystem_store_datadir: disk })

    const error = await failureOf(driver.add('one', mebibytes(20).data, { size: null, signal: never }))

    expect(error.code).toBe('STORE_FULL')
    expect(await imageFiles(disk)).toEqual([])
    await driver.add('one', mebibytes(10).data, { size: 10 * mebibyte, signal: never })
  })

  it('opens on a full disk, reads and deletes there', async () => {
    const disk = await mountedDisk('size=1m')
    const first = await openDriver({ filesystem_store_datadir: disk })
    const { location } = await first.add('one', chunks(Buffer.alloc(mebibyte - 8192, 1)), { size: null, signal: never })
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${disk}/filler`, 'bs=4096'], { stdio: 'ignore' })
    } catch {
      // It ends when the disk is full, which is the point.
    }

    const second = await openDriver({ filesystem_store_datadir: disk })

    expect(await second.getSize(location, whole)).toBe(mebibyte - 8192)
    expect((await failureOf(second.add('two', chunks(Buffer.from('x')), { size: null, signal: never }))).code).toBe(
      'STORE_FULL',
    )
    await second.delete(location, whole)
  })

  it('passes by the directory that is too small', async () => {
    const [small, large] = [await mountedDisk('size=4m'), await mountedDisk('size=16m')]
    const driver = await openDriver({ filesystem_store_datadirs: [`${small}:9`, `${large}:1`] })

    const { location } = await driver.add('one', mebibytes(8).data, { size: 8 * mebibyte, signal: never })

    expect(location).toBe(`file://${large}/one`)
  })

  it('does not open on a read-only disk', async () => {
    const disk = await mountedDisk('size=1m,ro')

    expect((await failureOf(openDriver({ filesystem_store_datadir: disk }))).code).toBe('BAD_CONFIGURATION')
  })

  it('says WRITE_DENIED, and FORBIDDEN to a delete, when the disk becomes read-only, and still reads', async () => {
    const disk = await mountedDisk('size=1m')
    const driver = await openDriver({ filesystem_store_datadir: disk })
    const { location } = await driver.add('one', chunks(Buffer.from('data')), { size: 4, signal: never })
    remount(disk, 'ro')

    const adding = driver.add('two', chunks(Buffer.from('data')), { size: 4, signal: never })

    expect((await failureOf(adding)).code).toBe('WRITE_DENIED')
    expect((await failureOf(driver.delete(location, whole))).code).toBe('FORBIDDEN')
    expect((await bytesOf(await driver.get(location, whole))).toString()).toBe('data')
  })

  it('says UNAVAILABLE when the disk was unmounted and its empty mount point is left', async () => {
    const disk = await mountedDisk('size=1m')
    const driver = await openDriver({ filesystem_store_datadir: disk })
    const { location } = await driver.add('one', chunks(Buffer.from('data')), { size: 4, signal: never })
    unmount(disk)

    expect((await failureOf(driver.get(location, whole))).code).toBe('UNAVAILABLE')
    expect((await failureOf(driver.delete(location, whole))).code).toBe('UNAVAILABLE')
    expect(await imageFiles(disk)).toEqual([])
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', disk])
  })

  it('adds to several disks in the order of priority', async () => {
    const [first, second] = [await temporaryDirectory(), await mountedDisk('size=4m')]
    const driver = await openDriver({ filesystem_store_datadirs: [`${first}:1`, `${second}:2`] })

    const { location } = await driver.add('one', chunks(Buffer.from('data')), { size: 4, signal: never })

    expect(location).toBe(`file://${second}/one`)
  })
})
