/**
 * As much of Keystone (Identity API v3) as the command line `openstack` asks for before it talks to the image service: versions, a token for a password, and projects by id.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Somebody who may log in, with any password. The token is one that the image service knows. */
export interface KeystoneUser {
  readonly name: string
  readonly project: string
  readonly token: string
}

/** A Keystone that listens. */
export interface FakeKeystone extends AsyncDisposable {
  /** What `OS_AUTH_URL` takes. */
  readonly url: string
}

/** Starts one on loopback whose catalog has the image service at `imageUrl`. */
export async function fakeKeystone(users: readonly KeystoneUser[], imageUrl: string): Promise<FakeKeystone> {
  const server = createServer(async (request, response) => {
    const body = await textOf(request)
    const url = `http://${request.headers.host}/v3`
    const project = /^\/v3\/projects\/([^/?]+)$/.exec(request.url ?? '')?.[1]
    if (request.method === 'POST' && request.url === '/v3/auth/tokens') logIn(response, users, body, url, imageUrl)
    else if (project !== undefined) answer(response, 200, { project: { id: project, name: project } })
    else answer(response, 200, { version: { id: 'v3.14', status: 'stable', links: [{ rel: 'self', href: url }] } })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function logIn(
  response: ServerResponse,
  users: readonly KeystoneUser[],
  body: string,
  url: string,
  imageUrl: string,
): void {
  const name: unknown = JSON.parse(body).auth.identity.password.user.name
  const user = users.find((each) => each.name === name)
  if (!user) {
    answer(response, 401, { error: { code: 401, title: 'Unauthorized', message: 'nobody of that name' } })
    return
  }
  const service = (type: string, address: string): object => ({
    id: type,
    type,
    name: type,
    endpoints: ['public', 'admin'].map((kind) => ({ id: kind, interface: kind, region_id: 'r', url: address })),
  })
  const domain = { id: 'default', name: 'Default' }
  response.setHeader('x-subject-token', user.token)
  answer(response, 201, {
    token: {
      methods: ['password'],
      user: { id: user.name, name: user.name, domain },
      project: { id: user.project, name: user.project, domain },
      roles: [{ id: 'member', name: 'member' }],
      issued_at: '2024-01-01T00:00:00.000000Z',
      expires_at: '2100-01-01T00:00:00.000000Z',
      catalog: [service('image', imageUrl), service('identity', url)],
    },
  })
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  return text
}
