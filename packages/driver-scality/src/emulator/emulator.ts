/**
 * An emulator of sproxyd: several connectors over one ring of objects, for trying the driver without a RING and for its tests.
 *
 * It speaks the part of the protocol that public clients of Scality use: `.conf`, PUT with and without a length, with `If-None-Match: *` and `If-Match: *`, GET with ranges, HEAD,
 * DELETE, user metadata. An object appears when its body has ended properly, and not before. Objects are kept in memory, up to a capacity; beyond it the answer is 507.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ConfForm, formatConf } from './conf.ts'
import { type Fault, Faults } from './faults.ts'
import { answerObject } from './objects.ts'
import { Ring } from './ring.ts'

/** How an emulator is set up; everything has a default. */
export interface EmulatorSettings {
  /** Number of connectors; 2. */
  readonly connectors?: number
  /** Port of the first one, the others follow; free ones when 0 or left out. */
  readonly port?: number
  /** Address to listen at; loopback. */
  readonly address?: string
  /** Names of the ring's drivers, which are the last segment of an endpoint; `chord_path`. */
  readonly aliases?: readonly string[]
  /** Name of the ring. */
  readonly ring?: string
  /** Most bytes of all objects; 1 GiB. */
  readonly capacity?: number
  readonly conf?: ConfForm
  /** Whether names may be used instead of keys; true. */
  readonly byPath?: boolean
  /** What DELETE answers for a name that is not there; 200 as most versions do, or 404. */
  readonly missingDelete?: 200 | 404
  /** Basic credentials that every request must carry, `user:password`. */
  readonly credentials?: string
}

/** One request that came in, for assertions. */
export interface SeenRequest {
  readonly connector: number
  readonly method: string
  readonly name: string
  readonly headers: IncomingMessage['headers']
}

/** What handlers of requests share. */
export interface EmulatorState {
  readonly ring: Ring
  readonly faults: Faults
  readonly missingDelete: 200 | 404
}

export class SproxydEmulator {
  readonly ring: Ring
  /** Every request but those for `.conf`, in order. */
  readonly requests: SeenRequest[] = []
  readonly #faults = new Faults()
  readonly #settings: Required<Omit<EmulatorSettings, 'credentials'>> & { readonly credentials: string | null }
  readonly #servers: (Server | null)[] = []
  readonly #ports: number[] = []

  /** Starts it. Rejects when a port is taken. */
  static async start(settings: EmulatorSettings = {}): Promise<SproxydEmulator> {
    const emulator = new SproxydEmulator(settings)
    const { connectors, port } = emulator.#settings
    try {
      for (let index = 0; index < connectors; index += 1) {
        emulator.#ports[index] = port === 0 ? 0 : port + index
        await emulator.resume(index)
      }
    } catch (error) {
      await emulator.close()
      throw error
    }
    return emulator
  }

  private constructor({ credentials, ...settings }: EmulatorSettings) {
    this.#settings = {
      connectors: 2,
      port: 0,
      address: '127.0.0.1',
      aliases: ['chord_path'],
      ring: 'DATA',
      capacity: 1024 ** 3,
      conf: 'json',
      byPath: true,
      missingDelete: 200,
      ...settings,
      credentials: credentials ?? null,
    }
    this.ring = new Ring(this.#settings.capacity)
  }

  /** URLs of an alias at every connector, as `scality_sproxyd_endpoints` takes them. */
  endpoints(alias: string = this.#settings.aliases[0] ?? ''): readonly string[] {
    const { address } = this.#settings
    const host = address.includes(':') ? `[${address}]` : address
    return this.#ports.map((port) => `http://${host}:${port}/proxy/${alias}/`)
  }

  /** Switches a fault on. */
  fault(fault: Fault): void {
    this.#faults.add(fault)
  }

  /** Switches every fault off. */
  mend(): void {
    this.#faults.clear()
  }

  /** Stops a connector: its connections break, and nobody listens at its port. */
  async stop(index: number): Promise<void> {
    const server = this.#servers[index]
    if (!server) return
    this.#servers[index] = null
    server.closeAllConnections()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }

  /** Starts a connector, again at the port that it had. */
  async resume(index: number): Promise<void> {
    if (this.#servers[index]) return
    const server = createServer((request, response) => this.#answer(index, request, response))
    server.keepAliveTimeout = 25_000
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#ports[index], this.#settings.address, resolve)
    })
    this.#ports[index] = (server.address() as AddressInfo).port
    this.#servers[index] = server
  }

  /** Stops every connector; the objects are gone with the emulator. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map((_, index) => this.stop(index)))
  }

  #answer(connector: number, request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => {})
    response.on('error', () => {})
    const { credentials, aliases } = this.#settings
    const [, alias = '', rawName = ''] = /^\/(?:proxy\/)?([^/]+)\/([^/?]*)$/.exec(request.url ?? '') ?? []
    const method = request.method ?? ''
    const name = decoded(rawName)
    if (!aliases.includes(alias) || name === null || name === '') return void response.writeHead(404).end()
    if (
      credentials !== null &&
      request.headers.authorization !== `Basic ${Buffer.from(credentials).toString('base64')}`
    )
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="sproxyd"' }).end()
    const action = this.#faults.actionFor({ method, name, connector })
    if (name === '.conf') {
      if (action?.kind === 'status') response.writeHead(action.status).end()
      else if (action) request.socket.destroy()
      else response.end(formatConf({ ...this.#settings, port: this.#ports[connector] ?? 0 }, this.#settings.conf))
      return
    }
    this.requests.push({ connector, method, name, headers: request.headers })
    if (!this.#settings.byPath && !/^[0-9A-F]{40}$/i.test(name)) return void response.writeHead(400).end()
    const state = { ring: this.ring, faults: this.#faults, missingDelete: this.#settings.missingDelete }
    answerObject(state, { alias, name, action }, request, response)
  }
}

function decoded(name: string): string | null {
  try {
    return decodeURIComponent(name)
  } catch {
    return null
  }
}
