import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { createLogger } from '../../src/observe/log.ts'
import { type RunningServer, startServer } from '../../src/server.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'

const tokens = { alice: 'token-of-alice-member', boss: 'token-of-boss-operator' } as const

/** Starts a whole server whose configuration file lies beside a `policy.yaml` of this text. */
async function start(folder: Folder, policy: string): Promise<RunningServer> {
  folder.write('policy.yaml', policy)
  const tokensFile = folder.write(
    'tokens.json',
    JSON.stringify([
      { token: tokens.alice, user: 'alice', project: 'one', roles: ['member'] },
      { token: tokens.boss, user: 'boss', project: 'two', roles: ['operator', 'member'] },
    ]),
  )
  const text = [
    '[DEFAULT]',
    'bind_host = 127.0.0.1',
    'bind_port = 0',
    '[glance_store]',
    `filesystem_store_datadir = ${join(folder.path, 'images')}`,
    '[glance_server]',
    `data_dir = ${join(folder.path, 'data')}`,
    `tokens_file = ${tokensFile}`,
  ].join('\n')
  const configFiles = [folder.write('glance-api.conf', text)]
  const config = loadConfig({ configFiles, configDirs: [], environment: {}, overrides: {} })
  return startServer(config, createLogger({ debug: false, file: null }, { write: () => {} }))
}

async function create(server: RunningServer, caller: keyof typeof tokens, visibility: string): Promise<Response> {
  return fetch(`${server.url}/v2/images`, {
    method: 'POST',
    headers: { 'x-auth-token': tokens[caller], 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'x', visibility }),
  })
}

describe('a server with a policy.yaml', () => {
  it('decides by its rules and, for the rest, by the default ones', async () => {
    using folder = temporaryFolder()
    const server = await start(folder, '"publicize_image": "role:member"\n"communitize_image": "!"\n')

    try {
      expect((await create(server, 'alice', 'public')).status).toBe(201)
      expect((await create(server, 'alice', 'community')).status).toBe(403)
      expect((await create(server, 'alice', 'private')).status).toBe(201)
    } finally {
      await server.close()
    }
  })

  it('takes whoever its context_is_admin names for an administrator', async () => {
    using folder = temporaryFolder()
    const server = await start(folder, '"context_is_admin": "role:admin or role:operator"\n')

    try {
      const { id } = (await (await create(server, 'alice', 'private')).json()) as { id: string }
      const shown = (caller: keyof typeof tokens): Promise<Response> =>
        fetch(`${server.url}/v2/images/${id}`, { headers: { 'x-auth-token': tokens[caller] } })

      expect((await shown('boss')).status).toBe(200)
      expect((await shown('alice')).status).toBe(200)
    } finally {
      await server.close()
    }
  })

  it('does not start when a rule cannot be read', async () => {
    using folder = temporaryFolder()

    await expect(start(folder, '"get_images": "role:reader or"\n')).rejects.toThrow(
      `${folder.path}/policy.yaml:1: rule get_images cannot be read at character 15`,
    )
  })
})
