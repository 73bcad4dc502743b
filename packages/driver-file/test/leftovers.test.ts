import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { removeLeftovers } from '../src/leftovers.ts'
import { type Owner, stateOf, thisProcess } from '../src/owner.ts'
import { claimName, formatOwner, parseUploadName, uploadName } from '../src/temporary-names.ts'
import { imageFiles } from './support/image-files.ts'
import { chunks, never, openDriver, stalling } from './support/open-driver.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const self = await thisProcess()
const program = fileURLToPath(new URL('./support/upload-process.ts', import.meta.url))
const day = 24 * 60 * 60 * 1000

/** A process with an upload under way in a directory. */
async function anUploader(directory: string, imageId: string): Promise<{ kill(): Promise<void> }> {
  const child = spawn(process.execPath, [program, directory, imageId], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  await Promise.race([once(child.stdout, 'data'), ended])
  return { kill }
}

/** A file of an upload by somebody, last written so long ago. */
async function anUpload(directory: string, owner: Owner, ageMs = 0): Promise<string> {
  return aged(join(directory, uploadName('one', owner)), '', ageMs)
}

async function aged(path: string, content: string, ageMs: number): Promise<string> {
  await writeFile(path, content)
  const then = new Date(Date.now() - ageMs)
  await utimes(path, then, then)
  return path
}

describe.skipIf(process.platform !== 'linux')('opening a store', () => {
  it('removes what a process left that was killed in mid-add', async () => {
    const directory = await temporaryDirectory()
    const uploader = await anUploader(directory, 'one')
    expect(await imageFiles(directory)).toHaveLength(1)

    await uploader.kill()
    await openDriver({ filesystem_store_datadir: directory })

    expect(await imageFiles(directory)).toEqual([])
  })

  it('leaves the uploads of a process that runs', async () => {
    const directory = await temporaryDirectory()
    await anUploader(directory, 'one')

    await openDriver({ filesystem_store_datadir: directory })

    expect(await imageFiles(directory)).toHaveLength(1)
  })

  it('leaves the uploads of another store of this process', async () => {
    const directory = await temporaryDirectory()
    const first = await openDriver({ filesystem_store_datadir: directory })
    const source = stalling(Buffer.from('data'))
    const adding = first.add('one', source.data, { size: null, signal: never })
    await source.stalled

    await openDriver({ filesystem_store_datadir: directory })
    source.resume()

    await expect(adding).resolves.toMatchObject({ size: 4 })
  })
})

describe.skipIf(process.platform !== 'linux')('leftovers', () => {
  const others: readonly (readonly [string, Owner, number, boolean])[] = [
    ['of this process', self, 0, false],
    ['of this process, untouched for two days', self, 2 * day, false],
    ['of an earlier process with the same id', { ...self, started: '1' }, 0, true],
    ['of a process in another container of this host', { ...self, namespace: '1', pid: '999999999' }, 0, false],
    ['of another container, untouched for two days', { ...self, namespace: '1' }, 2 * day, true],
    ['of another host', { ...self, host: 'elsewhere', boot: 'other' }, 0, false],
    ['of another host, untouched for two days', { ...self, host: 'elsewhere', boot: 'other' }, 2 * day, true],
    ['of another host of the same name, written just now', { ...self, boot: 'other' }, 0, false],
    ['of this host before it was started again', { ...self, boot: 'other' }, 400 * day, true],
  ]

  it.each(others)('%s', async (_, owner, ageMs, removed) => {
    const directory = await temporaryDirectory()
    const path = await anUpload(directory, owner, ageMs)

    const gone = await removeLeftovers(directory, self)

    expect(gone).toEqual(removed ? [basename(path)] : [])
    expect(await imageFiles(directory)).toEqual(removed ? [] : [path])
  })

  it('are claims too, told by their content', async () => {
    const directory = await temporaryDirectory()
    const mine = await aged(join(directory, claimName('mine')), formatOwner(self), 0)
    await aged(join(directory, claimName('dead')), formatOwner({ ...self, started: '1' }), 0)
    await aged(join(directory, claimName('empty')), '', 2 * day)

    await removeLeftovers(directory, self)

    expect(await imageFiles(directory)).toEqual([mine])
  })

  it('are never images or files of others', async () => {
    const directory = await temporaryDirectory()
    for (const name of ['one', '.add', '.nfs0001', '.add~one', 'add~one~a~b~1~2~3~4'])
      await aged(join(directory, name), '', 400 * day)

    await removeLeftovers(directory, self)

    expect(await imageFiles(directory)).toHaveLength(5)
  })
})

describe('discard', () => {
  it('removes image, uploads and claim of an id, and nothing of others', async () => {
    const directory = await temporaryDirectory()
    const driver = await openDriver({ filesystem_store_datadir: directory })
    await driver.add('one', chunks(Buffer.from('data')), { size: null, signal: never })
    await driver.add('one-more', chunks(Buffer.from('data')), { size: null, signal: never })
    await anUpload(directory, { ...self, host: 'elsewhere', boot: 'other' })
    await aged(join(directory, claimName('one')), '', 0)

    await driver.discard?.('one', { signal: never })

    expect(await imageFiles(directory)).toEqual([join(directory, 'one-more')])
  })
})

describe('names of uploads', () => {
  it('stay within the 255 bytes of a file name, and tell ids apart', () => {
    const owner: Owner = { ...self, host: 'h'.repeat(64), pid: '4194304', started: '9'.repeat(20) }
    const names = ['a', 'b'].map((end) => uploadName(`${'x'.repeat(254)}${end}`, owner))

    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    expect(parseUploadName(names[0] ?? '')?.idKey).not.toBe(parseUploadName(names[1] ?? '')?.idKey)
    expect(parseUploadName(names[0] ?? '')?.owner).toEqual(owner)
  })

  it('are not read from other names', () => {
    expect(parseUploadName('.add~one')).toBeNull()
    expect(parseUploadName('one')).toBeNull()
  })
})

describe('stateOf', () => {
  it('knows nothing where the system does not tell', async () => {
    const silent: Owner = { host: self.host, boot: '', namespace: '', pid: '1', started: '' }

    expect(await stateOf(silent, silent, 0)).toBe('unknown')
  })
})
