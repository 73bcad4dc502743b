/**
 * Requests to one account of Swift: a token in each, a new one when it is refused, and a few more tries while Swift cannot work.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { StoreError, untilAborted } from '@glance/core'
import type { Dispatcher } from 'undici'
import type { Access, Account } from './account.ts'
import type { Connections } from './connections.ts'
import { passes, statusError, storeErrorFrom } from './errors.ts'
import { Source } from './source.ts'
import { Watch } from './watch.ts'

type Headers = Readonly<Record<string, string>>

/** One request below the account. */
export interface SwiftRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly container?: string
  readonly object?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Headers
  /** Sent with its length, from the beginning at each try. */
  readonly body?: Uint8Array
  /** Longest wait for the headers of the answer, when the usual one is too short. */
  readonly headersTimeoutMs?: number
  /** What is done, for messages. */
  readonly what: string
  readonly signal: AbortSignal
}

/** An answer whose body was read. */
export interface SwiftAnswer {
  readonly status: number
  readonly headers: Dispatcher.ResponseData['headers']
  readonly body: string
}

/** Image data on their way out that cannot be sent twice. */
export interface StreamedBody {
  readonly data: AsyncIterable<Uint8Array>
  readonly length: number
}

/** Patience with Swift; times in milliseconds. */
export interface Patience {
  readonly headersMs: number
  readonly idleMs: number
  readonly retries: number
  /** Pause before the first further try; each later one is twice as long. */
  readonly retryDelayMs: number
}

/** A listing of 10,000 long names and a manifest of 1,000 segments are below this. */
const longestAnswer = 32 * 1024 * 1024
/** What is written to a socket at a time. */
const sliceBytes = 256 * 1024

/** Speaks to one account. Keeps no state of its own but the connections it is given. */
export class SwiftClient {
  readonly account: Account
  readonly patience: Patience
  readonly #connections: Connections

  constructor(connections: Connections, account: Account, patience: Patience) {
    this.account = account
    this.patience = patience
    this.#connections = connections
  }

