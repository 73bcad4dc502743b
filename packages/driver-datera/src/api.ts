/**
 * The management API: one session for all calls of a store.
 *
 * The version is the best of those that the system names (2.2, else 2.1). A session key lives for some fifteen minutes; whichever call is told first that it has ended logs in again, once
 * for all that wait. What the system cannot do in this moment (503, "still initializing", no connection) is tried again until the operation's time is over. A request that creates something
 * may have been carried out although its answer got lost; its repetition is then told of a conflict, which `created` settles.
 */
import { StoreError } from '@glance/core'
import { Agent } from 'undici'
import { ApiError } from './errors.ts'
import { waitFor } from './wait.ts'

/** How to reach the API. */
export interface ApiSettings {
  readonly origin: string
  readonly login: string
  readonly password: string
  readonly tenant: string
  /** PEM text to check the system's certificate against; null for Node's own authorities. */
  readonly ca: string | null
  readonly verify: boolean
  /** Longest time for one operation with its repetitions, in milliseconds. */
  readonly operationMs: number
  /** First pause before a repetition, in milliseconds; it doubles up to ten seconds. */
  readonly retryMs: number
}

/** One request. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below the version, e.g. `/app_instances`. */
  readonly path: string
  readonly body?: object
  readonly signal: AbortSignal
  /** Tenant to speak of; the store's own when left out. */
  readonly tenant?: string
}

/** Versions that are spoken, best first. */
const spoken = ['v2.3', 'v2.2', 'v2.1'] as const
type Version = (typeof spoken)[number]

/** Longest answer that is read, in bytes. A page of a thousand app instances is a few MiB. */
const maxAnswerBytes = 32 * 1024 * 1024
/** Longest wait for one answer, in milliseconds. */
const answerMs = 60_000
const connectMs = 10_000

export class DateraApi {
  readonly #settings: ApiSettings
  readonly #agent: Agent
  #version: Promise<Version> | null = null
  #key: string | null = null
  #loggingIn: Promise<string> | null = null
  readonly #closing = new AbortController()

