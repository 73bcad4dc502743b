/**
 * A correct driver on a made-up backend, to be broken in one place at a time.
 *
 * The backend is a map from paths to bytes that all toy stores share, as file systems and object stores are shared. An image of the store
 * with root `r1` is the object `/r1/<id>`; its location is `toy://host/r1/<id>`. An upload under way is the object `/r1/<id>#part`.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type AddOptions,
  type AddResult,
  abortError,
  type CallOptions,
  type CopySource,
  type DriverDefinition,
  defineDriver,
  flag,
  type GetOptions,
  integer,
  isImageId,
  type OptionTable,
  optionTable,
  redactLocation,
  type StoreCapabilities,
  type StoreDriver,
  type StoredImage,
  StoreError,
  secret,
  text,
} from '@glance/core'
import type { Harness, RawOptions } from '../../src/index.ts'

export const toyOptions: OptionTable = optionTable({
  root: text({ glance: 'toy_root', required: true, help: 'Where the store lies in the backend.' }),
  password: secret({ glance: 'toy_password', default: 'open sesame', help: 'What the backend asks for.' }),
  attempts: integer({ default: 3, min: 1, help: 'How often something is tried.' }),
  down: flag({ default: false, help: 'Whether nobody answers.' }),
})

export const backend = new Map<string, Uint8Array>()

/** The password of the toy backend; no message may hold it. */
export const toyPassword = 'open sesame'

export const prefixOf = (root: string): string => `toy://host/${root}/`

/** What a toy can do; each harness states what it declares. */
export const everything: StoreCapabilities = {
  add: true,
  delete: true,
  randomRead: true,
  setAcls: true,
  copy: true,
  directUrl: true,
  maxImageBytes: null,
}

/** Serves the toy backend by its paths, started when it is first needed. It does not keep the process alive. */
let origin: Promise<Server> | null = null

