import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { metadataFor, readMetadataFile } from '../src/metadata-file.ts'
import { failureOf } from './support/open-driver.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

async function aFile(content: string): Promise<string> {
  const path = join(await temporaryDirectory(), 'metadata.json')
  await writeFile(path, content)
  return path
}

describe('readMetadataFile', () => {
  it('reads one object or a list, and keeps further members', async () => {
    const entry = { id: 'a', mountpoint: '/srv', hosts: ['one', { name: 'two' }] }

    expect(await readMetadataFile(await aFile(JSON.stringify(entry)))).toEqual([entry])
    expect(await readMetadataFile(await aFile(JSON.stringify([entry])))).toEqual([entry])
  })

  it.each([
    '{',
    '7',
    'null',
    '{"id": "a"}',
    '{"id": 1, "mountpoint": "/srv"}',
    '[{"id": "a", "mountpoint": null}]',
    '[{"id": "a", "mountpoint": "/srv", "size": 1}]',
  ])('refuses %s', async (content) => {
    expect((await failureOf(readMetadataFile(await aFile(content)))).code).toBe('BAD_CONFIGURATION')
  })

  it('refuses a file that is not there', async () => {
    const missing = join(await temporaryDirectory(), 'none.json')

    expect((await failureOf(readMetadataFile(missing))).code).toBe('BAD_CONFIGURATION')
  })
})

describe('metadataFor', () => {
  const entries = [
    { id: 'all', mountpoint: '/srv' },
    { id: 'fast', mountpoint: '/srv/fast/' },
  ]

  it.each([
    ['/srv/one', 'all'],
    ['/srv/fast/one', 'fast'],
    ['/srv/faster/one', 'all'],
    ['/srvother/one', undefined],
  ])('of %s is that of %s: the innermost mount point, on the border of a segment', (path, id) => {
    expect(metadataFor(entries, path)['id']).toBe(id)
  })

  it('is a copy', () => {
    expect(metadataFor(entries, '/srv/one')).not.toBe(entries[0])
  })
})
