import { readFile, link as realLink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ExclusiveFile, type ExclusiveFileSettings } from '../src/exclusive-file.ts'
import { boundedBy } from '../src/waiting.ts'
import { imageFiles } from './support/image-files.ts'
import { failureOf } from './support/open-driver.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

type Link = typeof realLink

let files = 0

/** Starts a file `one` in a directory. */
function start(
  directory: string,
  { link, rivals = [], timeoutMs = 0 }: { link?: Link; rivals?: readonly string[]; timeoutMs?: number } = {},
): Promise<ExclusiveFile> {
  files += 1
  const names = {
    directory,
    temporary: `.temporary-${files}`,
    final: 'one',
    claim: join(directory, '.claim'),
    owner: 'me',
    rivals,
  }
  const settings: ExclusiveFileSettings = {
    thin: false,
    mode: null,
    piece: 1_048_576,
    bounded: boundedBy(timeoutMs),
    modeRefused: () => {},
    ...(link ? { link } : {}),
  }
  return ExclusiveFile.create(names, settings)
}

/** What a file system without hard links answers. */
const noLinks: Link = () => Promise.reject(Object.assign(new Error('no links here'), { code: 'EPERM' }))

describe.each([
  ['with links', realLink],
  ['without links', noLinks],
])('a file %s', (_, link) => {
  it('appears with its bytes, and leaves nothing else', async () => {
    const directory = await temporaryDirectory()
    const file = await start(directory, { link })
    await file.write(Buffer.from('da'))
    await file.write(Buffer.from('ta'))

    await file.publish()

    expect(await readFile(join(directory, 'one'), 'utf8')).toBe('data')
    expect(await imageFiles(directory)).toEqual([join(directory, 'one')])
  })

  it('wins alone when several appear at once', async () => {
    const directory = await temporaryDirectory()
    const rivals = await Promise.all([1, 2, 3, 4].map(() => start(directory, { link })))
    for (const [index, file] of rivals.entries()) await file.write(Buffer.from(String(index)))

    const ends = await Promise.allSettled(
      rivals.map((file) => file.publish().catch((error) => file.discard().then(() => Promise.reject(error)))),
    )

    const winners = ends.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []))
    expect(winners).toHaveLength(1)
    expect(await readFile(join(directory, 'one'), 'utf8')).toBe(String(winners[0]))
    expect(await imageFiles(directory)).toEqual([join(directory, 'one')])
  })

  it('leaves what is there and is discarded without a trace when its name is taken', async () => {
    const directory = await temporaryDirectory()
    await writeFile(join(directory, 'one'), 'first')
    const file = await start(directory, { link })

    expect((await failureOf(file.publish())).code).toBe('ALREADY_EXISTS')
    await file.discard()

    expect(await readFile(join(directory, 'one'), 'utf8')).toBe('first')
    expect(await imageFiles(directory)).toEqual([join(directory, 'one')])
  })
})

describe('publishing', () => {
  it('goes well when a link was made and its answer lost, as NFS does', async () => {
    const directory = await temporaryDirectory()
    const twice: Link = async (from, to) => {
      await realLink(from, to)
      await realLink(from, to)
    }
    const file = await start(directory, { link: twice })

    await file.publish()

    expect(await imageFiles(directory)).toEqual([join(directory, 'one')])
  })

  it('takes the name back when something fails after the link', async () => {
    const directory = await temporaryDirectory()
    const failing: Link = async (from, to) => {
      await realLink(from, to)
      throw Object.assign(new Error('the server is gone'), { code: 'EIO' })
    }
    const file = await start(directory, { link: failing })

    await expect(file.publish()).rejects.toThrow('the server is gone')
    await file.discard()

    expect(await imageFiles(directory)).toEqual([])
  })

  it('leaves nothing when a link took longer than the limit and was made afterwards', async () => {
    const directory = await temporaryDirectory()
    const answer = Promise.withResolvers<void>()
    const late: Link = async (from, to) => {
      await answer.promise
      await realLink(from, to)
    }
    const file = await start(directory, { link: late, timeoutMs: 100 })
    expect((await failureOf(file.publish())).code).toBe('TIMEOUT')

    const discarding = file.discard()
    answer.resolve()
    await discarding

    expect(await imageFiles(directory)).toEqual([])
  })

  it('loses to an image of the same id in another directory', async () => {
    const [directory, other] = [await temporaryDirectory(), await temporaryDirectory()]
    await writeFile(join(other, 'one'), 'first')
    const file = await start(directory, { rivals: [join(other, 'one')] })

    expect((await failureOf(file.publish())).code).toBe('ALREADY_EXISTS')
    await file.discard()

    expect(await imageFiles(directory)).toEqual([])
  })
})

describe('writing', () => {
  it('gathers small chunks, whose memory may be filled again at once', async () => {
    const directory = await temporaryDirectory()
    const file = await start(directory)
    const chunk = Buffer.alloc(1)
    for (let index = 0; index < 1000; index += 1) {
      chunk[0] = index
      expect(file.write(chunk)).toBeUndefined()
    }

    await file.publish()

    expect([...(await readFile(join(directory, 'one')))]).toEqual(
      Array.from({ length: 1000 }, (_, index) => index % 256),
    )
  })

  it('keeps the order of small and large chunks', async () => {
    const directory = await temporaryDirectory()
    const file = await start(directory)
    const parts = [1, 500_000, 3, 131_071, 131_072, 1_000_000, 7].map((size, index) => Buffer.alloc(size, index + 1))
    for (const part of parts) await file.write(part)

    await file.publish()

    expect((await readFile(join(directory, 'one'))).equals(Buffer.concat(parts))).toBe(true)
  })
})
