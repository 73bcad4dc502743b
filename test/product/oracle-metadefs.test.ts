/**
 * The same requests about metadata definitions to a real glance-api and to ours, by the same callers: status, headers and bodies have to be the same, but for the differences that are intended and listed
 * here with their reasons.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { backends } from '../../tools/backends.ts'
import { type Answer, answerOf, differencesOf, type Intended, same } from '../support/compare-answers.ts'
import { type GlanceApi, startGlanceApi } from '../support/glance-api-process.ts'
import {
  type MetadefCaller,
  type MetadefExchange,
  metadefCallers,
  metadefExchanges,
} from '../support/metadef-exchanges.ts'
import { describeWithBackend } from '../support/require-backend.ts'
import { type ServerProcess, startServer } from '../support/server-process.ts'

const intended: readonly Intended<MetadefExchange>[] = [
  {
    why: 'the schemas describe their members in our own words',
    isIt: (real, ours, { path }) =>
      path.startsWith('/v2/schemas/') && real.status === 200 && same(undescribed(real), undescribed(ours)),
  },
  {
    why: 'a value that breaks the schema is told in one sentence; Glance prints the schema and the value in Python',
    isIt: (real, ours) =>
      real.status === 400 &&
      ours.status === 400 &&
      real.body.includes('does not match schema') &&
      ours.body.includes('does not match schema'),
  },
  {
    why: 'what breaks a rule that Glance finds out about too late is a fault of the client, not of the server',
    isIt: (real, ours) => real.status === 500 && ours.status === 400,
  },
  {
    why: 'unknown parameters have no effect, as in lists',
    isIt: (real, ours, { path }) => real.status === 500 && ours.status === 200 && path.includes('x=1'),
  },
  {
    why: 'an answer without content has no type and no length of it (RFC 9110)',
    isIt: (real, ours) => real.status === 204 && ours.status === 204 && ours.body === '',
  },
  {
    why: 'addresses are percent-encoded where they have to be',
    isIt: (real, ours) =>
      real.status === ours.status && same(ours, JSON.parse(JSON.stringify(real).replaceAll(addresses, encoded))),
  },
  {
    why: 'what is not there is said in the same words everywhere, whether it does not exist or is not to be known',
    isIt: (real, ours) =>
      real.status === 404 && ours.status === 404 && /Namespace .* not found|prefix|resource-type/.test(ours.body),
  },
  {
    why: 'a name that is taken is told in the same words everywhere',
    isIt: (real, ours) => real.status === 409 && ours.status === 409 && real.body.includes('Invalid update'),
  },
  {
    why: 'what fails half way leaves nothing behind',
    isIt: (real, ours, { path }) =>
      (real.status === 200 || real.status === 204) && ours.status === 404 && /\/namespaces\/(x|half%20\d)$/.test(path),
  },
  {
    why: 'what is outside the characters a database can hold is told with its place',
    isIt: (real, ours) => real.status === 400 && ours.status === 400 && ours.body.includes('Basic Multilingual'),
  },
  {
    why: 'names that no address reaches, that are too long or that cannot be kept are refused',
    isIt: (real, ours) =>
      real.status === 201 && ours.status === 400 && /is too (short|long)|cannot be kept/.test(ours.body),
  },
  {
    why: 'what was refused cannot be deleted',
    isIt: (real, ours, { method, path }) =>
      method === 'DELETE' && real.status === 204 && ours.status === 404 && path.endsWith('x'.repeat(81)),
  },
  {
    why: 'defaults and bounds are kept as they are; Glance loses lists, objects and fractions, and refuses what is not ASCII',
    isIt: (real, ours, { body, path }) =>
      (ours.status === 201 && /"default":(\[|\{|"é)|2\.5/.test(String(body))) ||
      (path.endsWith('/plain/properties') && same(withoutBetter(real), withoutBetter(ours))),
  },
  {
    why: 'objects may have confidential properties, as namespaces may',
    isIt: (real, ours, { body }) => real.status === 400 && ours.status === 201 && /confidential/.test(String(body)),
  },
  {
    why: 'an empty filter is told, instead of finding nothing',
    isIt: (_real, ours, { path }) => ours.status === 400 && path.endsWith('visibility='),
  },
  {
    why: 'a slash in a name is escaped in addresses, and then names what it should',
    isIt: (_real, ours, { path, body }) =>
      (path.endsWith('a%2Fb') || String(body).includes('a/b')) && ours.status < 300,
  },
  {
    why: 'an address that ends where a name should be names nothing',
    isIt: (real, ours, { path }) => path.endsWith('/') && real.status === 404 && ours.status === 404,
  },
  {
    why: 'names in a path are UTF-8; Glance takes their bytes for Latin-1',
    isIt: (real, ours) => real.body.includes('tÃ©') && same(real.body.replaceAll('tÃ©', 'té'), ours.body),
  },
]

const addresses = /\/v2\/metadefs\/namespaces\/[^"\\]+/g
const encoded = (address: string): string => address.replaceAll(' ', '%20').replaceAll('é', '%C3%A9')
/** Properties of which ours keeps more. */
const better = /^p[5678]$/

