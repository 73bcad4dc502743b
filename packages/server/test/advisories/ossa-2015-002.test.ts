/** OSSA-2015-002 (CVE-2015-1195): the same as OSSA-2014-041 by other names of the scheme, and `swift+config://` with the service's own account (LP 1334196). */
import { Store } from '@glance/core'
import fileDriver from '@glance/driver-file'
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'
import { temporaryFolder } from '../support/folder.ts'
import { allRefused, openLocations, tryLocation } from '../support/location-attempts.ts'

describe('OSSA-2015-002', () => {
  it.each([
    'filesystem://{file}',
    'FileSystem://{file}',
    'FILE://{file}',
    'fIlE://{file}',
    'fil%65://{file}',
    '%66ile://{file}',
    'file:{file}',
    'file:/{file}',
    ' file://{file}',
    'file://{file}\n',
    'file\t://{file}',
    'ﬁle://{file}',
    'file://localhost{file}',
    'file://{folder}/../secret',
    'file://{folder}/%2e%2e/secret',
    'swift+config://ref1/container/object',
    'Swift+Config://ref1/container/object',
    'swift%2Bconfig://ref1/container/object',
  ])('%j is refused everywhere', async (pattern) => {
    using folder = temporaryFolder()
    const file = folder.write('images/00000000-0000-4000-8000-00000000beef', 'image of somebody')
    const files = await Store.open(fileDriver, { filesystem_store_datadir: `${folder.path}/images` }, { id: 'files' })
    await using api = await openApi({ options: openLocations, more: [files] })

    const url = pattern.replace('{file}', file).replace('{folder}', folder.path)

    expect((await tryLocation(api, url)).statuses).toEqual(allRefused)
  })
})
