import { readFile, writeFile } from 'node:fs/promises'
import { ServiceError } from '@glance/service'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../src/index.ts'
import { sqliteFailure } from '../src/sqlite-errors.ts'
import { anImage, aQuery } from './support/images.ts'
import { writeManyImages } from './support/many-images.ts'
import { openImages, temporaryFolder } from './support/open.ts'

/** What a promise rejects with. */
async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('did not reject')
}

function expectUnavailable(error: unknown, secretPath: string): void {
  expect(error).toBeInstanceOf(ServiceError)
  expect(error).toMatchObject({ code: 'UNAVAILABLE', cause: expect.any(Error) })
  expect(String(error)).not.toContain(secretPath)
}

describe('a database that fails', () => {
  it('is UNAVAILABLE when the file is something else', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('glance.sqlite')
    await writeFile(path, 'this is a shopping list and not a database at all'.repeat(100))

    const error = await rejectionOf(openDatabase({ connection: `sqlite:///${path}` }))

    expectUnavailable(error, path)
    expect((error as Error).message).toBe('the database file is not an SQLite database')
  })

  it('is UNAVAILABLE when its folder does not exist', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('no-folder/glance.sqlite')

    expectUnavailable(await rejectionOf(openDatabase({ connection: `sqlite:///${path}` })), path)
  })

  it('is UNAVAILABLE when pages are damaged', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('glance.sqlite')
    await (await openDatabase({ connection: `sqlite:///${path}` })).close()
    const writer = new SqliteDatabase(path)
    writeManyImages(writer, { count: 500, visibility: 'public', owner: 'others', idPrefix: 'p' })
    writer.close()
    const bytes = await readFile(path)
    // The schema stays whole, so that opening works.
    bytes.fill(0xff, Math.floor(bytes.length / 2))
    await writeFile(path, bytes)
    await using damaged = await openImages(new SqliteDatabase(path), { migrate: false })

    const error = await rejectionOf(damaged.images.list(aQuery({ limit: 500 })))

    expectUnavailable(error, path)
    expect((error as Error).message).toBe('the database file is damaged')
  })

  it('is UNAVAILABLE for writing when it can only be read', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('glance.sqlite')
    await (await openDatabase({ connection: `sqlite:///${path}` })).close()
    await using readOnly = await openImages(new SqliteDatabase(path, { readonly: true }), { migrate: false })

    const error = await rejectionOf(readOnly.images.insert(anImage()))

    expectUnavailable(error, path)
    expect(await readOnly.images.list(aQuery())).toEqual([])
  })

  it('is UNAVAILABLE after it was closed, which may happen twice', async () => {
    const database = await openDatabase({ connection: 'sqlite://' })
    await database.close()
    await database.close()

    await expect(database.images.check()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(database.images.find('id', null)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(database.schemaVersion()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('finishes the work under way before it closes', async () => {
    const database = await openDatabase({ connection: 'sqlite://' })
    const inserting = Promise.all([anImage(), anImage()].map((image) => database.images.insert(image)))

    await database.close()

    expect(await inserting).toHaveLength(2)
  })
})

describe('sqliteFailure', () => {
  it.each([
    ['SQLITE_BUSY', 'busy'],
    ['SQLITE_BUSY_SNAPSHOT', 'busy'],
    ['SQLITE_LOCKED', 'busy'],
    ['SQLITE_CONSTRAINT_PRIMARYKEY', 'duplicate'],
    ['SQLITE_CONSTRAINT_UNIQUE', 'duplicate'],
    ['SQLITE_CORRUPT_INDEX', 'unavailable'],
    ['SQLITE_NOTADB', 'unavailable'],
    ['SQLITE_READONLY_DIRECTORY', 'unavailable'],
    ['SQLITE_FULL', 'unavailable'],
    ['SQLITE_IOERR_FSYNC', 'unavailable'],
    ['SQLITE_CANTOPEN', 'unavailable'],
  ])('takes %s as %s', (code, kind) => {
    expect(sqliteFailure(new SqliteDatabase.SqliteError('native words', code))?.kind).toBe(kind)
  })

  it.each([
    [new SqliteDatabase.SqliteError('no such column', 'SQLITE_ERROR')],
    [new SqliteDatabase.SqliteError('not null', 'SQLITE_CONSTRAINT_NOTNULL')],
    [new TypeError('something else')],
    ['text'],
  ])('leaves %s alone, which is a mistake of ours', (error) => {
    expect(sqliteFailure(error)).toBeNull()
  })
})