function withoutBetter({ status, body }: Answer): unknown {
  const { properties } = JSON.parse(body) as { properties: object }
  return [status, Object.entries(properties).filter(([name]) => !better.test(name))]
}

function undescribed({ status, headers, body }: Answer): unknown {
  return [status, headers, body.replaceAll(/"description":"[^"]+"/g, '"description":…')]
}

/** What tells a glance-api behind Keystone's middleware who asks. */
function toldIdentity(by: MetadefCaller): Readonly<Record<string, string>> {
  const { project, roles } = metadefCallers[by]
  return {
    'x-identity-status': 'Confirmed',
    'x-user-id': by,
    'x-project-id': project,
    'x-roles': roles.join(','),
  }
}

/** Errors as text are the easiest to read. To a HEAD neither side can show one. */
function accepted({ method }: MetadefExchange): Readonly<Record<string, string>> {
  return method === 'HEAD' ? {} : { accept: 'text/plain' }
}

const tokenOf = (by: MetadefCaller): string => `a-token-that-is-${by}'s`

describeWithBackend(
  { describe, it },
  'glance-api',
  () => backends['glance-api']?.probe() ?? 'not in the table',
  'a real glance-api and ours',
  () => {
    let folder: string
    let real: GlanceApi
    let ours: ServerProcess

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'glance-metadefs-'))
      const dataDir = join(folder, 'data')
      mkdirSync(dataDir)
      const people = Object.entries(metadefCallers).map(([user, { project, roles }]) => ({
        token: tokenOf(user as MetadefCaller),
        user,
        project,
        roles,
      }))
      writeFileSync(join(dataDir, 'tokens.json'), JSON.stringify(people))
      real = await startGlanceApi({
        believesHeaders: true,
        options: ['enforce_secure_rbac = true'],
        sections: { oslo_policy: ['enforce_new_defaults = true', 'enforce_scope = true'] },
      })
      ours = await startServer({ dataDir })
    }, 180_000)
    afterAll(async () => {
      await real?.[Symbol.asyncDispose]()
      await ours?.[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    })

    it(`answer ${metadefExchanges.length} requests about metadata definitions alike, but for what is intended`, async () => {
      const none = new Map<string, string>()
      const ask = (base: string, exchange: MetadefExchange, who: Readonly<Record<string, string>>) =>
        answerOf(base, { ...exchange, headers: { ...accepted(exchange), ...exchange.headers, ...who } }, none)

      const { differences, missed } = await differencesOf(metadefExchanges, intended, (exchange) =>
        Promise.all([
          ask(real.url, exchange, toldIdentity(exchange.by)),
          ask(ours.url, exchange, { 'x-auth-token': tokenOf(exchange.by) }),
        ]),
      )

      expect(differences).toEqual([])
      expect(missed).toEqual([])
    }, 180_000)
  },
)
