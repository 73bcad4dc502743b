/**
 * An emulator of a Datera system: its REST API in front of real iSCSI disks (tgtd), for trying the driver without such a system and for its tests.
 *
 * It keeps to what public clients of Datera know of the API: versions, sessions with keys that end, tenants, app instances and their states, access lists, growing volumes, metadata. It is
 * as strict as they say the real one is: an unknown member of a body is 422.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal } from './answer.ts'
import { type Fault, Faults } from './faults.ts'
import { type ApiCall, handle, type Result } from './routes.ts'
import { System } from './system.ts'
import { Tgt } from './tgt.ts'

/** How an emulator is set up; everything has a default. */
export interface EmulatorSettings {
  /** Port of the API; a free one when 0 or left out. */
  readonly port?: number
  /** Certificate and key in PEM: the API speaks HTTPS then. */
  readonly tls?: { readonly cert: string; readonly key: string }
  readonly login?: string
  readonly password?: string
  /** Versions that it names. `[]`: it does not tell. */
  readonly versions?: readonly string[]
  readonly softwareVersion?: string
  /** How long a session key is good, in milliseconds. */
  readonly keyLifetimeMs?: number
  readonly capacityGib?: number
  readonly looksUntilReady?: number
  readonly resizeOffline?: boolean
}

/** One request that came in, for assertions. */
export interface SeenRequest {
  readonly method: string
  /** Below the version, without the query. */
  readonly path: string
  readonly tenant: string
  readonly body: unknown
}

export class DateraEmulator {
  readonly system: System
  readonly tgt: Tgt
  readonly requests: SeenRequest[] = []
  readonly #settings: Required<Omit<EmulatorSettings, 'tls'>>
  readonly #server: Server
  readonly #folder: string
  readonly #faults = new Faults()
  readonly #keys = new Map<string, number>()
  /** The last change; the next one waits for it, as a target cannot come and go at the same time. */
  #changing: Promise<unknown> = Promise.resolve()

  /** Starts it. Rejects when tgtd is missing, or the port is taken. */
  static async start(settings: EmulatorSettings = {}): Promise<DateraEmulator> {
    const folder = mkdtempSync(join(tmpdir(), 'datera-'))
    let tgt: Tgt | null = null
    try {
      tgt = await Tgt.start(folder)
      const emulator = new DateraEmulator(folder, tgt, settings)
      await new Promise<void>((resolve, reject) => {
        emulator.#server.once('error', reject)
        emulator.#server.listen(settings.port ?? 0, '127.0.0.1', resolve)
      })
      return emulator
    } catch (error) {
      await tgt?.stop()
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  private constructor(folder: string, tgt: Tgt, { tls, ...settings }: EmulatorSettings) {
    this.#folder = folder
    this.tgt = tgt
    this.#settings = {
      port: 0,
      login: 'admin',
      password: 'password',
      versions: ['v2', 'v2.1', 'v2.2'],
      softwareVersion: '3.2.4.0',
      keyLifetimeMs: 15 * 60_000,
      capacityGib: 1_000_000,
      looksUntilReady: 0,
      resizeOffline: false,
      ...settings,
    }
    this.system = new System(tgt, this.#settings)
    const answer = (request: IncomingMessage, response: ServerResponse): void => void this.#answer(request, response)
    this.#server = tls ? createTlsServer({ cert: tls.cert, key: tls.key }, answer) : createServer(answer)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Options of a store on it. The address of a portal is told with its port. */
  get options(): Readonly<Record<string, string>> {
    const { login, password } = this.#settings
    return {
      datera_san_ip: '127.0.0.1',
      datera_san_port: String(this.port),
      datera_san_login: login,
      datera_san_password: password,
      datera_use_ssl: 'encrypted' in this.#server ? 'yes' : 'no',
    }
  }

  /** Names of the app instances that are there, in order. */
  get names(): readonly string[] {
    return [...this.system.instances.values()].map(({ name }) => name).sort()
  }

  fault(fault: Fault): void {
    this.#faults.add(fault)
  }

  mend(): void {
    this.#faults.clear()
  }

  /** Makes every session key end now. */
  expireKeys(): void {
    this.#keys.clear()
  }

  /** Cuts the iSCSI connections of an app instance. @returns how many */
  async cutConnections(name: string): Promise<number> {
    const instance = [...this.system.instances.values()].find((each) => each.name === name)
    return instance ? this.tgt.cut(instance.iqn) : 0
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    await this.tgt.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => {})
    response.on('error', () => {})
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
    }
    const url = new URL(request.url ?? '/', 'http://host')
    const method = request.method ?? ''
    const [, version = '', path = url.pathname] = /^\/(v\d+(?:\.\d+)?)(\/.*)$/.exec(url.pathname) ?? []
    const tenant = String(request.headers['tenant'] ?? '/root')
    try {
      const body = await bodyOf(request)
      const action = this.#faults.actionFor(method, path)
      if (action?.kind === 'reset') return void request.socket.destroy()
      if (action?.kind === 'silence') return
      if (action?.kind === 'answer')
        throw new Refusal(action.status, action.name ?? '', action.message ?? `status ${action.status}`)
      this.requests.push({ method, path, tenant, body })
      const result = await this.#result({ method, path, query: url.searchParams, version, tenant, body }, request)
      if (action?.kind === 'lost answer') return void request.socket.destroy()
      send(200, result)
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error))
      send(refusal.status, {
        name: refusal.fault,
        code: 0,
        http: refusal.status,
        message: refusal.message,
        version,
        tenant,
        path,
      })
    }
  }

  #inTurn(call: ApiCall): Promise<Result> {
    const run = (): Promise<Result> => handle(this.system, call, `127.0.0.1:${this.tgt.port}`)
    if (call.method === 'GET') return run()
    const done = this.#changing.then(run)
    this.#changing = done.catch(() => {})
    return done
  }

  async #result(call: ApiCall, request: IncomingMessage): Promise<unknown> {
    const { versions, login, password } = this.#settings
    if (call.version === '') {
      if (call.path === '/api_versions' && versions.length > 0) return { api_versions: versions }
      throw new Refusal(404, 'InvalidRouteError', 'no such route')
    }
    const known = versions.length > 0 ? versions : ['v2.1']
    if (!known.includes(call.version)) throw new Refusal(404, 'InvalidRouteError', 'no such version')
    if (call.path === '/login' && call.method === 'PUT') {
      const { name, password: given } = (call.body ?? {}) as { name?: unknown; password?: unknown }
      if (name !== login || given !== password) throw new Refusal(401, 'AuthFailedError', 'wrong user or password')
      const key = randomBytes(16).toString('hex')
      this.#keys.set(key, performance.now() + this.#settings.keyLifetimeMs)
      return { key, version: call.version, request_time: 1 }
    }
    const key = String(request.headers['auth-token'] ?? '')
    if ((this.#keys.get(key) ?? 0) < performance.now())
      throw new Refusal(401, 'InvalidSessionKeyError', 'the key does not correspond to a valid session')
    if (call.path === '/logout') {
      this.#keys.delete(key)
      return {}
    }
    if (!this.system.tenants.has(call.tenant))
      throw new Refusal(404, 'NotFoundError', `tenant ${call.tenant} does not exist`)
    const { data, metadata } = await this.#inTurn(call)
    return { tenant: call.tenant, path: call.path, version: call.version, data, metadata, request_time: 1 }
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  if (pieces.length === 0) return null
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch {
    throw new Refusal(400, 'InvalidRequestError', 'the body is no JSON')
  }
}
