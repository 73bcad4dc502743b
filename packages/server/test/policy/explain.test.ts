import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { goodPassword, startFakeKeystone } from '../../../../test/support/fake-keystone.ts'
import { policyCommand } from '../../src/commands/policy.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createLogger } from '../../src/observe/log.ts'
import { startServer } from '../../src/server.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'

const tokens = { alice: 'token-of-alice-member', rita: 'token-of-rita-reader', bob: 'token-of-bob-of-two' } as const
type Caller = keyof typeof tokens

let folder: Folder
let configFile: string
let images: Readonly<Record<'own' | 'shared' | 'public', string>>

/** Makes a data folder with images of project one, as a server leaves it. */
beforeAll(async () => {
  folder = temporaryFolder()
  folder.write('policy.yaml', '"deactivate": "role:operator"\n')
  const tokensFile = folder.write(
    'tokens.json',
    JSON.stringify([
      { token: tokens.alice, user: 'alice', project: 'one', roles: ['member'] },
      { token: tokens.rita, user: 'rita', project: 'one', roles: ['reader'] },
      { token: tokens.bob, user: 'bob', project: 'two', roles: ['member'] },
    ]),
  )
  configFile = folder.write(
    'glance-api.conf',
    [
      '[DEFAULT]',
      'bind_host = 127.0.0.1',
      'bind_port = 0',
      '[glance_store]',
      `filesystem_store_datadir = ${join(folder.path, 'images')}`,
      '[glance_server]',
      `data_dir = ${join(folder.path, 'data')}`,
      `tokens_file = ${tokensFile}`,
    ].join('\n'),
  )
  const config = loadConfig({ configFiles: [configFile], configDirs: [], environment: {}, overrides: {} })
  const server = await startServer(config, createLogger({ debug: false, file: null }, { write: () => {} }))
  try {
    const send = async (path: string, body: unknown): Promise<{ id: string }> => {
      const answer = await fetch(`${server.url}/v2/images${path}`, {
        method: 'POST',
        headers: { 'x-auth-token': server.access.kind === 'local' ? server.access.adminToken : '' },
        body: JSON.stringify(body),
      })
      return (await answer.json()) as { id: string }
    }
    const make = async (visibility: string): Promise<string> =>
      (await send('', { owner: 'one', visibility, disk_format: 'raw', container_format: 'bare' })).id
    images = { own: await make('private'), shared: await make('shared'), public: await make('public') }
    await send(`/${images.shared}/members`, { member: 'two' })
  } finally {
    await server.close()
  }
})
afterEach(() => void vi.restoreAllMocks())
afterAll(() => folder[Symbol.dispose]())

/** What the command prints. */
async function explain(caller: Caller | null, ...request: readonly string[]): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const token = caller === null ? [] : ['--token', tokens[caller]]
  await policyCommand.run(['explain', '--config-file', configFile, ...token, ...request], {})
  return log.mock.calls.at(-1)?.[0] as string
}

