import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../src/index.ts'
import { anImage, aQuery, birth } from './support/images.ts'
import { temporaryFolder } from './support/open.ts'

describe('two connections to one file', () => {
  it('lose nothing of a hundred interleaved changes', async () => {
    await using folder = await temporaryFolder()
    const connection = `sqlite:///${folder.file('glance.sqlite')}`
    await using first = await openDatabase({ connection })
    await using second = await openDatabase({ connection })
    const { id } = await first.images.insert(anImage())

    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        (index % 2 === 0 ? first : second).images.change(id, birth, (image) => ({
          minRam: image.minRam + 1,
          properties: new Map([...image.properties, [`property ${index}`, 'set']]),
        })),
      ),
    )

    const image = (await second.images.find(id, null))?.image
    expect(image?.minRam).toBe(100)
    expect(image?.properties.size).toBe(100)
  })

  it('let exactly one of two insertions of an id win', async () => {
    await using folder = await temporaryFolder()
    const connection = `sqlite:///${folder.file('glance.sqlite')}`
    await using first = await openDatabase({ connection })
    await using second = await openDatabase({ connection })
    const image = anImage()

    const results = await Promise.allSettled([first.images.insert(image), second.images.insert(image)])

    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('a writer that holds the file', () => {
  it('delays a change until it is done, and the change sees what it wrote', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('glance.sqlite')
    await using database = await openDatabase({ connection: `sqlite:///${path}` })
    const { id } = await database.images.insert(anImage({ minRam: 1 }))
    const other = new SqliteDatabase(path)
    other.exec('begin immediate')
    other.prepare('update images set min_ram = 10 where id = ?').run(id)

    let decisions = 0
    const changing = database.images.change(id, birth, (image) => {
      decisions += 1
      return { minRam: image.minRam + 1 }
    })
    // Reading works meanwhile, and by then the change has met the lock.
    expect((await database.images.find(id, null))?.image.minRam).toBe(1)
    other.exec('commit')
    other.close()

    expect((await changing)?.minRam).toBe(11)
    expect(decisions).toBe(1)
  })

  it('makes a change reject with UNAVAILABLE when it does not end, while lists still answer', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('glance.sqlite')
    await using database = await openDatabase({ connection: `sqlite:///${path}?timeout=0.02` })
    const { id } = await database.images.insert(anImage({ visibility: 'public' }))
    const other = new SqliteDatabase(path)
    other.exec('begin immediate')

    const changing = database.images.change(id, birth, () => ({ name: 'new' }))

    await expect(changing).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'the database is locked by another process',
      cause: { code: 'SQLITE_BUSY' },
    })
    expect(await database.images.list(aQuery())).toHaveLength(1)
    other.close()
  })
})