  constructor(settings: ApiSettings) {
    this.#settings = settings
    this.#agent = new Agent({
      headersTimeout: answerMs,
      bodyTimeout: answerMs,
      maxHeaderSize: 32 * 1024,
      allowH2: false,
      connect: {
        timeout: connectMs,
        rejectUnauthorized: settings.verify,
        ...(settings.ca === null ? {} : { ca: settings.ca, checkServerIdentity: () => undefined }),
      },
    })
  }

  /** Whether the system speaks 2.2 or newer. */
  async isModern(signal: AbortSignal): Promise<boolean> {
    return (await this.#chosenVersion(signal)) !== 'v2.1'
  }

  /**
   * Sends a request and gives the data of its answer.
   *
   * @throws ApiError for an answer that is no success; what undici throws; StoreError ABORTED | TIMEOUT
   */
  async send(request: ApiRequest): Promise<unknown> {
    return (await this.#sendUntilAnswered(request)).data
  }

  /**
   * Sends a request that creates something.
   *
   * @param find - looks for it after a conflict that followed a lost answer; null when what is there is somebody else's
   * @throws as `send`; ApiError 409 when it was there before
   */
  async created<T>(request: ApiRequest, find: () => Promise<T | null>): Promise<T | null> {
    try {
      const { data } = await this.#sendUntilAnswered(request)
      return data as T
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error
      const found = await find()
      if (found === null) throw error
      return found
    }
  }

  /** Everything of a collection, whatever the pages. @param filter - in the API's own language */
  async list(path: string, filter: string | null, signal: AbortSignal): Promise<readonly unknown[]> {
    const limit = 100
    const all: unknown[] = []
    for (;;) {
      const query = new URLSearchParams({ limit: String(limit), ...(filter === null ? {} : { filter }) })
      if (all.length > 0) query.set('offset', String(all.length))
      const page = await this.send({ method: 'GET', path: `${path}?${query}`, signal }).catch((error: unknown) => {
        // Old releases say so for an empty list.
        if (error instanceof ApiError && /^No data at /.test(error.message)) return []
        throw error
      })
      const items = Array.isArray(page) ? page : typeof page === 'object' && page !== null ? Object.values(page) : []
      all.push(...items)
      // Totals have been wrong when there was a filter; version 2.1 knows no offset.
      if (items.length < limit || !(await this.isModern(signal))) return all
    }
  }

  /** Logs out, within a few seconds, and closes every connection. */
  async close(): Promise<void> {
    const key = this.#key
    this.#key = null
    if (key !== null) await this.#exchange('PUT', '/logout', {}, key, AbortSignal.timeout(2_000)).catch(() => {})
    this.#closing.abort(new StoreError('ABORTED', 'the store was closed'))
    await this.#agent.destroy()
  }

  async #sendUntilAnswered(request: ApiRequest): Promise<{ readonly data: unknown }> {
    const { operationMs, retryMs } = this.#settings
    const signal = AbortSignal.any([request.signal, this.#closing.signal, AbortSignal.timeout(operationMs)])
    let pauseMs = retryMs
    let renewed = false
    for (;;) {
      try {
        const key = this.#key ?? (await this.#logIn(signal))
        try {
          return await this.#exchange(request.method, request.path, request.body ?? null, key, signal, request.tenant)
        } catch (error) {
          if (!(error instanceof ApiError && error.expired) || renewed) throw error
          renewed = true
          if (this.#key === key) this.#key = null
        }
      } catch (error) {
        if (signal.aborted || !isPassing(error)) throw error
        await waitFor(pauseMs, signal)
        pauseMs = Math.min(pauseMs * 2, 10_000)
      }
    }
  }

  /** A session key; all who ask at the same time share one log-in, which no single one of them can call off. */
  async #logIn(signal: AbortSignal): Promise<string> {
    this.#loggingIn ??= this.#logInNow().finally(() => {
      this.#loggingIn = null
    })
    const { promise, reject } = Promise.withResolvers<never>()
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await Promise.race([this.#loggingIn, promise])
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  async #logInNow(): Promise<string> {
    const { login, password } = this.#settings
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(answerMs)])
    const { body } = await this.#exchange('PUT', '/login', { name: login, password }, null, signal)
    const key = (body as { key?: unknown } | null)?.key
    if (typeof key !== 'string' || key === '') throw new ApiError(502, '', 'the answer to the log-in has no key')
    this.#key = key
    return key
  }

  #chosenVersion(signal: AbortSignal): Promise<Version> {
    this.#version ??= this.#askVersion(signal).catch((error: unknown) => {
      this.#version = null
      throw error
    })
    return this.#version
  }

  /** @throws ApiError when the system speaks none of ours */
  async #askVersion(signal: AbortSignal): Promise<Version> {
    const { status, body } = await this.#request('GET', '/api_versions', null, {}, signal)
    const named = (body as { api_versions?: unknown } | null)?.api_versions
    if (status === 200 && Array.isArray(named)) {
      const best = spoken.find((version) => named.includes(version))
      if (best) return best
      throw new StoreError(
        'BAD_CONFIGURATION',
        `the Datera system speaks only ${named.join(', ')} of its API; ${spoken.join(', ')} are known here`,
      )
    }
    if (status !== 404) throw faultOf(status, body)
    // Old releases do not tell; a version that they lack has no log-in.
    const { login, password } = this.#settings
    for (const version of ['v2.2', 'v2.1'] as const) {
      const answer = await this.#request('PUT', `/${version}/login`, { name: login, password }, {}, signal)
      if (answer.status !== 404 && answer.status !== 400) return version
    }
    throw new StoreError('BAD_CONFIGURATION', 'the Datera system speaks neither version 2.2 nor 2.1 of its API')
  }

  async #exchange(
    method: ApiRequest['method'],
    path: string,
    body: object | null,
    key: string | null,
    signal: AbortSignal,
    tenant: string = this.#settings.tenant,
  ): Promise<{ readonly data: unknown; readonly body: unknown }> {
    const version = await this.#chosenVersion(signal)
    const headers = key === null ? {} : { 'auth-token': key, tenant }
    const answer = await this.#request(method, `/${version}${path}`, body, headers, signal)
    if (answer.status < 200 || answer.status > 299) throw faultOf(answer.status, answer.body)
    const wrapped = typeof answer.body === 'object' && answer.body !== null && 'data' in answer.body
    return { body: answer.body, data: wrapped ? (answer.body as { data: unknown }).data : answer.body }
  }

  async #request(
    method: ApiRequest['method'],
    path: string,
    body: object | null,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const response = await this.#agent.request({
      origin: this.#settings.origin,
      path,
      method,
      signal,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json; charset=utf-8',
        'datera-driver': 'OpenStack-Glance-glance-driver-datera',
        ...headers,
      },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    })
    const pieces: Buffer[] = []
    let length = 0
    for await (const piece of response.body as AsyncIterable<Buffer>) {
      length += piece.byteLength
      if (length > maxAnswerBytes) throw new ApiError(502, '', 'the answer is too long')
      pieces.push(piece)
    }
    return { status: response.statusCode, body: parsed(Buffer.concat(pieces).toString('utf8')) }
  }
}

function parsed(text: string): unknown {
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function faultOf(status: number, body: unknown): ApiError {
  const { name, message } = (body ?? {}) as { name?: unknown; message?: unknown }
  const text = typeof message === 'string' ? message : `status ${status}`
  return new ApiError(status, typeof name === 'string' ? name : '', text)
}

/** Codes of connections that may be had in a moment. */
const passingCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
])

function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return error.passing
  return error instanceof Error && 'code' in error && passingCodes.has(String(error.code))
}