export async function originUrl(path: string): Promise<string> {
  origin ??= (async () => {
    const server = createServer((request, response) => {
      const bytes = backend.get(request.url ?? '')
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
      if (!bytes) response.writeHead(404).end()
      else if (range) response.writeHead(206).end(bytes.subarray(Number(range[1]), Number(range[2]) + 1))
      else response.end(bytes)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server.unref()
  })()
  return `http://127.0.0.1:${((await origin).address() as AddressInfo).port}${path}`
}

const chunkBytes = 50_000

export class Toy implements StoreDriver {
  readonly capabilities: StoreCapabilities
  readonly locationPrefixes: readonly string[]
  readonly root: string
  readonly closing = new AbortController()
  readonly #volatile: boolean

  constructor(root: string, capabilities: StoreCapabilities, volatile: boolean) {
    this.root = volatile ? randomUUID() : root
    this.capabilities = capabilities
    this.locationPrefixes = [prefixOf(this.root)]
    this.#volatile = volatile
  }

  async add(imageId: string, data: AsyncIterable<Uint8Array>, options: AddOptions): Promise<AddResult> {
    const signal = this.begin(options)
    if (!this.capabilities.add) throw new StoreError('READ_ONLY', 'the toy takes nothing')
    const path = this.pathOf(imageId)
    this.assertFree(path)
    const part = `${path}#part${randomUUID()}`
    const chunks: Uint8Array[] = []
    try {
      for await (const chunk of abortable(data, signal)) {
        chunks.push(new Uint8Array(chunk))
        backend.set(part, new Uint8Array(1))
      }
      this.assertFree(path)
      const whole = new Uint8Array(Buffer.concat(chunks))
      backend.set(path, whole)
      return { location: this.locationPrefixes[0] + imageId, size: whole.byteLength, metadata: {} }
    } finally {
      backend.delete(part)
    }
  }

  async get(location: string, options: GetOptions): Promise<StoredImage> {
    const signal = this.begin(options)
    const { offset, length } = options
    if (!this.capabilities.randomRead && (offset > 0 || length !== null))
      throw new StoreError('UNSUPPORTED', 'the toy reads whole images')
    const bytes = this.bytesAt(location)
    const start = Math.min(offset, bytes.byteLength)
    const wanted = bytes.slice(start, length === null ? undefined : start + length)
    return { size: wanted.byteLength, body: pieces(wanted, signal) }
  }

  async getSize(location: string, options: CallOptions): Promise<number | null> {
    this.begin(options)
    return this.bytesAt(location).byteLength
  }

  async delete(location: string, options: CallOptions): Promise<void> {
    this.begin(options)
    if (!this.capabilities.delete) throw new StoreError('UNSUPPORTED', 'the toy keeps everything')
    this.bytesAt(location)
    backend.delete(this.pathAt(location))
  }

  async discard(imageId: string, options: CallOptions): Promise<void> {
    this.begin(options)
    backend.delete(this.pathOf(imageId))
  }

  async check(options: CallOptions): Promise<void> {
    this.begin(options)
  }

  async setAcls(location: string, options: CallOptions): Promise<void> {
    this.begin(options)
    if (!this.capabilities.setAcls) throw new StoreError('UNSUPPORTED', 'the toy has no access lists')
    this.bytesAt(location)
  }

  async copy(imageId: string, source: CopySource, options: CallOptions): Promise<AddResult | null> {
    this.begin(options)
    const path = this.pathOf(imageId)
    this.assertFree(path)
    const bytes = backend.get(source.location.replace('toy://host', ''))
    if (!bytes) throw new StoreError('NOT_FOUND', 'the toy has nothing to copy')
    if (bytes.byteLength !== source.size) throw new StoreError('SIZE_MISMATCH', 'the toy has something of another size')
    backend.set(path, bytes.slice())
    return { location: this.locationPrefixes[0] + imageId, size: bytes.byteLength, metadata: {} }
  }

  async directUrl(location: string, options: CallOptions): Promise<string> {
    this.begin(options)
    this.bytesAt(location)
    return originUrl(this.pathAt(location))
  }

  async close(): Promise<void> {
    this.closing.abort(new StoreError('ABORTED', 'the toy is closed'))
    if (this.#volatile) for (const path of this.paths()) backend.delete(path)
  }

  begin({ signal }: CallOptions): AbortSignal {
    const either = AbortSignal.any([signal, this.closing.signal])
    if (either.aborted) throw abortError(either, 'a call of the toy')
    return either
  }

  pathOf(imageId: string): string {
    return `/${this.root}/${imageId}`
  }

  paths(): string[] {
    return [...backend.keys()].filter((path) => path.startsWith(`/${this.root}/`))
  }

  assertFree(path: string): void {
    if (backend.has(path)) throw new StoreError('ALREADY_EXISTS', 'the toy has that image')
  }

  pathAt(location: string): string {
    const [prefix = ''] = this.locationPrefixes
    const imageId = location.startsWith(prefix) ? location.slice(prefix.length) : ''
    if (!isImageId(imageId)) throw new StoreError('INVALID_LOCATION', `${redactLocation(location)} is not the toy's`)
    return this.pathOf(imageId)
  }

  bytesAt(location: string): Uint8Array {
    const bytes = backend.get(this.pathAt(location))
    if (!bytes) throw new StoreError('NOT_FOUND', `the toy has nothing at ${redactLocation(location)}`)
    return bytes
  }
}

/** Bytes in pieces, each in memory of its own. */
export async function* pieces(bytes: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) {
    if (signal.aborted) throw abortError(signal, 'reading')
    yield bytes.slice(at, at + chunkBytes)
  }
  if (signal.aborted) throw abortError(signal, 'reading')
}

/** Chunks of a source until a signal fires. */
export async function* abortable(
  data: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const source = data[Symbol.asyncIterator]()
  const aborted = Promise.withResolvers<never>()
  aborted.promise.catch(() => {})
  signal.addEventListener('abort', () => aborted.reject(abortError(signal, 'adding')))
  let ended = false
  try {
    for (;;) {
      const step = await Promise.race([source.next(), aborted.promise])
      ended = step.done ?? false
      if (step.done) return
      yield step.value
    }
  } finally {
    if (!ended) void source.return?.()
  }
}

/** Members that replace those of a correct toy. */
export type Break = (toy: Toy) => Partial<StoreDriver>

/** A toy with some members replaced. */
export function broken(toy: Toy, members: Partial<StoreDriver>): StoreDriver {
  return {
    capabilities: toy.capabilities,
    locationPrefixes: toy.locationPrefixes,
    add: (...given) => toy.add(...given),
    get: (...given) => toy.get(...given),
    getSize: (...given) => toy.getSize(...given),
    delete: (...given) => toy.delete(...given),
    discard: (...given) => toy.discard(...given),
    check: (...given) => toy.check(...given),
    setAcls: (...given) => toy.setAcls(...given),
    copy: (...given) => toy.copy(...given),
    directUrl: (...given) => toy.directUrl(...given),
    close: () => toy.close(),
    ...members,
  }
}

/** How a toy harness differs from one with everything. */
export interface ToyHarness {
  readonly capabilities?: Partial<StoreCapabilities>
  readonly volatile?: boolean
  readonly breaks?: Break
  /** Parts of the definition that are replaced. */
  readonly definition?: Partial<DriverDefinition>
  /** The definition is a plain object. */
  readonly unbranded?: boolean
  /** What opening does when the backend is down. */
  readonly whenDown?: () => Promise<never>
  readonly patienceMs?: number
}

async function refuse(): Promise<never> {
  throw new StoreError('UNAVAILABLE', 'nobody answers', { cause: new Error('refused') })
}

/** A harness on toys: correct, or with one thing broken. */
export function toyHarness({
  capabilities,
  volatile = false,
  breaks,
  definition,
  unbranded = false,
  whenDown = refuse,
  patienceMs = 4000,
}: ToyHarness = {}): Harness {
  const declared = { ...everything, ...capabilities }
  const rootOf = ({ root }: RawOptions): string => String(root)
  const defined = defineDriver({
    name: 'toy',
    schemes: ['toy'],
    options: toyOptions,
    async open(values, { signal }) {
      if (signal.aborted) throw abortError(signal, 'opening')
      const { root, down } = values as unknown as { root: string; down: boolean }
      if (down) return whenDown()
      const toy = new Toy(root, declared, volatile)
      return breaks ? broken(toy, breaks(toy)) : toy
    },
    ...definition,
  })
  return {
    definition: unbranded ? { ...defined } : defined,
    options: async () => ({ root: randomUUID() }),
    release: async (options) => {
      for (const path of backend.keys()) if (path.startsWith(`/${rootOf(options)}/`)) backend.delete(path)
    },
    maxPayloadBytes: 2_200_000,
    patienceMs,
    volatile,
    ...(volatile
      ? {}
      : {
          leftovers: async (options) => [...backend.keys()].filter((path) => path.startsWith(`/${rootOf(options)}/`)),
        }),
    unreachable: async () => ({ root: 'nowhere', down: true }),
    prepared: {
      async place(imageId, bytes, options) {
        backend.set(`/${rootOf(options)}/${imageId}`, bytes)
        return prefixOf(rootOf(options)) + imageId
      },
      missing: async (options) => `${prefixOf(rootOf(options))}missing`,
      away: async () => 'toy://host/nowhere/image',
    },
  }
}
