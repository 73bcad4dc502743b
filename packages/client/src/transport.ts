import { readFault } from './error-body.ts'
import { ImageConnectionError, ImageServiceError } from './errors.ts'
import { IdleTimer } from './idle-timer.ts'
import type { JsonValue } from './image.ts'
import type { OutgoingBody } from './outgoing-body.ts'
import { type RetryPolicy, withRetry } from './retry.ts'

/** The part of `fetch` the client needs. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>

/** Circumstances under which a token is asked for. */
export interface TokenRequest {
  /** The token the service just refused with 401, or null. The same token again means there is no better one. */
  readonly refused: string | null
  readonly signal: AbortSignal | undefined
}

/** A token, or where to get one. A function is asked before every call and once more after a 401. */
export type TokenSource = string | ((request: TokenRequest) => string | Promise<string>)

/** What travels, for a log. `headers` never contain the token. */
export type TrafficEvent =
  | {
      readonly type: 'request'
      readonly method: string
      readonly url: string
      readonly headers: Readonly<Record<string, string>>
      /** The JSON text sent, or null when there is none or the body is image data. */
      readonly body: string | null
    }
  | {
      readonly type: 'response'
      readonly method: string
      readonly url: string
      readonly status: number
      readonly statusText: string
      readonly headers: Readonly<Record<string, string>>
    }

/** What the transport is made of; `endpoint` is already normal. */
export interface TransportOptions {
  readonly endpoint: string
  readonly token: TokenSource | null
  readonly fetch: FetchLike
  readonly userAgent: string | null
  readonly requestId: string | null
  readonly timeoutMs: number | null
  readonly retry: RetryPolicy
  readonly observe: ((event: TrafficEvent) => void) | null
}

/** One call of the API. `path` starts with a slash, is percent-encoded and may hold a query. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly accept?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: JsonValue | undefined
  readonly data?: OutgoingBody
  readonly signal?: AbortSignal | undefined
  /** A status besides 2xx that is an answer and not an error. */
  readonly alsoGood?: number
}

/** A good answer whose body was not read yet. Reading it is guarded by `idle`. */
export interface Answer {
  readonly response: Response
  readonly idle: IdleTimer
}

/**
 * Sends calls and turns everything that is not a good answer into an error of ours.
 *
 * GET is tried again as the retry policy says; nothing else is ever sent twice, except once with a new token after a
 * 401 when there is no image data to repeat. Redirects are errors: following one would carry the token elsewhere.
 */
export class Transport {
  readonly endpoint: string
  readonly #options: TransportOptions

  constructor(options: TransportOptions) {
    this.#options = options
    this.endpoint = options.endpoint
  }

  /** @throws ImageServiceError, ImageConnectionError, or the reason of the caller's signal */
  send(request: ApiRequest): Promise<Answer> {
    if (request.method !== 'GET') return this.#sendWithToken(request)
    return withRetry(this.#options.retry, request.signal, () => this.#sendWithToken(request))
  }

  /** Sends a call whose answer has no body worth reading. */
  async sendForNothing(request: ApiRequest): Promise<void> {
    const { response } = await this.send(request)
    await response.body?.cancel()
  }

  /** Sends a call and parses its answer. The value's shape is for the caller to check. */
  async sendForJson(request: ApiRequest): Promise<unknown> {
    const { response, idle } = await this.send(request)
    idle.start()
    let text: string
    try {
      text = await response.text()
    } catch (error) {
      throw this.lost(error, request.signal, idle)
    } finally {
      idle.stop()
    }
    try {
      return JSON.parse(text)
    } catch {
      throw this.unexpected(response, 'the answer is not JSON')
    }
  }

  /** The error for a good status with an answer the API does not promise. */
  unexpected(response: Response | null, what: string): ImageServiceError {
    const requestId = response?.headers.get('x-openstack-request-id') ?? null
    const message = `${this.endpoint} does not answer as an image service: ${what}`
    return new ImageServiceError(
      { status: response?.status ?? 200, title: '', message, requestId },
      'UNEXPECTED_ANSWER',
    )
  }

  /** The error for an answer that broke off while its body was read. */
  lost(error: unknown, signal: AbortSignal | undefined, idle: IdleTimer): unknown {
    if (signal?.aborted) return signal.reason
    if (idle.fired) return new ImageConnectionError('TIMEOUT', this.endpoint, 'no more data from', idle.signal.reason)
    return new ImageConnectionError('LOST', this.endpoint, 'lost the connection while reading from', error)
  }

  async #sendWithToken(request: ApiRequest): Promise<Answer> {
    const token = await this.#token(null, request.signal)
    try {
      return await this.#sendOnce(request, token)
    } catch (error) {
      const refused = error instanceof ImageServiceError && error.status === 401
      if (!refused || request.data !== undefined || typeof this.#options.token !== 'function') throw error
      const renewed = await this.#token(token, request.signal)
      if (renewed === token) throw error
      return await this.#sendOnce(request, renewed)
    }
  }

  async #token(refused: string | null, signal: AbortSignal | undefined): Promise<string | null> {
    const source = this.#options.token
    const token = typeof source === 'function' ? await source({ refused, signal }) : source
    // fetch repeats a bad header value in its error, so a token that cannot travel is stopped here.
    if (token !== null && !/^[\x21-\x7e]+$/.test(token)) {
      throw new TypeError('the token is empty or has characters that an HTTP header cannot carry')
    }
    return token
  }

