/** OSSA-2014-041 (CVE-2014-9493): a `file://` location read and deleted any file of the host. */
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { Store } from '@glance/core'
import fileDriver from '@glance/driver-file'
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'
import { temporaryFolder } from '../support/folder.ts'
import { allRefused, openLocations, tryLocation } from '../support/location-attempts.ts'

describe('OSSA-2014-041', () => {
  it('a file location is refused everywhere, inside the store’s own folder too, and the file stays', async () => {
    using folder = temporaryFolder()
    const outside = folder.write('secret', 'secret of the host')
    const inside = folder.write('images/00000000-0000-4000-8000-00000000beef', 'image of somebody')
    const files = await Store.open(fileDriver, { filesystem_store_datadir: `${folder.path}/images` }, { id: 'files' })
    await using api = await openApi({ options: openLocations, more: [files] })

    for (const file of [outside, inside]) {
      const { statuses, answers } = await tryLocation(api, pathToFileURL(file).href)
      expect(statuses).toEqual(allRefused)
      expect(answers).not.toContain(folder.path)
      expect(existsSync(file)).toBe(true)
    }
  })

  it('users, who may name web addresses only, are refused as well', async () => {
    await using api = await openApi({ options: openLocations })
    const { id } = await api.create('alice')

    const answer = await api.call('alice', 'POST', `/v2/images/${id}/locations`, {
      payload: { url: 'file:///etc/passwd' },
    })

    expect(answer.statusCode).toBe(403)
  })
})
