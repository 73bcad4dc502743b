/**
 * The story of an upload.
 *
 * 1. HEAD asks whether the name is free, and finds a connector that works.
 * 2. PUT with `If-None-Match: *` stores the object if the name is still free. The ring shows the object when its body has ended, not before. With the object goes a token of this
 *    upload, so that later it can be told whose object it is.
 * 3. HEAD compares the length.
 *
 * A connector that fails before the first byte of the data was asked for is replaced by the next one. Later the data are gone, so the upload fails; the socket is destroyed and the
 * body never ended properly, so that no connector takes what came for the whole. When only the answer was lost, the token tells whether the object is there all the same.
 * Nothing is deleted that is not known to be of this upload: a delete after a doubtful failure has destroyed images of others.
 */
import { randomUUID } from 'node:crypto'
import { StoreError, untilAborted } from '@glance/core'
import type { Connectors } from './connectors.ts'
import type { Endpoint } from './endpoint.ts'
import { isConnectorsFault, statusError, storeErrorOf } from './errors.ts'
import type { Answer, Sproxyd } from './sproxyd.ts'
import { UploadSource } from './upload-source.ts'

/** Longest time that clearing up after a failure may take, in milliseconds. */
const cleanUpMs = 30_000

/** What an upload works with. */
export interface UploadTools {
  readonly connectors: Connectors
  readonly sproxyd: Sproxyd
  readonly signal: AbortSignal
}

/**
 * Stores data under a name that is free.
 *
 * @param size - announced bytes, null when unknown
 * @returns the number of bytes
 * @throws what the data's source throws; StoreError as `StoreDriver.add`
 */
export async function upload(
  name: string,
  data: AsyncIterable<Uint8Array>,
  size: number | null,
  tools: UploadTools,
): Promise<number> {
  const { signal } = tools
  const what = `add of ${name}`
  const token = Buffer.from(JSON.stringify({ upload: randomUUID() })).toString('base64')
  const first = await freeName(name, what, tools)
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const source = new UploadSource(untilAborted(data, either, what), size)
  try {
    await send({ name, token, what, size, source, first }, tools, either)
  } finally {
    over.abort()
  }
  return source.bytes
}

interface Sending {
  readonly name: string
  readonly token: string
  readonly what: string
  readonly size: number | null
  readonly source: UploadSource
  /** The connector that has just answered. */
  readonly first: Endpoint
}

/** @returns a connector that answers @throws StoreError ALREADY_EXISTS | UNAVAILABLE | TIMEOUT | WRITE_DENIED */
function freeName(name: string, what: string, { connectors, sproxyd, signal }: UploadTools): Promise<Endpoint> {
  return connectors.tryEach(what, signal, async (endpoint) => {
    const { status, ringStatus } = await sproxyd.head(endpoint, name, signal)
    if (status === 404) return endpoint
    throw statusError(isSuccess(status) ? 412 : status, 'add', what, ringStatus)
  })
}

async function send(sending: Sending, tools: UploadTools, signal: AbortSignal): Promise<void> {
  const { name, what, size, source, first } = sending
  const { connectors, sproxyd } = tools
  // An object without bytes has no body that could be watched; its data are still read to their end, because only there it is known whether they keep to their word.
  if (size === 0) await readToEnd(source)
  for (const endpoint of [first, ...connectors.inTurn().filter((each) => each !== first)]) {
    try {
      const upload = { name, data: size === 0 ? null : source, size, userMetadata: sending.token }
      const answer = await sproxyd.put(endpoint, upload, signal)
      if (!isSuccess(answer.status)) throw statusError(answer.status, 'add', what, answer.ringStatus)
      return await verify(sending, endpoint, tools)
    } catch (thrown) {
      const error = storeErrorOf(thrown, what, tools.signal)
      if (isConnectorsFault(error)) connectors.eject(endpoint, error)
      if (source.started) {
        if (await isThereAllTheSame(sending, error, tools)) return
        throw source.failure ? source.failure.error : error
      }
      if (!isConnectorsFault(error)) throw error
    }
  }
  throw new StoreError('UNAVAILABLE', `${what}: no connector takes the data`)
}

async function readToEnd(source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of source)
    if (chunk.byteLength > 0) throw new StoreError('SIZE_MISMATCH', 'an image that was announced as empty has bytes')
}

/** After a success: whether the ring has as many bytes as were sent. A connector that cannot tell now is believed. */
async function verify({ name, what, source, token }: Sending, endpoint: Endpoint, tools: UploadTools): Promise<void> {
  const found = await tools.sproxyd.head(endpoint, name, AbortSignal.timeout(cleanUpMs)).catch(() => null)
  if (
    source.finished &&
    (found === null || found.status !== 200 || found.length === null || found.length === source.bytes)
  )
    return
  await removeIfOurs(name, token, tools)
  throw new StoreError(
    'UNKNOWN',
    `${what}: the connector took ${found?.length ?? 'some'} bytes of ${source.bytes} and called it done`,
  )
}

/**
 * After a failure: whether the object was stored whole and only the answer was lost. If not, what may be there of this upload is removed.
 *
 * An object whose name was taken by somebody else meanwhile is left alone.
 */
async function isThereAllTheSame(
  { name, token, source, what }: Sending,
  error: StoreError,
  tools: UploadTools,
): Promise<boolean> {
  if (error.code === 'ALREADY_EXISTS') return false
  const found = await lookUp(name, what, tools)
  if (found === null || !isOurs(found, token)) return false
  const wanted = source.finished && source.failure === null && !tools.signal.aborted
  if (wanted && found.length === source.bytes) return true
  await removeIfOurs(name, token, tools)
  return false
}

async function removeIfOurs(name: string, token: string, tools: UploadTools): Promise<void> {
  const what = `clearing up after the add of ${name}`
  const found = await lookUp(name, what, tools)
  if (found === null || !isOurs(found, token)) return
  const signal = AbortSignal.timeout(cleanUpMs)
  await tools.connectors
    .tryEach(what, signal, async (endpoint) => {
      const { status, ringStatus } = await tools.sproxyd.delete(endpoint, name, signal)
      if (!isSuccess(status) && status !== 404) throw statusError(status, 'delete', what, ringStatus)
    })
    .catch(() => {})
}

/** What is there under a name; null for nothing, or when no connector tells. */
async function lookUp(name: string, what: string, { connectors, sproxyd }: UploadTools): Promise<Answer | null> {
  const signal = AbortSignal.timeout(cleanUpMs)
  return connectors
    .tryEach(what, signal, async (endpoint) => {
      const answer = await sproxyd.head(endpoint, name, signal)
      if (answer.status === 404) return null
      if (!isSuccess(answer.status)) throw statusError(answer.status, 'getSize', what, answer.ringStatus)
      return answer
    })
    .catch(() => null)
}

/** A connector that does not tell what was kept with an object gives no proof against it; the name was free when the upload began. */
function isOurs({ userMetadata }: Answer, token: string): boolean {
  return userMetadata === null || userMetadata === token
}

/** 200 by sproxyd; some versions and front servers say 201 or 204. */
export function isSuccess(status: number): boolean {
  return status === 200 || status === 201 || status === 204
}
