/**
 * An S3 service in this process: buckets in memory, the operations that the store uses, and switches for what goes wrong with real ones.
 *
 * It keeps the rules that matter here: parts below 5 MiB are refused, what a signed hash does not fit is refused, and conditional writes are known for all requests (Amazon),
 * for PutObject alone (Ceph's gateway 16), refused (Swift), or ignored. Signatures are not computed; the access key is looked at.
 */
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What the fake calls a request. */
export type FakeOperation =
  | 'HeadBucket'
  | 'CreateBucket'
  | 'ListMultipartUploads'
  | 'HeadObject'
  | 'GetObject'
  | 'PutObject'
  | 'CopyObject'
  | 'DeleteObject'
  | 'CreateMultipartUpload'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'CompleteMultipartUpload'
  | 'AbortMultipartUpload'
  | 'ListParts'

/** What goes wrong with a request. */
export type Fault =
  /** An answer with an error; the request is not carried out. */
  | { readonly kind: 'answer'; readonly status: number; readonly code?: string }
  /** The connection breaks before the request is carried out. */
  | { readonly kind: 'reset' }
  /** The request is carried out, and the connection breaks instead of an answer. */
  | { readonly kind: 'lost' }
  /** Nothing happens until the client goes away. */
  | { readonly kind: 'silence' }
  /** One bit of the body changes on its way in. */
  | { readonly kind: 'damage' }
  /** The answer's body stops after so many bytes; `rest` says what happens then. */
  | { readonly kind: 'cut'; readonly after: number; readonly rest: 'reset' | 'silence' }
  /** The request is carried out when the promise has resolved. */
  | { readonly kind: 'hold'; readonly until: Promise<void> }

/** A fault and the requests that it befalls. */
export interface FaultRule {
  readonly on: FakeOperation
  readonly fault: Fault
  /** How many requests it befalls; every one when absent. */
  readonly times?: number
}

export interface FakeObject {
  readonly bytes: Buffer
  readonly etag: string
  readonly metadata: Readonly<Record<string, string>>
}

interface FakeUpload {
  readonly key: string
  readonly metadata: Readonly<Record<string, string>>
  readonly parts: Map<number, FakeObject>
}

interface FakeBucket {
  readonly objects: Map<string, FakeObject>
  readonly uploads: Map<string, FakeUpload>
}

/** A request that came in. */
export interface SeenRequest {
  readonly operation: FakeOperation
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly bodyBytes: number
}

/** A fake that answers. */
export interface FakeS3 {
  readonly url: string
  readonly port: number
  readonly buckets: Map<string, FakeBucket>
  readonly requests: SeenRequest[]
  /** Faults to come; a rule goes when it is used up. */
  readonly faults: FaultRule[]
  /** Access keys that are let in. */
  readonly keys: Set<string>
  makeBucket(): string
  count(operation: FakeOperation): number
  /** Objects and unfinished uploads of a bucket. */
  names(bucket: string): readonly string[]
  stop(): Promise<void>
}

/** What a fake knows of conditional writes. */
export type Conditions = 'all' | 'put' | 'refused' | 'ignored'

const leastPart = 5 * 1024 ** 2