  async #sendOnce(request: ApiRequest, token: string | null): Promise<Answer> {
    request.signal?.throwIfAborted()
    const idle = new IdleTimer(this.#options.timeoutMs)
    const url = this.endpoint + request.path
    const { headers, body } = this.#content(request)
    this.#options.observe?.({ type: 'request', method: request.method, url, headers, body: body ?? null })
    const init: RequestInit = {
      method: request.method,
      headers: token === null ? headers : { ...headers, 'x-auth-token': token },
      redirect: 'manual',
      signal: request.signal === undefined ? idle.signal : AbortSignal.any([request.signal, idle.signal]),
    }
    idle.start()
    if (body !== undefined) init.body = body
    if (request.data !== undefined) Object.assign(init, { body: request.data.open(idle), duplex: 'half' })
    let response: Response
    try {
      response = await this.#options.fetch(url, init)
    } catch (error) {
      throw this.#unanswered(error, request, idle)
    } finally {
      idle.stop()
    }
    return { response: await this.#checked(response, request, idle), idle }
  }

  #content(request: ApiRequest): { headers: Record<string, string>; body: string | undefined } {
    const { userAgent, requestId } = this.#options
    const headers: Record<string, string> = { accept: request.accept ?? 'application/json' }
    if (userAgent !== null) headers['user-agent'] = userAgent
    if (requestId !== null) headers['x-openstack-request-id'] = requestId
    const body = request.json === undefined ? undefined : JSON.stringify(request.json)
    if (body !== undefined) headers['content-type'] = 'application/json'
    return { headers: { ...headers, ...request.headers }, body }
  }

  async #checked(response: Response, request: ApiRequest, idle: IdleTimer): Promise<Response> {
    this.#options.observe?.({
      type: 'response',
      method: request.method,
      url: this.endpoint + request.path,
      status: response.status,
      statusText: response.statusText,
      headers: Object.fromEntries(response.headers),
    })
    if (response.ok || response.status === request.alsoGood) return response
    request.data?.stop()
    if (response.type === 'opaqueredirect') throw this.unexpected(null, 'it redirects to another address')
    idle.start()
    const fault = await readFault(response).finally(() => idle.stop())
    const target = response.status > 300 ? response.headers.get('location') : null
    throw new ImageServiceError({
      status: response.status,
      title: fault.title || response.statusText,
      message: target === null ? fault.message : `redirects to ${target} are not followed`,
      requestId: response.headers.get('x-openstack-request-id'),
    })
  }

  #unanswered(error: unknown, request: ApiRequest, idle: IdleTimer): unknown {
    request.data?.stop()
    if (request.data?.failure) return request.data.failure.error
    if (request.signal?.aborted) return request.signal.reason
    if (idle.fired) return new ImageConnectionError('TIMEOUT', this.endpoint, 'no answer from', idle.signal.reason)
    if (request.data !== undefined && request.data.sent > 0) {
      return new ImageConnectionError('LOST', this.endpoint, 'lost the connection while sending image data to', error)
    }
    return new ImageConnectionError('UNREACHABLE', this.endpoint, 'cannot reach', error)
  }
}
