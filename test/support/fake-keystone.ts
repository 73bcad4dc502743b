/**
 * A Keystone in this process: users, tokens and a catalog out of a list, and switches for what goes wrong with real ones.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

/** Who has a token. */
export interface FakeToken {
  readonly user?: string
  readonly project?: string | null
  readonly roles?: readonly string[]
  /** Milliseconds from now; negative for one that has expired. An hour by default. */
  readonly expiresIn?: number
  /** Further members of the body's `token`. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** What goes wrong from now on. */
export interface Faults {
  /** Statuses of the next answers, one each. */
  statuses: number[]
  /** Answers wait until this resolves. */
  hold: Promise<void> | null
  /** Text that stands in for every body. */
  body: string | null
  /** Tokens of log-ins expire after this many milliseconds. */
  loginExpiresIn: number
}

/** A request that came in. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

export interface FakeKeystone {
  readonly url: string
  readonly requests: SeenRequest[]
  readonly faults: Faults
  /** Tokens that can be checked; tokens of log-ins come on top. */
  readonly tokens: Map<string, FakeToken>
  /** Tokens of log-ins that are still good. */
  readonly issued: Set<string>
  /** What else a log-in may read: the answer by the path below `/v3`, with its query. */
  readonly documents: Map<string, unknown>
  /** How many log-ins, and how many checks, were asked for. */
  count(kind: 'logins' | 'checks'): number
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export const goodPassword = 'correct horse'

/** Where the pre-made certificates lie. They are good for 127.0.0.1, and for nothing else. */
export function tlsFile(name: 'authority.pem' | 'origin.pem' | 'origin-key.pem'): string {
  return new URL(`tls/${name}`, import.meta.url).pathname
}

/** Starts one on loopback. `tls` makes it https, `clients` makes it want certificates of its clients. */
export async function startFakeKeystone({ tls = false, clients = false } = {}): Promise<FakeKeystone> {
  const requests: SeenRequest[] = []
  const faults: Faults = { statuses: [], hold: null, body: null, loginExpiresIn: 3_600_000 }
  const tokens = new Map<string, FakeToken>()
  const issued = new Set<string>()
  const documents = new Map<string, unknown>()
  const sockets = new Set<Socket>()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = Buffer.concat(await request.toArray()).toString()
    const body: unknown = text === '' ? null : JSON.parse(text)
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body })
    await faults.hold
    const status = faults.statuses.shift()
    const [code, headers, content] =
      status === undefined ? reply(request, body, { tokens, issued, documents, faults }) : [status, {}, { error: {} }]
    response.writeHead(code, { 'content-type': 'application/json', ...headers })
    response.end(faults.body ?? JSON.stringify(content))
  }
  const listener = (request: IncomingMessage, response: ServerResponse): void => void answer(request, response)
  const read = (name: Parameters<typeof tlsFile>[0]): Buffer => readFileSync(tlsFile(name))
  const server: Server = tls
    ? createTlsServer(
        { cert: read('origin.pem'), key: read('origin-key.pem'), ca: read('authority.pem'), requestCert: clients },
        listener,
      )
    : createServer(listener)
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = async (): Promise<void> => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    tokens,
    issued,
    documents,
    count: (kind) => requests.filter(({ method }) => method === (kind === 'logins' ? 'POST' : 'GET')).length,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

interface State {
  readonly tokens: ReadonlyMap<string, FakeToken>
  readonly issued: Set<string>
  readonly documents: ReadonlyMap<string, unknown>
  readonly faults: Faults
}

type Reply = readonly [number, Readonly<Record<string, string>>, unknown]

function reply(request: IncomingMessage, body: unknown, { tokens, issued, documents, faults }: State): Reply {
  const url = new URL(request.url ?? '/', 'http://fake')
  if (url.pathname !== '/v3/auth/tokens') {
    if (!issued.has(String(request.headers['x-auth-token']))) return [401, {}, { error: {} }]
    const document = documents.get(`${url.pathname.slice('/v3'.length)}${url.search}`)
    return document === undefined ? [404, {}, { error: {} }] : [200, {}, document]
  }
  if (request.method === 'POST') {
    if (!JSON.stringify(body).includes(goodPassword)) return [401, {}, { error: {} }]
    const id = `issued-${issued.size + 1}-${Math.round(performance.now() * 1000)}`
    issued.add(id)
    return [201, { 'x-subject-token': id }, tokenBody({ user: 'glance', expiresIn: faults.loginExpiresIn })]
  }
  if (!issued.has(String(request.headers['x-auth-token']))) return [401, {}, { error: {} }]
  const asked = String(request.headers['x-subject-token'])
  const token = tokens.get(asked)
  const expired = (token?.expiresIn ?? 1) <= 0
  if (!token || (expired && !url.searchParams.has('allow_expired'))) return [404, {}, { error: {} }]
  return [200, {}, tokenBody(token)]
}

function tokenBody({
  user = 'alice',
  project = 'one',
  roles = ['member', 'reader'],
  expiresIn = 3_600_000,
  more,
}: FakeToken): unknown {
  const domain = { id: 'default', name: 'Default' }
  return {
    token: {
      methods: ['password'],
      user: { id: user, name: `name of ${user}`, domain },
      expires_at: new Date(Date.now() + expiresIn).toISOString(),
      ...(project === null ? {} : { project: { id: project, name: `name of ${project}`, domain } }),
      roles: roles.map((name) => ({ id: `id-of-${name}`, name })),
      ...more,
    },
  }
}
