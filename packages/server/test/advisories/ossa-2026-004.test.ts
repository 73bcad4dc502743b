/** OSSA-2026-004 (CVE-2026-34881): the service could be made to call what it reaches and its users do not, by spellings of addresses and by redirects. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { openApi } from '../support/api.ts'
import { allRefused, openLocations, tryLocation } from '../support/location-attempts.ts'
import { openOrigin, webStore } from '../support/origin.ts'

describe('OSSA-2026-004', () => {
  it.each([
    '127.0.0.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '[::ffff:127.0.0.1]',
    '[::1]',
    'localhost',
    'LOCALHOST.',
    '0.0.0.0',
    '127.0.0.1%00.example.com',
    'user:password@127.0.0.1',
  ])('a location on http://%s is refused before anything is sent', async (host) => {
    await using origin = await openOrigin()
    origin.data.set('/image', 'inner data')
    await using api = await openApi({ options: openLocations, more: [await webStore({})] })

    const { statuses, answers } = await tryLocation(api, `http://${host}:${new URL(origin.url).port}/image`)

    expect(statuses).toEqual(allRefused)
    expect(answers).not.toContain('127.0.0.1')
    expect(origin.requests).toEqual([])
  })

  it.each(['169.254.169.254', '[fd00:ec2::254]', '10.0.0.1', '192.168.0.1', '[::ffff:10.0.0.1]'])(
    'nor is one on http://%s called',
    async (host) => {
      await using api = await openApi({ options: openLocations, more: [await webStore({})] })

      expect((await tryLocation(api, `http://${host}/latest/meta-data`)).statuses).toEqual(allRefused)
    },
  )

  it('redirects are held to the same, and the answer does not tell a closed port from an open one', async () => {
    await using inner = await openOrigin()
    inner.data.set('/image', 'inner data')
    const server = createServer((_request, response) =>
      response.writeHead(302, { location: `${inner.url}/image` }).end(),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve))
    const outer = `http://127.0.0.2:${(server.address() as AddressInfo).port}/`
    try {
      // The first address is allowed, as a public one would be; the one behind it is not.
      const store = await webStore({ http_store_allowed_networks: '127.0.0.2/32' })
      await using api = await openApi({ options: openLocations, more: [store] })

      const redirected = await tryLocation(api, outer)
      const closed = await tryLocation(api, 'http://127.0.0.2:1/image')

      expect(redirected.statuses).toEqual(allRefused)
      expect(closed).toEqual(redirected)
      expect(inner.requests).toEqual([])
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
})