/** Starts one on loopback. It does not keep the process alive. */
export async function startFakeS3({ conditions = 'all' }: { readonly conditions?: Conditions } = {}): Promise<FakeS3> {
  const sockets = new Set<Socket>()
  const buckets = new Map<string, FakeBucket>()
  const requests: SeenRequest[] = []
  const faults: FaultRule[] = []
  const keys = new Set(['ACCESS'])
  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy())
  })
  server.on('connection', (socket: Socket) => {
    socket.unref()
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.unref()
  const { port } = server.address() as AddressInfo

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = targetOf(request)
    const fault = takeFault(faults, target.operation)
    const body = Buffer.concat(await request.toArray())
    requests.push({
      operation: target.operation,
      url: request.url ?? '',
      headers: request.headers,
      bodyBytes: body.byteLength,
    })
    if (fault?.kind === 'reset') return void request.socket.destroy()
    if (fault?.kind === 'silence') return
    if (fault?.kind === 'hold') await fault.until
    if (fault?.kind === 'damage' && body.byteLength > 0) body[0] = (body[0] ?? 0) ^ 1
    const made =
      fault?.kind === 'answer'
        ? failure(fault.status, fault.code ?? 'Fault')
        : (refusal(request, body, keys) ?? carryOut(target, request.headers, body, { buckets, conditions }))
    if (fault?.kind === 'lost') return void request.socket.destroy()
    send(response, made, request.method === 'HEAD', fault?.kind === 'cut' ? fault : null)
  }

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    buckets,
    requests,
    faults,
    keys,
    makeBucket() {
      const name = `bucket-${randomUUID().slice(0, 8)}`
      buckets.set(name, { objects: new Map(), uploads: new Map() })
      return name
    },
    count: (operation) => requests.filter((request) => request.operation === operation).length,
    names(bucket) {
      const { objects, uploads } = buckets.get(bucket) ?? { objects: new Map(), uploads: new Map() }
      return [...objects.keys(), ...[...uploads.values()].map(({ key }) => `unfinished ${key}`)]
    },
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

interface Target {
  readonly operation: FakeOperation
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
}

/** Names a request. A host below `s3.test` is a bucket, else the first segment of the path is. */
function targetOf(request: IncomingMessage): Target {
  const url = new URL(request.url ?? '/', 'http://fake')
  const virtual = /^([a-z0-9-]+)\.s3\.test(:|$)/.exec(request.headers.host ?? '')?.[1]
  const [first = '', ...rest] = decodeURIComponent(url.pathname).slice(1).split('/')
  const [bucket, key] = virtual === undefined ? [first, rest.join('/')] : [virtual, [first, ...rest].join('/')]
  const query = url.searchParams
  const copies = request.headers['x-amz-copy-source'] !== undefined
  const names: Readonly<Record<string, FakeOperation | undefined>> =
    key === ''
      ? { HEAD: 'HeadBucket', PUT: 'CreateBucket', GET: 'ListMultipartUploads' }
      : query.has('uploadId')
        ? {
            PUT: copies ? 'UploadPartCopy' : 'UploadPart',
            POST: 'CompleteMultipartUpload',
            DELETE: 'AbortMultipartUpload',
            GET: 'ListParts',
          }
        : {
            HEAD: 'HeadObject',
            GET: 'GetObject',
            PUT: copies ? 'CopyObject' : 'PutObject',
            DELETE: 'DeleteObject',
            POST: 'CreateMultipartUpload',
          }
  const operation = names[request.method ?? '']
  if (operation === undefined) throw new Error(`the fake has no ${request.method} ${request.url}`)
  return { operation, bucket, key, query }
}

function takeFault(faults: FaultRule[], operation: FakeOperation): Fault | null {
  const index = faults.findIndex(({ on }) => on === operation)
  const rule = faults[index]
  if (rule === undefined) return null
  const left = (rule.times ?? Number.POSITIVE_INFINITY) - 1
  if (left > 0) faults[index] = { ...rule, times: left }
  else faults.splice(index, 1)
  return rule.fault
}

/** An answer as data. */
interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: Buffer | string
}

function failure(status: number, code: string): Answer {
  return { status, body: `<Error><Code>${code}</Code><Message>says the fake</Message></Error>` }
}

function send(
  response: ServerResponse,
  { status, headers = {}, body = '' }: Answer,
  head: boolean,
  cut: (Fault & { kind: 'cut' }) | null,
): void {
  const bytes = Buffer.from(body as string)
  const length = head ? {} : { 'content-length': bytes.byteLength }
  response.writeHead(status, { 'content-type': 'application/xml', ...length, ...headers })
  if (head || cut === null || cut.after >= bytes.byteLength) return void response.end(head ? '' : bytes)
  response.write(bytes.subarray(0, cut.after), () => {
    if (cut.rest === 'reset') response.socket?.destroy()
  })
}

/** Refuses wrong keys and bodies that their hash does not fit. */
function refusal({ headers, url = '' }: IncomingMessage, body: Buffer, keys: ReadonlySet<string>): Answer | null {
  const { authorization = decodeURIComponent(url) } = headers
  const key = /Credential=([^/]+)\//.exec(authorization)?.[1] ?? ''
  if (!keys.has(key)) return failure(403, 'InvalidAccessKeyId')
  const hash = headers['x-amz-content-sha256']
  const fits =
    hash === undefined || hash === 'UNSIGNED-PAYLOAD' || hash === createHash('sha256').update(body).digest('hex')
  return fits ? null : failure(400, 'XAmzContentSHA256Mismatch')
}

interface World {
  readonly buckets: Map<string, FakeBucket>
  readonly conditions: Conditions
}

