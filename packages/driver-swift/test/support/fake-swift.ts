/**
 * A Swift in this process: accounts, containers, objects, large objects of both kinds, copies and temporary URLs, all in memory, and switches for what goes wrong with real ones.
 *
 * Where it and a real one (2.30) differ, the real one is right: the conformance suite runs against both.
 */
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What goes wrong with a request, once or several times. */
export interface Fault {
  /** Tested against `METHOD /path?query`, the path below the account. */
  readonly on: RegExp
  /** Requests that it strikes; 1 when left out. */
  readonly times?: number
  /** Requests that fit and pass before it strikes. */
  readonly after?: number
  /**
   * A status answered in place of doing anything; `reset`: the connection breaks and nothing is done; `lost`: it is done, and the connection breaks before the answer;
   * `hang`: nothing ever comes; an ETag to answer; a number of bytes after which a body breaks off; a number of bytes that a body lacks though it ends in order.
   */
  readonly act:
    | { readonly status: number }
    | 'reset'
    | 'lost'
    | 'hang'
    | { readonly etag: string }
    | { readonly breakAfter: number }
    | { readonly beforeAnswer: () => void }
}

/** An object. */
export interface FakeObject {
  readonly data: Buffer
  readonly etag: string
  readonly headers: Readonly<Record<string, string>>
  readonly slo: readonly SloEntry[] | null
  readonly dlo: string | null
}

interface SloEntry {
  readonly path: string
  readonly etag: string
  readonly size_bytes: number
}

interface FakeContainer {
  readonly objects: Map<string, FakeObject>
  readonly headers: Map<string, string>
}

/** A Swift that listens. */
export interface FakeSwift {
  readonly url: string
  readonly authUrl: string
  /** Containers by account (`AUTH_test`). */
  readonly accounts: Map<string, Map<string, FakeContainer>>
  /** `METHOD /path?query` below the account, in order. */
  readonly requests: string[]
  readonly faults: Fault[]
  /** Tokens that are good, with the account of each. */
  readonly tokens: Map<string, string>
  /** What `/info` answers; null for 404. */
  info: unknown
  /** Every object, as `container/object`. */
  names(account?: string): readonly string[]
  object(path: string, account?: string): FakeObject | undefined
  stop(): Promise<void>
}

/** Version 1 takes any user `account:name` with this key. */
export const fakeKey = 'the key of the fake'
export const fakeTempUrlKey = 'temporary key'

const md5 = (data: string | Uint8Array): string => createHash('md5').update(data).digest('hex')

/** Starts one on loopback. It does not keep the process alive. */
export async function startFakeSwift(): Promise<FakeSwift> {
  const sockets = new Set<Socket>()
  let logins = 0
  const fake: FakeSwift = {
    url: '',
    authUrl: '',
    accounts: new Map(),
    requests: [],
    faults: [],
    tokens: new Map(),
    info: {
      swift: { max_file_size: 5_368_709_122 },
      slo: { max_manifest_segments: 1000 },
      tempurl: { allowed_digests: ['sha1', 'sha256', 'sha512'] },
    },
    names: (account = 'AUTH_test') =>
      [...(fake.accounts.get(account) ?? [])].flatMap(([container, { objects }]) =>
        [...objects.keys()].map((name) => `${container}/${name}`),
      ),
    object: (path, account = 'AUTH_test') => {
      const slash = path.indexOf('/')
      return fake.accounts
        .get(account)
        ?.get(path.slice(0, slash))
        ?.objects.get(path.slice(slash + 1))
    },
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    const work = (): Promise<void> => {
      if (url.pathname === '/auth/v1.0') return logIn(request, response)
      if (url.pathname === '/info')
        return answer(response, fake.info === null ? 404 : 200, {}, JSON.stringify(fake.info))
      return new Exchange(fake, request, response, url).run()
    }
    work().catch(() => response.destroy())
  })
  const logIn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    fake.requests.push('GET /auth/v1.0')
    const struck = strike(fake, 'GET /auth/v1.0')
    if (struck && typeof struck === 'object' && 'status' in struck) return answer(response, struck.status)
    const { 'x-auth-user': user, 'x-auth-key': key } = request.headers
    if (key !== fakeKey) return answer(response, 401)
    logins += 1
    const account = `AUTH_${String(user).split(':')[0]}`
    fake.tokens.set(`token-${logins}`, account)
    await answer(response, 200, { 'x-auth-token': `token-${logins}`, 'x-storage-url': `${fake.url}/v1/${account}` })
  }
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(fake, { url, authUrl: `${url}/auth/v1.0` })
}

function strike(fake: FakeSwift, line: string): Fault['act'] | null {
  for (const [index, fault] of fake.faults.entries()) {
    if (!fault.on.test(line)) continue
    const { after = 0, times = 1 } = fault
    if (after > 0) fake.faults[index] = { ...fault, after: after - 1 }
    else if (times > 1) fake.faults[index] = { ...fault, times: times - 1 }
    else fake.faults.splice(index, 1)
    return after > 0 ? null : fault.act
  }
  return null
}

