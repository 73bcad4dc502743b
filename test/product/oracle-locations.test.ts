/**
 * The same requests about locations to a real glance-api and to ours, both told to show them and given one origin of web addresses.
 *
 * Debian's release does not have the newer calls (`/v2/images/{id}/locations`), so these are not among them.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends } from '../../tools/backends.ts'
import { type Answer, compareAnswers, type Intended } from '../support/compare-answers.ts'
import { type GlanceApi, startGlanceApi } from '../support/glance-api-process.ts'
import { locationExchanges } from '../support/location-exchanges.ts'
import { describeWithBackend } from '../support/require-backend.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const bothAnswer = (status: number, words: RegExp) => (real: Answer, ours: Answer) =>
  real.status === status && ours.status === status && words.test(ours.body)

const intended: readonly Intended[] = [
  {
    why: 'a value that breaks the schema is told in one sentence; Glance prints the schema and the value in Python',
    isIt: bothAnswer(400, /does not match schema/),
  },
  {
    why: 'a location that cannot be read is said to be invalid, whatever the reason; Glance tells some reasons apart',
    isIt: bothAnswer(400, /Invalid location/),
  },
  {
    why: 'values in metadata that Glance’s own code cannot take are refused before they make it fail',
    isIt: (real, ours) =>
      real.status === 500 && ours.status === 400 && ours.body.includes('strings, lists and objects'),
  },
  {
    why: 'data of another size than the image’s cannot be its data',
    isIt: (real, ours) => real.status === 200 && ours.status === 400 && ours.body.includes('those of the image are'),
  },
  {
    why: 'that locations are there is told without the rows of the database',
    isIt: bothAnswer(400, /Original locations is not empty/),
  },
  {
    why: 'validation_data are for writing; Glance shows them once, in the answer to the patch',
    isIt: (real, ours) =>
      real.body.includes('validation_data') &&
      real.body.replaceAll(/, ?"validation_data":\{[^}]*\}/g, '') === ours.body,
  },
  {
    why: 'an answer without content has no type and no length of it (RFC 9110)',
    isIt: (real, ours) => real.status === 204 && ours.status === 204 && ours.body === '',
  },
  {
    why: 'a service with one store says so; Debian’s release does not know the call',
    isIt: bothAnswer(404, /Multi backend is not supported/),
  },
]

/** An origin of web addresses: `/size/N…` has N bytes. */
async function startOrigin(): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const size = /^\/size\/(\d+)/.exec(request.url ?? '')?.[1]
    if (size === undefined) response.writeHead(404).end()
    else
      response.writeHead(200, { 'content-length': size }).end(request.method === 'HEAD' ? '' : 'x'.repeat(Number(size)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

describeWithBackend(
  { describe, it },
  'glance-api',
  () => backends['glance-api']?.probe() ?? 'not in the table',
  'a real glance-api and ours, on locations',
  () => {
    let origin: Awaited<ReturnType<typeof startOrigin>>
    let real: GlanceApi
    let ours: ServerProcess

    beforeAll(async () => {
      origin = await startOrigin()
      real = await startGlanceApi({
        options: ['show_multiple_locations = true', 'show_image_direct_url = true', 'image_location_quota = 3'],
      })
      ours = await startServer({
        args: ['--auth', 'noauth'],
        env: {
          OS_DEFAULT__SHOW_MULTIPLE_LOCATIONS: 'true',
          OS_DEFAULT__SHOW_IMAGE_DIRECT_URL: 'true',
          OS_DEFAULT__IMAGE_LOCATION_QUOTA: '3',
          OS_GLANCE_STORE__HTTP_STORE_ALLOW_PRIVATE_ADDRESSES: 'true',
        },
      })
    }, 180_000)
    afterAll(async () => {
      await real?.[Symbol.asyncDispose]()
      await ours?.[Symbol.asyncDispose]()
      origin?.server.closeAllConnections()
      origin?.server.close()
    })

    it('answer alike, but for what is intended', async () => {
      const exchanges = locationExchanges(origin.url)
      const { differences, missed } = await compareAnswers({ real: real.url, ours: ours.url }, exchanges, intended)

      expect(differences).toEqual([])
      expect(missed).toEqual([])
    }, 120_000)
  },
)
