/**
 * Reading an object, whole or in part, from whichever connector answers, and on from another one when a connection breaks.
 *
 * Open ranges (`bytes=a-`) are answered wrongly by some versions of sproxyd, so a part is always asked for with both ends, after a HEAD has told the length. A connector that answers
 * a range with the whole object is made use of by dropping what comes before.
 */
import { StoreError } from '@glance/core'
import type { Connectors } from './connectors.ts'
import type { Endpoint } from './endpoint.ts'
import { isConnectorsFault, statusError, storeErrorOf } from './errors.ts'
import type { OpenAnswer, Sproxyd } from './sproxyd.ts'
import { isSuccess } from './upload.ts'

/** What a download works with. */
export interface DownloadTools {
  readonly connectors: Connectors
  readonly sproxyd: Sproxyd
  /** How often it may go on from another connector. */
  readonly retries: number
  readonly signal: AbortSignal
}

/** A stretch of an object, with its end excluded. */
interface Stretch {
  readonly from: number
  readonly to: number
}

/** An answer whose body holds a stretch behind some bytes to be dropped. */
interface Opened {
  readonly answer: OpenAnswer
  readonly skip: number
  readonly endpoint: Endpoint
}

/** Length of an object. @throws StoreError NOT_FOUND and those of `Connectors.tryEach` */
export async function lengthOf(
  name: string,
  what: string,
  tools: Omit<DownloadTools, 'retries'>,
): Promise<number | null> {
  const { connectors, sproxyd, signal } = tools
  return everywhere(connectors, what, signal, async (endpoint) => {
    const { status, length, ringStatus } = await sproxyd.head(endpoint, name, signal)
    if (!isSuccess(status)) throw statusError(status, 'getSize', what, ringStatus)
    return length
  })
}

/** Asks the connectors until one has the object: NOT_FOUND counts when none has it, as lists of connectors have mixed aliases before. */
export async function everywhere<T>(
  connectors: Connectors,
  what: string,
  signal: AbortSignal,
  request: (endpoint: Endpoint) => Promise<T>,
): Promise<T> {
  let missing: StoreError | null = null
  for (const endpoint of connectors.inTurn()) {
    try {
      return await request(endpoint)
    } catch (thrown) {
      const error = storeErrorOf(thrown, what, signal)
      if (signal.aborted) throw error
      if (error.code === 'NOT_FOUND') missing = error
      else if (isConnectorsFault(error)) connectors.eject(endpoint, error)
      else throw error
    }
  }
  throw missing ?? new StoreError('UNAVAILABLE', `${what}: no connector answers`)
}

/** Opens a whole object. @returns its length, null when the connector does not tell, and its bytes */
export async function openWhole(
  name: string,
  what: string,
  tools: DownloadTools,
): Promise<{ readonly size: number | null; readonly body: AsyncGenerator<Uint8Array, void, void> }> {
  const opened = await everywhere(tools.connectors, what, tools.signal, async (endpoint) => {
    const answer = await tools.sproxyd.get(endpoint, name, null, tools.signal)
    if (answer.status === 200) return { answer, skip: 0, endpoint }
    discardBody(answer)
    throw statusError(answer.status, 'get', what, answer.ringStatus)
  })
  const size = opened.answer.length
  if (size === null) return { size, body: rest(opened, what, tools) }
  return { size, body: stretch(name, opened, { from: 0, to: size }, what, tools) }
}

/** Opens a part of an object that has at least `to` bytes. */
export async function openPart(
  name: string,
  part: Stretch,
  what: string,
  tools: DownloadTools,
): Promise<AsyncGenerator<Uint8Array, void, void>> {
  return stretch(name, await openAt(name, part, what, tools), part, what, tools)
}

function openAt(name: string, { from, to }: Stretch, what: string, tools: DownloadTools): Promise<Opened> {
  return everywhere(tools.connectors, what, tools.signal, async (endpoint) => {
    const answer = await tools.sproxyd.get(endpoint, name, [from, to - 1], tools.signal)
    if (answer.status === 206 && startsAt(answer, from, to)) return { answer, skip: 0, endpoint }
    if (answer.status === 200 && answer.length !== null && answer.length >= to) return { answer, skip: from, endpoint }
    discardBody(answer)
    if (answer.status === 200 || answer.status === 206 || answer.status === 416)
      throw new StoreError('UNAVAILABLE', `${what}: the connector sent another range than was asked for`)
    throw statusError(answer.status, 'get', what, answer.ringStatus)
  })
}

function startsAt({ contentRange, length }: OpenAnswer, from: number, to: number): boolean {
  const match = /^bytes\s+(\d+)-(\d+)\//i.exec(contentRange ?? '')
  const right = match ? Number(match[1]) === from && Number(match[2]) === to - 1 : true
  return right && (length === null || length === to - from)
}

/** The bytes of a stretch, exactly; goes on from another connector when one breaks off. */
async function* stretch(
  name: string,
  first: Opened,
  { from, to }: Stretch,
  what: string,
  tools: DownloadTools,
): AsyncGenerator<Uint8Array, void, void> {
  let opened = first
  let at = from
  let left = tools.retries
  for (;;) {
    const { answer } = opened
    try {
      for await (const chunk of bytesOf(opened, to - at)) {
        at += chunk.byteLength
        yield chunk
      }
      if (at === to) return
      throw new StoreError('UNAVAILABLE', `${what}: the connector sent fewer bytes than it announced`)
    } catch (thrown) {
      const error = storeErrorOf(thrown, what, tools.signal)
      if (tools.signal.aborted || left === 0 || !isConnectorsFault(error)) throw error
      tools.connectors.eject(opened.endpoint, error)
      left -= 1
      opened = await sameObject(first, await openAt(name, { from: at, to }, what, tools), what)
    } finally {
      discardBody(answer)
    }
  }
}

/** The ring's key of an object is made from its name and its generation: another key is another object, and the halves must not be joined. */
async function sameObject(first: Opened, next: Opened, what: string): Promise<Opened> {
  const known = first.answer.ringKey
  if (known === null || next.answer.ringKey === null || known === next.answer.ringKey) return next
  discardBody(next.answer)
  throw new StoreError('UNAVAILABLE', `${what}: the object was replaced while it was read`)
}

/** A body of unknown length, to its end. */
async function* rest(opened: Opened, what: string, tools: DownloadTools): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* bytesOf(opened, Number.POSITIVE_INFINITY)
  } catch (thrown) {
    throw storeErrorOf(thrown, what, tools.signal)
  } finally {
    discardBody(opened.answer)
  }
}

/** At most `most` bytes of a body, after those to be dropped. */
async function* bytesOf({ answer, skip }: Opened, most: number): AsyncGenerator<Uint8Array, void, void> {
  let toSkip = skip
  let left = most
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    const dropped = Math.min(toSkip, chunk.byteLength)
    toSkip -= dropped
    const part = chunk.subarray(dropped, Math.min(chunk.byteLength, dropped + left))
    left -= part.byteLength
    if (part.byteLength > 0) yield part
    if (left === 0) return
  }
}

function discardBody({ body }: OpenAnswer): void {
  if (!body.destroyed) body.destroy()
}
