import { noopLogger } from '@glance/core'
import SqliteDatabase from 'better-sqlite3'
import { Kysely, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../src/index.ts'
import { openSqlite } from '../src/sqlite.ts'
import { cacheSchema, wallabySchema } from './support/glance-schema.ts'
import { temporaryFolder } from './support/open.ts'

/** What SQLite says about every table and index but ours. */
function describeSchema(handle: SqliteDatabase.Database): unknown {
  const tables = handle
    .prepare("select name from sqlite_master where type = 'table' and name not in ('alembic_version') order by name")
    .pluck()
    .all()
  return tables.map((table) => {
    const columns = handle.pragma(`table_info(${table})`) as { type: string; pk: number }[]
    const indexes = handle.pragma(`index_list(${table})`) as { name: string; unique: number; origin: string }[]
    return {
      table,
      columns: columns.map((column) => ({ ...column, type: column.type.toUpperCase() })),
      foreignKeys: handle.pragma(`foreign_key_list(${table})`),
      indexes: indexes
        .filter(({ name }) => !name.startsWith('glance_server_'))
        .map(({ name, unique, origin }) => ({
          name: origin === 'c' ? name : origin,
          unique,
          columns: handle.pragma(`index_info(${name})`),
        }))
        .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    }
  })
}

describe('a new database', () => {
  it('has the tables, columns, keys and indexes that Glance makes', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('new.sqlite')
    await (await openDatabase({ connection: `sqlite:///${path}` })).close()
    const expected = new SqliteDatabase(':memory:')
    expected.exec(wallabySchema + cacheSchema)

    const made = new SqliteDatabase(path, { readonly: true })

    expect(describeSchema(made)).toEqual(describeSchema(expected))
    const constraints = /CONSTRAINT \w+ UNIQUE/gi
    const sqlOf = (handle: SqliteDatabase.Database): string =>
      handle.prepare('select group_concat(sql) from sqlite_master').pluck().get() as string
    const names = (handle: SqliteDatabase.Database): string[] =>
      (sqlOf(handle).replaceAll('"', '').match(constraints) ?? []).map((text) => text.toLowerCase()).sort()
    expect(names(made)).toEqual(names(expected))
    made.close()
  })

  it('is at the head revision, which stays when it is opened again', async () => {
    await using folder = await temporaryFolder()
    const connection = `sqlite:///${folder.file('new.sqlite')}`
    await using first = await openDatabase({ connection })

    await using second = await openDatabase({ connection })

    expect(await first.schemaVersion()).toBe('2024_1_contract01')
    expect(await second.schemaVersion()).toBe('2024_1_contract01')
  })

  it('is made once when two servers start at the same moment', async () => {
    await using folder = await temporaryFolder()
    const connection = `sqlite:///${folder.file('new.sqlite')}`

    const opened = await Promise.all([openDatabase({ connection }), openDatabase({ connection })])

    for (const database of opened) {
      expect(await database.schemaVersion()).toBe('2024_1_contract01')
      await database.close()
    }
  })

  it('keeps a write-ahead log', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('new.sqlite')
    await using _database = await openDatabase({ connection: `sqlite:///${path}` })

    const other = new SqliteDatabase(path, { readonly: true })

    expect(other.pragma('journal_mode', { simple: true })).toBe('wal')
    other.close()
  })
})

describe('a connection to SQLite', () => {
  it.each([
    ['syncs every commit', sql<{ value: number }>`select synchronous as value from pragma_synchronous`, 2],
    [
      'leaves foreign keys off, as Glance does',
      sql<{ value: number }>`select foreign_keys as value from pragma_foreign_keys`,
      0,
    ],
  ])('%s', async (_, query, expected) => {
    await using folder = await temporaryFolder()
    const backend = openSqlite({ path: folder.file('new.sqlite'), timeoutMs: 0, ignored: [] }, noopLogger)
    const kysely = new Kysely({ dialect: backend.dialect })
    backend.prepareForWriting()

    const { rows } = await query.execute(kysely)

    expect(rows).toEqual([{ value: expected }])
    await kysely.destroy()
  })
})