function carryOut(
  target: Target,
  headers: IncomingMessage['headers'],
  body: Buffer,
  { buckets, conditions }: World,
): Answer {
  const { operation, key, query } = target
  if (operation === 'CreateBucket') {
    if (buckets.has(target.bucket)) return failure(409, 'BucketAlreadyOwnedByYou')
    buckets.set(target.bucket, { objects: new Map(), uploads: new Map() })
    return { status: 200 }
  }
  const bucket = buckets.get(target.bucket)
  if (!bucket) return failure(404, 'NoSuchBucket')
  const { objects, uploads } = bucket
  const object = objects.get(key)
  const upload = uploads.get(query.get('uploadId') ?? '')
  const store = (bytes: Buffer, metadata: FakeObject['metadata'], ways: readonly Conditions[]): Answer => {
    const conditional = headers['if-none-match'] === '*'
    if (conditional && conditions === 'refused' && operation !== 'CompleteMultipartUpload')
      return failure(501, 'NotImplemented')
    if (conditional && ways.includes(conditions) && object) return failure(412, 'PreconditionFailed')
    objects.set(key, { bytes, metadata, etag: etagOf(bytes) })
    return { status: 200, headers: { etag: etagOf(bytes) }, body: `<Result><ETag>${etagOf(bytes)}</ETag></Result>` }
  }
  const source = (): FakeObject | undefined => {
    const [from = '', name = ''] = decodeURIComponent(String(headers['x-amz-copy-source'])).split('/')
    return buckets.get(from)?.objects.get(name)
  }
  switch (operation) {
    case 'HeadBucket':
      return { status: 200 }
    case 'HeadObject':
    case 'GetObject':
      return object ? read(object, headers) : failure(404, 'NoSuchKey')
    case 'DeleteObject':
      objects.delete(key)
      return { status: 204 }
    case 'PutObject':
      return store(body, metadataOf(headers), ['all', 'put'])
    case 'CopyObject': {
      const from = source()
      return from ? store(from.bytes, metadataOf(headers), ['all']) : failure(404, 'NoSuchKey')
    }
    case 'CreateMultipartUpload': {
      const id = randomUUID()
      uploads.set(id, { key, metadata: metadataOf(headers), parts: new Map() })
      return { status: 200, body: `<Result><UploadId>${id}</UploadId></Result>` }
    }
    case 'ListMultipartUploads': {
      const found = [...uploads].filter(([, { key: name }]) => name.startsWith(query.get('prefix') ?? ''))
      const rows = found.map(([id, { key: name }]) => `<Upload><Key>${name}</Key><UploadId>${id}</UploadId></Upload>`)
      return { status: 200, body: `<Result><IsTruncated>false</IsTruncated>${rows.join('')}</Result>` }
    }
    default:
      break
  }
  if (!upload) return failure(404, 'NoSuchUpload')
  const number = Number(query.get('partNumber'))
  switch (operation) {
    case 'UploadPart':
      upload.parts.set(number, { bytes: body, metadata: {}, etag: etagOf(body) })
      return { status: 200, headers: { etag: etagOf(body) } }
    case 'UploadPartCopy': {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(String(headers['x-amz-copy-source-range'])) ?? []
      const bytes = source()?.bytes.subarray(Number(first), Number(last) + 1)
      if (!bytes) return failure(404, 'NoSuchKey')
      upload.parts.set(number, { bytes, metadata: {}, etag: etagOf(bytes) })
      return { status: 200, body: `<Result><ETag>${etagOf(bytes)}</ETag></Result>` }
    }
    case 'ListParts': {
      const rows = [...upload.parts].map(([part]) => `<Part><PartNumber>${part}</PartNumber></Part>`)
      return { status: 200, body: `<Result>${rows.join('')}</Result>` }
    }
    case 'AbortMultipartUpload':
      uploads.delete(query.get('uploadId') ?? '')
      return { status: 204 }
    default: {
      const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map(([, part]) => Number(part))
      const parts = numbers.map((part) => upload.parts.get(part)?.bytes)
      if (parts.some((part) => part === undefined)) return failure(400, 'InvalidPart')
      const all = parts as Buffer[]
      if (all.slice(0, -1).some((part) => part.byteLength < leastPart)) return failure(400, 'EntityTooSmall')
      const stored = store(Buffer.concat(all), upload.metadata, ['all'])
      if (stored.status === 200) uploads.delete(query.get('uploadId') ?? '')
      return stored
    }
  }
}

function read({ bytes, etag, metadata }: FakeObject, headers: IncomingMessage['headers']): Answer {
  const wanted = headers['if-match']
  if (wanted !== undefined && wanted !== etag) return failure(412, 'PreconditionFailed')
  const own = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value] as const)
  const common = { etag, 'accept-ranges': 'bytes', ...Object.fromEntries(own) }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? []
  if (first === undefined)
    return { status: 200, headers: { ...common, 'content-length': bytes.byteLength }, body: bytes }
  const from = Number(first)
  if (from >= bytes.byteLength) return failure(416, 'InvalidRange')
  const part = bytes.subarray(from, last ? Number(last) + 1 : undefined)
  const range = `bytes ${from}-${from + part.byteLength - 1}/${bytes.byteLength}`
  return { status: 206, headers: { ...common, 'content-range': range }, body: part }
}

function metadataOf(headers: IncomingMessage['headers']): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'))
  return Object.fromEntries(own.map(([name, value]) => [name.slice('x-amz-meta-'.length), String(value)]))
}

function etagOf(bytes: Buffer): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`
}
