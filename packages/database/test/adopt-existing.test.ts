import { readFile } from 'node:fs/promises'
import SqliteDatabase from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { DatabaseSetupError, openDatabase } from '../src/index.ts'
import { cacheSchema, glanceRows, revisionTable, wallabySchema } from './support/glance-schema.ts'
import { aQuery } from './support/images.ts'
import { temporaryFolder } from './support/open.ts'

function write(path: string, text: string): void {
  const handle = new SqliteDatabase(path)
  handle.exec(text)
  handle.close()
}

function rows(path: string, text: string): unknown[] {
  const handle = new SqliteDatabase(path, { readonly: true })
  const found = handle.prepare(text).all()
  handle.close()
  return found
}

const dump = 'select * from images join image_properties on image_id = images.id order by image_properties.id'

describe('a database of Glance', () => {
  it.each([
    [['wallaby_contract01']],
    [['xena_contract01']],
    [['yoga_contract01']],
    [['zed_contract01']],
    [['2023_1_contract01']],
    [['2023_1_contract01', '2024_1_expand01']],
  ])('at %j gets the missing tables and the head revision', async (revisions) => {
    await using folder = await temporaryFolder()
    const path = folder.file('glance.sqlite')
    write(path, wallabySchema + revisionTable(...revisions) + glanceRows)

    await using database = await openDatabase({ connection: `sqlite:///${path}` })

    expect(await database.schemaVersion()).toBe('2024_1_contract01')
    expect(rows(path, 'select * from cached_images join node_reference')).toEqual([])
  })

  it('at the head revision keeps what its cache tables hold', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('glance.sqlite')
    write(
      path,
      `${wallabySchema}${cacheSchema}${revisionTable('2024_1_contract01')}${glanceRows}
        insert into node_reference (node_reference_url) values ('http://node');`,
    )

    await using database = await openDatabase({ connection: `sqlite:///${path}` })

    expect(await database.schemaVersion()).toBe('2024_1_contract01')
    expect(rows(path, 'select * from node_reference')).toEqual([
      { node_reference_id: 1, node_reference_url: 'http://node' },
    ])
  })

  it('shows its images with everything that Glance wrote', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('glance.sqlite')
    write(path, wallabySchema + revisionTable('wallaby_contract01') + glanceRows)
    await using database = await openDatabase({ connection: `sqlite:///${path}` })

    const page = await database.images.list(aQuery())

    expect(page.map(({ image }) => image)).toEqual([
      {
        id: 'glance-image',
        name: 'cirros',
        status: 'active',
        visibility: 'public',
        protected: true,
        hidden: false,
        owner: 'tenant',
        size: 21233664,
        virtualSize: 117440512,
        checksum: 'c8fc807773e5354afe61636071771906',
        hashAlgorithm: 'sha512',
        hashValue: 'ab12',
        diskFormat: 'qcow2',
        containerFormat: 'bare',
        minDisk: 1,
        minRam: 64,
        createdAt: new Date('2021-04-14T09:30:01.123Z'),
        updatedAt: new Date('2021-04-14T09:30:02.654Z'),
        tags: ['small'],
        properties: new Map([
          ['os_distro', 'cirros'],
          ['empty', null],
        ]),
        locations: [{ url: 'file:///images/one', metadata: { store: 'fast' }, status: 'active' }],
      },
    ])
    expect(await database.images.isTaken('gone-image')).toBe(true)
  })

  it('is not altered in a single row of Glance by being taken over', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('glance.sqlite')
    write(path, wallabySchema + revisionTable('zed_contract01') + glanceRows)
    const before = rows(path, dump)

    await (await openDatabase({ connection: `sqlite:///${path}` })).close()

    expect(rows(path, dump)).toEqual(before)
  })

  it('takes the insertions of Glance beside our indexes', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('glance.sqlite')
    write(path, wallabySchema + revisionTable('zed_contract01'))
    await using database = await openDatabase({ connection: `sqlite:///${path}` })

    write(path, glanceRows)

    expect(await database.images.find('glance-image', null)).not.toBeNull()
  })
})

describe('a database that is refused', () => {
  it.each([
    ['an older revision', wallabySchema + revisionTable('ussuri_contract01'), /glance-manage db sync/],
    [
      'half of the oldest upgrade',
      wallabySchema + revisionTable('ussuri_contract01', 'wallaby_expand01'),
      /older than wallaby/,
    ],
    ['an unknown revision', wallabySchema + revisionTable('2031_1_contract01'), /glance-manage db version/],
    ['no revision at all', wallabySchema + revisionTable(), /no revision/],
    ['tables of somebody else', 'create table shopping (item text);', /no alembic_version/],
    ['a table missing', `${wallabySchema}${revisionTable('zed_contract01')} drop table image_tags;`, /image_tags/],
  ])('because of %s is left as it was, byte for byte', async (_, text, message) => {
    await using folder = await temporaryFolder()
    const path = folder.file('glance.sqlite')
    write(path, text)
    const before = await readFile(path)

    const opening = openDatabase({ connection: `sqlite:///${path}` })

    await expect(opening).rejects.toThrow(message)
    await expect(opening).rejects.toBeInstanceOf(DatabaseSetupError)
    expect((await readFile(path)).equals(before)).toBe(true)
  })
})