  /**
   * Sends a request that can be repeated without harm, and reads the answer.
   *
   * @returns an answer of any status but those that say that Swift cannot work now
   * @throws StoreError after the last try, by its status or trouble; ABORTED | TIMEOUT
   */
  async request(request: SwiftRequest): Promise<SwiftAnswer> {
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await this.once(request)
        if (!passes(answer.status)) return answer
        throw statusError(answer.status, request.what)
      } catch (error) {
        await this.pauseOrThrow(error, request, tries)
      }
    }
  }

  /**
   * Sends a request once, or twice when the token is refused the first time, and reads the answer, of any status.
   *
   * @throws StoreError UNAVAILABLE | TIMEOUT | ABORTED | FORBIDDEN (no token)
   */
  async once(request: SwiftRequest): Promise<SwiftAnswer> {
    try {
      const response = await this.#send(request)
      return { status: response.statusCode, headers: response.headers, body: await smallBody(response.body, request) }
    } catch (error) {
      throw storeErrorFrom(error, request.what, request.signal)
    }
  }

  /**
   * Sends a GET and resolves with the head of the answer; the body is the caller's to read or to destroy. Tried again like `request`.
   *
   * @param accepted - statuses whose body is wanted
   * @throws StoreError by the status of any other answer; UNAVAILABLE | TIMEOUT | ABORTED
   */
  async open(request: SwiftRequest, accepted: readonly number[]): Promise<Dispatcher.ResponseData> {
    for (let tries = 0; ; tries += 1) {
      try {
        const response = await this.#send(request)
        if (accepted.includes(response.statusCode)) return response
        await response.body.dump()
        throw new StatusError(response.statusCode, request.what)
      } catch (error) {
        if (error instanceof StatusError && !passes(error.status)) throw statusError(error.status, request.what)
        await this.pauseOrThrow(error, request, tries)
      }
    }
  }

  /**
   * Sends data that come only once. Nothing is tried again; the token should have been used a moment before.
   *
   * @throws StoreError; what the source of the data throws, as it is
   */
  async stream(request: SwiftRequest, { data, length }: StreamedBody): Promise<SwiftAnswer> {
    const { signal, what } = request
    const watch = new Watch(signal, this.patience, what)
    const over = new AbortController()
    const source = new Source(untilAborted(data, AbortSignal.any([watch.signal, over.signal]), what))
    try {
      const { headers, ...wire } = this.#wire(request, await this.account.access(signal))
      const response = await this.#connections.request({
        ...wire,
        headers: { ...headers, 'content-length': String(length) },
        body: watch.over(source),
        signal: watch.signal,
        headersTimeoutMs: 0,
      })
      const body = await smallBody(response.body, request)
      return { status: response.statusCode, headers: response.headers, body }
    } catch (error) {
      if (source.failure && !watch.signal.aborted) throw source.failure.error
      throw storeErrorFrom(error, what, watch.signal)
    } finally {
      watch.end()
      // An answer before the end of the body leaves the source where it was.
      over.abort()
    }
  }

  /** What the cluster says of itself; asked without a token, at the root of its API. */
  async info(signal: AbortSignal): Promise<SwiftAnswer> {
    const { storageUrl } = await this.account.access(signal)
    const url = `${storageUrl.replace(/\/v1(\.0)?(\/[^/]*)?$/, '')}/info`
    const what = 'asking Swift what it can do'
    const headers = { accept: 'application/json' }
    for (let tries = 0; ; tries += 1) {
      try {
        const wire = { url, method: 'GET' as const, headers, signal, headersTimeoutMs: this.patience.headersMs }
        const response = await this.#connections.request(wire)
        const body = await smallBody(response.body, { what })
        if (!passes(response.statusCode)) return { status: response.statusCode, headers: response.headers, body }
        throw statusError(response.statusCode, what)
      } catch (error) {
        await this.pauseOrThrow(error, { what, signal }, tries)
      }
    }
  }

  /** Waits before the next try. @throws StoreError - what made the last one fail, when it does not pass or was the last one; ABORTED | TIMEOUT */
  async pauseOrThrow(
    error: unknown,
    { what, signal }: Pick<SwiftRequest, 'what' | 'signal'>,
    tries: number,
  ): Promise<void> {
    const failure = error instanceof StatusError ? statusError(error.status, what) : storeErrorFrom(error, what, signal)
    if (signal.aborted || !failure.retryable || tries >= this.patience.retries) throw failure
    await sleep(this.patience.retryDelayMs * 2 ** tries, undefined, { signal }).catch(() => {
      throw storeErrorFrom(failure, what, signal)
    })
  }

  /** One request, and a second one with a new token when the first is refused. */
  async #send(request: SwiftRequest): Promise<Dispatcher.ResponseData> {
    for (const again of [true, false]) {
      const access = await this.account.access(request.signal)
      const response = await this.#sendWith(request, access)
      if (response.statusCode !== 401) return response
      if (!this.account.refuse(access) || !again) return response
      await response.body.dump()
    }
    throw new StoreError('FORBIDDEN', `${request.what}: Swift refuses the credentials`)
  }

  async #sendWith(request: SwiftRequest, access: Access): Promise<Dispatcher.ResponseData> {
    const wire = this.#wire(request, access)
    const { body, method, signal } = request
    if (body === undefined) {
      const empty = method === 'PUT' || method === 'POST' ? { 'content-length': '0' } : {}
      return this.#connections.request({ ...wire, headers: { ...empty, ...wire.headers } })
    }
    const watch = new Watch(signal, { ...this.patience, headersMs: wire.headersTimeoutMs }, request.what)
    try {
      return await this.#connections.request({
        ...wire,
        headers: { ...wire.headers, 'content-length': String(body.byteLength) },
        body: watch.over(slices(body)),
        signal: watch.signal,
        headersTimeoutMs: 0,
      })
    } catch (error) {
      throw storeErrorFrom(error, request.what, watch.signal)
    } finally {
      watch.end()
    }
  }

  #wire(request: SwiftRequest, { storageUrl, token }: Access) {
    const { method, container, object, query, headers, signal, headersTimeoutMs = this.patience.headersMs } = request
    const path = [container, object].flatMap((name) => (name === undefined ? [] : [`/${encodeURIComponent(name)}`]))
    const search = query === undefined ? '' : `?${new URLSearchParams(query)}`
    return {
      method,
      url: `${storageUrl}${path.join('')}${search}`,
      headers: { 'x-auth-token': token, accept: 'application/json', ...headers } as Record<string, string>,
      signal,
      headersTimeoutMs,
    }
  }
}

class StatusError extends Error {
  readonly status: number
  constructor(status: number, what: string) {
    super(`${what}: ${status}`)
    this.status = status
  }
}

/** A body in pieces, so that a peer which stops reading is noticed between two of them. */
async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  for (let from = 0; from < bytes.byteLength; from += sliceBytes) yield bytes.subarray(from, from + sliceBytes)
}

async function smallBody(body: Dispatcher.ResponseData['body'], { what }: Pick<SwiftRequest, 'what'>): Promise<string> {
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    total += chunk.byteLength
    if (total > longestAnswer) throw new StoreError('UNAVAILABLE', `${what}: the answer is too long`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