describe('policy explain', () => {
  it('tells who asks, the rules with their texts and checks, and the outcome', async () => {
    const text = await explain('alice', 'PATCH', `/v2/images/${images.own}`)

    expect(text.split('\n')).toEqual([
      `PATCH /v2/images/${images.own}`,
      'caller: user alice, project one, roles member reader',
      `image: ${images.own}, owner one, private, queued`,
      '',
      'context_is_admin = "role:admin"',
      'context_is_admin: refused',
      "  role:admin: no, the caller's roles are member, reader",
      '',
      'modify_image = "rule:context_is_admin or (role:member and project_id:%(project_id)s)"',
      'modify_image: allowed',
      '  or: yes',
      '    rule:context_is_admin: no',
      "      role:admin: no, the caller's roles are member, reader",
      '    and: yes',
      "      role:member: yes, the caller's roles are member, reader",
      "      project_id:%(project_id)s: yes, the caller's project_id is 'one', against 'one'",
      '',
      'outcome: allowed; the request would now change the records of images',
    ])
  })

  it('changes nothing, whatever the request', async () => {
    for (const [method, path] of [
      ['DELETE', `/v2/images/${images.own}`],
      ['POST', '/v2/images'],
      ['PUT', `/v2/images/${images.own}/file`],
      ['PUT', `/v2/images/${images.own}/tags/x`],
      ['POST', `/v2/images/${images.shared}/members`],
      ['DELETE', `/v2/images/${images.shared}/members/two`],
    ] as const)
      expect([
        path,
        (await explain('alice', method, path)).includes('outcome: allowed; the request would now'),
      ]).toEqual([path, true])
    expect(await explain('alice', 'DELETE', `/v2/images/${images.own}`)).toContain(
      'allowed; the request would now change the records of images',
    )
    expect(await explain('alice', 'GET', `/v2/images/${images.own}`)).toContain(', private, queued\n')
  })

  it.each([
    ['rita', 'DELETE', 'own', '403 Forbidden: You are not authorized to complete delete_image action.'],
    ['alice', 'POST deactivate', 'own', '403 Forbidden: You are not authorized to complete deactivate action.'],
    ['rita', 'GET', 'own', 'allowed, 200 OK'],
    ['rita', 'GET file', 'own', '403 Forbidden: You are not authorized to complete download_image action.'],
    ['bob', 'GET', 'public', 'allowed, 200 OK'],
    ['bob', 'PATCH', 'public', '403 Forbidden: You are not authorized to complete modify_image action.'],
    ['bob', 'PUT members/two', 'shared', 'allowed; the request would now change the records of members'],
    ['bob', 'GET', 'own', '404 Not Found: No image found with ID'],
  ] as const)('tells what %s gets for %s of the %s image', async (caller, request, image, outcome) => {
    const [method = '', rest] = request.split(' ')
    const below = rest === undefined ? '' : `/${rest === 'deactivate' ? 'actions/deactivate' : rest}`

    expect(await explain(caller, method, `/v2/images/${images[image]}${below}`)).toContain(`outcome: ${outcome}`)
  })

  it('tells that an image is hidden, and by what', async () => {
    expect(await explain('bob', 'GET', `/v2/images/${images.own}`)).toMatch(
      /The image is there, but it is not for this caller to know of it: no rule was asked about it\.$/,
    )
    folder.write('policy.d/more.yaml', '"get_image": "!"\n')
    expect(await explain('alice', 'GET', `/v2/images/${images.own}`)).toMatch(
      /The image is there, but get_image refuses, so the answer is that of an id that does not exist\.$/,
    )
    folder.write('policy.d/more.yaml', '')
    expect(await explain('bob', 'GET', '/v2/images/nope')).toMatch(/404 Not Found: No image found with ID nope$/)
  })

  it('knows tokens of Keystone, too', async () => {
    await using keystone = await startFakeKeystone()
    keystone.tokens.set(tokens.bob, { user: 'carol', project: 'one', roles: ['reader'] })
    const more = folder.write(
      'keystone.conf',
      `[keystone_authtoken]\nauth_url = ${keystone.url}\nusername = glance\npassword = ${goodPassword}\nuser_domain_name = Default\n`,
    )

    const text = await explain('bob', '--config-file', more, '--auth', 'keystone', 'GET', `/v2/images/${images.own}`)

    expect(text).toContain('caller: user carol, project one, roles reader\n')
    expect(text).toContain('outcome: allowed, 200 OK')
  })

  it('takes a body, for what depends on it', async () => {
    const body = JSON.stringify([{ op: 'replace', path: '/visibility', value: 'public' }])

    const text = await explain('alice', 'PATCH', `/v2/images/${images.own}`, '--body', body)

    expect(text).toContain('publicize_image = "rule:context_is_admin"\npublicize_image: refused')
    expect(text).toContain('outcome: 403 Forbidden: You are not authorized to complete publicize_image action.')
  })

  it('tells that nobody was let in', async () => {
    expect(await explain(null, 'GET', '/v2/images')).toContain('caller: unknown\n\noutcome: 401 Unauthorized')
  })

  it.each([
    [[], 'usage: glance-server policy explain'],
    [['explain', 'GET'], 'usage: glance-server policy explain'],
    [['explain', 'GET', 'v2/images'], 'METHOD PATH must be like GET /v2/images'],
    [['explain', '--tokn', 'x', 'GET', '/'], "Unknown option '--tokn'"],
    [['explain', '--data-dir', '/nonexistent', 'GET', '/'], 'holds no tokens yet'],
  ])('refuses %j with words', async (args, words) => {
    await expect(policyCommand.run(args, {})).rejects.toThrow(words)
  })
})