async function answer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = '',
): Promise<void> {
  response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers })
  response.end(body)
}

/** One request to an account and its answer. */
class Exchange {
  readonly #fake: FakeSwift
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #url: URL
  readonly #account: string
  readonly #container: string | undefined
  readonly #object: string | undefined
  readonly #line: string

  constructor(fake: FakeSwift, request: IncomingMessage, response: ServerResponse, url: URL) {
    this.#fake = fake
    this.#request = request
    this.#response = response
    this.#url = url
    const [, account = '', container, object] = /^\/v1\/([^/]+)(?:\/([^/]+)(?:\/(.+))?)?$/.exec(url.pathname) ?? []
    this.#account = account
    this.#container = container && decodeURIComponent(container)
    this.#object = object && decodeURIComponent(object)
    this.#line = `${request.method} ${url.pathname.slice(`/v1/${account}`.length)}${url.search}`
  }

  async run(): Promise<void> {
    this.#fake.requests.push(this.#line)
    const act = strike(this.#fake, this.#line)
    if (act === 'hang') return
    if (act === 'reset') {
      // After some of the body, as real connections do.
      if (Number(this.#request.headers['content-length'] ?? 0) > 0) await once(this.#request, 'data')
      this.#request.socket.destroy()
      return
    }
    if (act !== null && typeof act === 'object' && 'status' in act) {
      this.#request.resume()
      await once(this.#request, 'end')
      return answer(this.#response, act.status)
    }
    if (!this.#allowed()) {
      this.#request.resume()
      return answer(this.#response, 401)
    }
    const [status, headers, body] = await this.#reply()
    if (act === 'lost') return void this.#request.socket.destroy()
    if (act !== null && 'beforeAnswer' in act) act.beforeAnswer()
    if (act !== null && 'breakAfter' in act) {
      this.#response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) })
      this.#response.write(Buffer.from(body).subarray(0, act.breakAfter), () => this.#request.socket.destroy())
      return
    }
    const changed = act !== null && 'etag' in act ? { ...headers, etag: act.etag } : headers
    await answer(this.#response, status, changed, body)
  }

  #allowed(): boolean {
    const token = String(this.#request.headers['x-auth-token'] ?? '')
    if (this.#fake.tokens.get(token) === this.#account) return true
    const query = this.#url.searchParams
    const signature = query.get('temp_url_sig')
    const expires = query.get('temp_url_expires')
    const text = `GET\n${expires}\n${decodeURIComponent(this.#url.pathname)}`
    return (
      signature === createHmac('sha256', fakeTempUrlKey).update(text).digest('hex') &&
      Number(expires) > Date.now() / 1000
    )
  }

  get #containers(): Map<string, FakeContainer> {
    const found = this.#fake.accounts.get(this.#account) ?? new Map()
    this.#fake.accounts.set(this.#account, found)
    return found
  }

  async #reply(): Promise<[number, Record<string, string>, string | Buffer]> {
    const { method } = this.#request
    const container = this.#containers.get(this.#container ?? '')
    if (this.#container === undefined) return this.#accountReply()
    if (this.#object !== undefined) return container ? this.#objectReply(container, this.#object) : this.#drained(404)
    if (method === 'PUT') {
      if (!container) this.#containers.set(this.#container, { objects: new Map(), headers: new Map() })
      return [container ? 202 : 201, {}, '']
    }
    if (!container) return [404, {}, '']
    if (method === 'POST') {
      for (const name of ['x-container-read', 'x-container-write'])
        container.headers.set(name, String(this.#request.headers[name] ?? ''))
      return [204, {}, '']
    }
    if (method === 'DELETE') {
      if (container.objects.size > 0) return [409, {}, '']
      this.#containers.delete(this.#container)
      return [204, {}, '']
    }
    if (method === 'HEAD') return [204, Object.fromEntries(container.headers), '']
    return [200, { 'content-type': 'application/json' }, JSON.stringify(this.#listed(container))]
  }

  #accountReply(): [number, Record<string, string>, string] {
    const prefix = this.#url.searchParams.get('prefix') ?? ''
    const found = [...this.#containers.keys()].filter((name) => name.startsWith(prefix)).map((name) => ({ name }))
    return [200, { 'content-type': 'application/json' }, JSON.stringify(found)]
  }

  #listed({ objects }: FakeContainer): unknown[] {
    const { prefix = '', marker = '' } = Object.fromEntries(this.#url.searchParams)
    // Pages of three, so that paging is not forgotten.
    return [...objects]
      .filter(([name]) => name.startsWith(prefix) && name > marker)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, 3)
      .map(([name, { data, etag }]) => ({ name, bytes: data.byteLength, hash: etag }))
  }

  async #drained(status: number): Promise<[number, Record<string, string>, string]> {
    this.#request.resume()
    if (!this.#request.readableEnded) await once(this.#request, 'end')
    return [status, {}, '']
  }

  async #objectReply(
    container: FakeContainer,
    name: string,
  ): Promise<[number, Record<string, string>, string | Buffer]> {
    const { method, headers } = this.#request
    const query = this.#url.searchParams.get('multipart-manifest')
    if (method === 'PUT') {
      const free = headers['if-none-match'] === undefined || !container.objects.has(name)
      if (!free) return this.#drained(412)
      const body = Buffer.concat(await this.#request.toArray())
      return this.#put(container, name, body, query === 'put')
    }
    const object = container.objects.get(name)
    if (!object) return [404, {}, '']
    if (method === 'DELETE') {
      if (query === 'delete' && object.slo) for (const { path } of object.slo) this.#remove(path)
      container.objects.delete(name)
      const status = { 'Response Status': '200 OK', Errors: [] }
      return query === 'delete' ? [200, {}, JSON.stringify(status)] : [204, {}, '']
    }
    if (query === 'get' && object.slo) {
      const shown = object.slo.map(({ path, etag, size_bytes: bytes }) => ({ name: path, hash: etag, bytes }))
      return [200, {}, JSON.stringify(shown)]
    }
    return this.#read(object, method === 'HEAD')
  }

  #read(object: FakeObject, head: boolean): [number, Record<string, string>, string | Buffer] {
    const data = this.#whole(object)
    const kind: Record<string, string> = {
      ...object.headers,
      ...(object.slo ? { 'x-static-large-object': 'True' } : {}),
      ...(object.dlo === null ? {} : { 'x-object-manifest': object.dlo }),
      etag: object.slo || object.dlo !== null ? `"${object.etag}"` : object.etag,
    }
    if (head) return [200, { ...kind, 'content-length': String(data.byteLength) }, '']
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(this.#request.headers.range ?? '') ?? []
    if (first === undefined || data.byteLength === 0) return [200, kind, data]
    if (Number(first) >= data.byteLength) return [416, { 'content-range': `bytes */${data.byteLength}` }, '']
    const end = Math.min(last ? Number(last) + 1 : data.byteLength, data.byteLength)
    const range = `bytes ${first}-${end - 1}/${data.byteLength}`
    return [206, { ...kind, 'content-range': range }, data.subarray(Number(first), end)]
  }

  #whole(object: FakeObject): Buffer {
    if (object.slo) return Buffer.concat(object.slo.map(({ path }) => this.#find(path)?.data ?? Buffer.alloc(0)))
    if (object.dlo === null) return object.data
    const [container = '', prefix = ''] = object.dlo.split('/').map(decodeURIComponent)
    const objects = [...(this.#containers.get(container)?.objects ?? [])]
    const parts = objects.filter(([name]) => name.startsWith(prefix)).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return Buffer.concat(parts.map(([, { data }]) => data))
  }

  #find(path: string): FakeObject | undefined {
    const [, container = '', name = ''] = /^\/?([^/]+)\/(.+)$/.exec(path) ?? []
    return this.#containers.get(container)?.objects.get(name)
  }

  #remove(path: string): void {
    const [, container = '', name = ''] = /^\/?([^/]+)\/(.+)$/.exec(path) ?? []
    this.#containers.get(container)?.objects.delete(name)
  }

  #put(
    container: FakeContainer,
    name: string,
    body: Buffer,
    manifest: boolean,
  ): [number, Record<string, string>, string] {
    const { headers } = this.#request
    const meta = Object.fromEntries(
      Object.entries(headers).filter((pair): pair is [string, string] => pair[0].startsWith('x-object-meta-')),
    )
    const plain = { headers: meta, slo: null, dlo: null }
    if (manifest) {
      const slo: readonly SloEntry[] = JSON.parse(body.toString())
      const fits = slo.every(({ path, etag, size_bytes: size }) => {
        const found = this.#find(path)
        return found?.etag === etag && found.data.byteLength === size
      })
      if (!fits) return [400, {}, '']
      const etag = md5(slo.map((entry) => entry.etag).join(''))
      container.objects.set(name, { ...plain, data: Buffer.alloc(0), etag, slo })
      return [201, { etag: `"${etag}"` }, '']
    }
    const from = headers['x-copy-from']
    const data = typeof from === 'string' ? this.#find(decodeURIComponent(from))?.data : body
    if (!data) return [404, {}, '']
    const etag = md5(data)
    if (headers.etag !== undefined && headers.etag !== etag) return [422, {}, '']
    const dlo = headers['x-object-manifest']
    container.objects.set(name, { ...plain, data, etag, dlo: typeof dlo === 'string' ? dlo : null })
    return [201, { etag }, '']
  }
}
