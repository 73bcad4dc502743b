/** OSSA-2014-012 (CVE-2014-0162): a location of sheepdog went to a shell as it was, and what followed a semicolon ran. */
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'
import { allRefused, openLocations, tryLocation } from '../support/location-attempts.ts'

describe('OSSA-2014-012', () => {
  it.each(['sheepdog://127.0.0.1:7000:x;touch /tmp/x', 'sheepdog://$(touch /tmp/x)', 'sheepdog://`id`'])(
    'the location %s is refused everywhere',
    async (url) => {
      await using api = await openApi({ options: openLocations })

      expect((await tryLocation(api, url)).statuses).toEqual(allRefused)
    },
  )

  it.each(['x;touch', '$(id)', '../../etc/passwd', 'a b', "'"])('the image id %s is refused', async (id) => {
    await using api = await openApi()

    expect((await api.call('alice', 'POST', '/v2/images', { payload: { id } })).statusCode).toBe(400)
  })
})
