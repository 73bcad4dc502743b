import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FakeKeystone, goodPassword, startFakeKeystone } from '../../../../test/support/fake-keystone.ts'
import { type KeystoneAuthenticator, keystoneAuthenticator } from '../../src/auth/keystone.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type Api, openApi } from '../support/api.ts'

let keystone: FakeKeystone
let authenticator: KeystoneAuthenticator
let api: Api
let port: number

beforeEach(async () => {
  keystone = await startFakeKeystone()
  keystone.tokens.set('of-alice', {})
  keystone.tokens.set('of-root', { user: 'root', roles: ['admin', 'member', 'reader'] })
  keystone.tokens.set('of-nova', { user: 'nova', roles: ['service'] })
  const account = { auth_url: keystone.url, username: 'glance', password: goodPassword, user_domain_name: 'Default' }
  const { values, keystoneLogin } = loadConfig({
    configFiles: [],
    configDirs: [],
    environment: {},
    overrides: { keystone_authtoken: { ...account, token_cache_time: '-1' } },
  })
  authenticator = keystoneAuthenticator(values.keystone_authtoken, keystoneLogin, { warn: () => {} })
  api = await openApi({ authenticator })
  await api.app.listen({ port: 0, host: '127.0.0.1' })
  port = (api.app.server.address() as AddressInfo).port
})
afterEach(async () => {
  await api[Symbol.asyncDispose]()
  await authenticator.close()
  await keystone.stop()
})

async function call(
  token: string,
  method: string,
  path: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const body = method === 'POST' ? { body: JSON.stringify({ disk_format: 'raw', container_format: 'bare' }) } : {}
  return fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { 'x-auth-token': token, ...more }, ...body })
}

/** An image of alice's whose upload has begun and waits for more. */
async function begunUpload(): Promise<{
  readonly id: string
  readonly upload: ClientRequest
  readonly answer: Promise<IncomingMessage>
}> {
  const { id } = (await (await call('of-alice', 'POST', '/v2/images')).json()) as { id: string }
  const upload = request({
    port,
    host: '127.0.0.1',
    method: 'PUT',
    path: `/v2/images/${id}/file`,
    headers: { 'x-auth-token': 'of-alice', 'content-type': 'application/octet-stream' },
  })
  const answer = once(upload, 'response').then(([response]) => response as IncomingMessage)
  upload.write('first half, ')
  while ((await api.deps.images.find(id, null))?.image.status !== 'saving') await new Promise(setImmediate)
  return { id, upload, answer }
}

function expireTokenOfAlice(): void {
  keystone.tokens.set('of-alice', { expiresIn: -1000 })
}

describe('a token that expires in the middle of an upload', () => {
  it('was good when the upload began, so the data are kept', async () => {
    const { id, upload, answer } = await begunUpload()
    expireTokenOfAlice()

    upload.end('second half')
    const response = await answer
    response.resume()

    expect(response.statusCode).toBe(204)
    expect((await call('of-alice', 'GET', `/v2/images/${id}`)).status).toBe(401)
    const data = await call('of-alice', 'GET', `/v2/images/${id}/file`, { 'x-service-token': 'of-nova' })
    expect([data.status, await data.text()]).toEqual([200, 'first half, second half'])
  })

  it('leaves no data of an image that is deleted meanwhile (OSSA-2015-020)', async () => {
    const whole = await begunUpload()
    whole.upload.end()
    await whole.answer.then((response) => response.resume())
    const kept = (await api.deps.images.find(whole.id, null))?.image.locations[0]?.url ?? ''
    const { id, upload, answer } = await begunUpload()
    expireTokenOfAlice()

    const deletion = await call('of-root', 'DELETE', `/v2/images/${id}`)
    upload.on('error', () => {})
    upload.end('second half')
    const response = await answer
    response.resume()

    expect([deletion.status, response.statusCode]).toEqual([204, 410])
    const { signal } = new AbortController()
    expect(await api.deps.stores.default.getSize(kept, { signal })).toBe(12)
    await expect(api.deps.stores.default.getSize(kept.replace(whole.id, id), { signal })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('begins no upload, unless a service vouches for it', async () => {
    const { id } = (await (await call('of-alice', 'POST', '/v2/images')).json()) as { id: string }
    expireTokenOfAlice()
    const put = (more: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/v2/images/${id}/file`, {
        method: 'PUT',
        headers: { 'x-auth-token': 'of-alice', 'content-type': 'application/octet-stream', ...more },
        body: 'data',
      })

    expect((await put({})).status).toBe(401)
    expect((await put({ 'x-service-token': 'of-nova' })).status).toBe(204)
  })
})
