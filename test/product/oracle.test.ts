/**
 * The same requests to a real glance-api and to ours: status, headers and bodies have to be the same, but for the differences that are intended and listed here with their reasons.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends } from '../../tools/backends.ts'
import { type Answer, compareAnswers, type Intended, same } from '../support/compare-answers.ts'
import { exchanges } from '../support/exchanges.ts'
import { allowedOrigin, type GlanceApi, startGlanceApi } from '../support/glance-api-process.ts'
import { describeWithBackend } from '../support/require-backend.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const intended: readonly Intended[] = [
  {
    why: 'a value that breaks the schema is told in one sentence; Glance prints the schema and the value in Python',
    isIt: (real, ours) => real.status === 400 && ours.status === 400 && ours.body.includes('does not match schema'),
  },
  {
    why: 'what is outside the characters a database can hold, or a wrong filter, is told with its place',
    isIt: (real, ours) =>
      real.status === 400 && ours.status === 400 && /Basic Multilingual|Query parameter/.test(ours.body),
  },
  {
    why: 'an empty list as a new image is a fault of the client, not of the server',
    isIt: (real, ours) => real.status === 500 && ours.status === 400,
  },
  {
    why: 'a pointer with empty segments names nothing; Glance makes properties called "" and "a" of it',
    isIt: (_real, ours) => ours.status === 400 && /contains adjacent|end with/.test(ours.body),
  },
  {
    why: 'an answer without content has no type and no length of it (RFC 9110)',
    isIt: (real, ours) =>
      real.status === 204 && ours.status === 204 && Object.keys(ours.headers).length === 0 && ours.body === '',
  },
  {
    why: 'locations are refused as a whole while they are not shown',
    isIt: (real, ours) => real.status === 403 && ours.status === 403 && ours.body.includes('locations are invisible'),
  },
  {
    why: 'the size of the disk inside an image comes with format inspection, which is not there yet',
    isIt: (real, ours) => same(withoutVirtualSize(real), withoutVirtualSize(ours)),
  },
  {
    why: 'a tag in a path is UTF-8; Glance takes its bytes for Latin-1',
    isIt: (real, ours) => real.body.includes('tÃ©') && same(real.body.replaceAll('tÃ©', 'té'), ours.body),
  },
  {
    why: 'what is not there is said in the same words everywhere',
    isIt: (real, ours) =>
      real.status === 404 && ours.status === 404 && /No image found|does not have the tag/.test(ours.body),
  },
  {
    why: 'links keep every one of repeated parameters; Glance keeps the last',
    isIt: (real, ours, { path }) =>
      /(sort_key|tag)=.*\1=/.test(path) && same(real.body.split('"first"')[0], ours.body.split('"first"')[0]),
  },
  {
    why: 'is_public belongs to version 1; here it has no effect',
    isIt: (_real, _ours, { path }) => path.includes('is_public'),
  },
  {
    why: 'health is looked at, not posted to',
    isIt: (real, ours, { path, method }) => path === '/healthcheck' && method !== 'GET' && ours.status !== real.status,
  },
]

function withoutVirtualSize({ status, headers, body }: Answer): unknown {
  return [status, headers, body.replaceAll(/"virtual_size":(null|\d+)/g, '"virtual_size":…')]
}

describeWithBackend(
  { describe, it },
  'glance-api',
  () => backends['glance-api']?.probe() ?? 'not in the table',
  'a real glance-api and ours',
  () => {
    let real: GlanceApi
    let ours: ServerProcess

    beforeAll(async () => {
      real = await startGlanceApi()
      ours = await startServer({
        args: ['--auth', 'noauth'],
        env: { OS_CORS__ALLOWED_ORIGIN: allowedOrigin, OS_OSLO_MIDDLEWARE__ENABLE_PROXY_HEADERS_PARSING: 'true' },
      })
    }, 180_000)
    afterAll(async () => {
      await real?.[Symbol.asyncDispose]()
      await ours?.[Symbol.asyncDispose]()
    })

    it(`answer ${exchanges.length} requests alike, but for what is intended`, async () => {
      const { differences, missed } = await compareAnswers({ real: real.url, ours: ours.url }, exchanges, intended)

      expect(differences).toEqual([])
      expect(missed).toEqual([])
    }, 120_000)
  },
)
