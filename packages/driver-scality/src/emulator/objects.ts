/** What an emulated connector does with objects. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EmulatorState } from './emulator.ts'
import type { FaultAction } from './faults.ts'
import { ringKey } from './ring.ts'

/** The object that a request is about, and what goes wrong with it. */
interface Subject {
  readonly alias: string
  readonly name: string
  readonly action: FaultAction | null
}

/** Answers one request for an object. */
export function answerObject(
  state: EmulatorState,
  subject: Subject,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { action } = subject
  if (action?.kind === 'reset') return void request.socket.destroy()
  if (action?.kind === 'status') {
    response.setHeader('connection', 'close')
    if (action.ringStatus !== undefined) response.setHeader('x-scal-ring-status', action.ringStatus)
    return void response.writeHead(action.status).end()
  }
  response.setHeader('x-scal-ring-key', ringKey(subject.name))
  if (request.method === 'PUT') void put(state, subject, request, response)
  else if (request.method === 'DELETE') remove(state, subject, request, response)
  else if (request.method === 'GET' || request.method === 'HEAD') read(state, subject, request, response)
  else response.writeHead(405).end()
}

async function put(
  { ring }: EmulatorState,
  { alias, name, action }: Subject,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refused = (): boolean =>
    (request.headers['if-none-match'] === '*' && ring.get(alias, name) !== undefined) ||
    (request.headers['if-match'] === '*' && ring.get(alias, name) === undefined)
  const userMetadata = request.headers['x-scal-usermd']
  const metadata = typeof userMetadata === 'string' ? userMetadata : null
  if (refused()) return void response.writeHead(412, { 'x-scal-ring-status': 'OBJ_EXISTS', connection: 'close' }).end()
  if (request.headers['x-scal-cmd'] === 'update-usermd') {
    const object = ring.get(alias, name)
    if (!object) return void response.writeHead(404).end()
    ring.set(alias, name, { ...object, userMetadata: metadata })
    return void response.writeHead(200).end()
  }
  const pieces: Buffer[] = []
  let taken = 0
  let published = false
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      if (!ring.take(piece.byteLength)) return void response.writeHead(507, { connection: 'close' }).end()
      taken += piece.byteLength
      pieces.push(piece)
      if (action?.kind === 'break' && taken >= action.after) return void request.socket.destroy()
      if (action?.kind === 'stall' && taken >= action.after)
        await new Promise((resolve) => request.once('close', resolve))
    }
    // A body that breaks off before its length or its last chunk makes the loop throw; the check is for what a proxy in between might do.
    if (!request.complete) return
    if (refused()) return void response.writeHead(412, { 'x-scal-ring-status': 'OBJ_EXISTS' }).end()
    const whole = Buffer.concat(pieces)
    ring.set(alias, name, {
      bytes: action?.kind === 'truncate' ? whole.subarray(0, action.to) : whole,
      userMetadata: metadata,
    })
    published = true
    if (action?.kind === 'lost answer') return void request.socket.destroy()
    response.writeHead(200).end()
  } catch {
    request.socket.destroy()
  } finally {
    if (!published) ring.give(taken)
  }
}

function remove(
  { ring, missingDelete }: EmulatorState,
  { alias, name, action }: Subject,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const there = ring.delete(alias, name)
  if (action?.kind === 'lost answer') return void request.socket.destroy()
  response.writeHead(there ? 200 : missingDelete).end()
}

function read(
  { ring }: EmulatorState,
  { alias, name, action }: Subject,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const object = ring.get(alias, name)
  if (!object) return void response.writeHead(404, { 'x-scal-ring-status': 'OBJ_NOT_FOUND' }).end()
  const { bytes, userMetadata } = object
  if (userMetadata !== null) response.setHeader('x-scal-usermd', userMetadata)
  response.setHeader('x-scal-size', String(bytes.byteLength))
  const range = action?.kind === 'ignore range' ? null : rangeOf(request.headers.range, bytes.byteLength)
  if (range === 'unsatisfiable') {
    return void response.writeHead(416, { 'content-range': `bytes */${bytes.byteLength}` }).end()
  }
  const [from, to] = range ?? [0, bytes.byteLength]
  const part = bytes.subarray(from, to)
  response.writeHead(range ? 206 : 200, {
    'content-length': part.byteLength,
    ...(range ? { 'content-range': `bytes ${from}-${to - 1}/${bytes.byteLength}` } : {}),
  })
  if (request.method === 'HEAD') return void response.end()
  if (action?.kind === 'lost answer') return void request.socket.destroy()
  if (action?.kind !== 'break' && action?.kind !== 'stall') return void response.end(part)
  response.write(part.subarray(0, action.after), () => {
    if (action.kind === 'break') request.socket.destroy()
  })
}

/** First byte and end (excluded) of a range; null when the whole is meant. Open forms answer the whole object, as the connectors do that are known to get them wrong. */
function rangeOf(header: string | undefined, length: number): readonly [number, number] | 'unsatisfiable' | null {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header ?? '')
  if (!match) return null
  const from = Number(match[1])
  const to = Math.min(Number(match[2]) + 1, length)
  return from >= length || to <= from ? 'unsatisfiable' : [from, to]
}
