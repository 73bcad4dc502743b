/**
 * Requests to one Keystone: TLS, time limits, a bound on answers, and a few more tries while it is away.
 *
 * Every request of this package can be repeated without harm: checking a token changes nothing, and a log-in that is done twice leaves a token that nobody uses.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, type Dispatcher } from 'undici'
import { KeystoneError, keystoneErrorFrom } from './errors.ts'

/** Where Keystone is and how it is reached. Times are in milliseconds. */
export interface ConnectionOptions {
  /** With or without `/v3` at its end. */
  readonly authUrl: string
  /** PEM file of the authorities to trust instead of Node's own. */
  readonly caFile?: string | undefined
  /** Take any certificate. Without effect when `caFile` is set. */
  readonly insecure?: boolean
  /** PEM file of a client certificate; the key may stand in the same file. */
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
  /** 10,000 by default. */
  readonly connectTimeoutMs?: number | undefined
  /** Longest wait for the head of an answer, and longest pause in its body. 30,000 by default. */
  readonly requestTimeoutMs?: number | undefined
  /** Further tries after a failed connection, a time-out, 429, 502, 503 or 504. 3 by default. */
  readonly retries?: number | undefined
  /** Pause before the first further try; each later one is twice as long. 100 by default. */
  readonly retryDelayMs?: number | undefined
}

/** One request. */
export interface KeystoneRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below the version, with its query. */
  readonly path: string
  /** `v3` when left out. */
  readonly version?: 'v2.0'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal: AbortSignal
}

/** One answer. */
export interface KeystoneAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The parsed JSON, or null when there is none. */
  readonly body: unknown
}

/** No catalog is as long as this; an answer that is does not come from Keystone. */
const longestAnswer = 8 * 1024 * 1024
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** The connections to one Keystone, kept for the next request until `close()`. */
export class KeystoneConnection {
  /** The base of all requests, ending in `/v3`. */
  readonly url: string
  readonly #agent: Agent
  readonly #retries: number
  readonly #retryDelayMs: number

  /** @throws KeystoneError BAD_CONFIGURATION when the address is no http URL or a file cannot be read */
  constructor(options: ConnectionOptions) {
    this.url = identityUrl(options.authUrl)
    this.#retries = options.retries ?? 3
    this.#retryDelayMs = options.retryDelayMs ?? 100
    const ca = pem('caFile', options.caFile)
    const cert = pem('certFile', options.certFile)
    const key = pem('keyFile', options.keyFile ?? options.certFile)
    const requestTimeout = options.requestTimeoutMs ?? 30_000
    this.#agent = new Agent({
      headersTimeout: requestTimeout,
      bodyTimeout: requestTimeout,
      connect: {
        timeout: options.connectTimeoutMs ?? 10_000,
        rejectUnauthorized: ca !== null || !(options.insecure ?? false),
        ...(ca === null ? {} : { ca }),
        ...(cert === null ? {} : { cert }),
        ...(key === null ? {} : { key }),
      },
    })
  }

  /**
   * Sends a request and reads the answer, of any status but those that say that Keystone cannot work.
   *
   * @throws KeystoneError UNAVAILABLE | TIMEOUT after the last try | ABORTED | UNEXPECTED
   */
  async request(request: KeystoneRequest): Promise<KeystoneAnswer> {
    const what = `${request.method} ${request.path.split('?')[0]}`
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await this.#once(request, what)
        if (answer.status < 500 && answer.status !== 429) return answer
        throw new FailedAnswer(answer.status, what)
      } catch (error) {
        const failure = keystoneErrorFrom(error, what, request.signal)
        const passes = error instanceof FailedAnswer ? passing.has(error.status) : failure.retryable
        if (!passes || tries >= this.#retries) throw failure
        await sleep(this.#retryDelayMs * 2 ** tries, undefined, { signal: request.signal }).catch(() => {
          throw keystoneErrorFrom(failure, what, request.signal)
        })
      }
    }
  }

  /** Closes every connection; running requests end with UNAVAILABLE. May be called twice. */
  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #once(
    { method, path, version, headers, body, signal }: KeystoneRequest,
    what: string,
  ): Promise<KeystoneAnswer> {
    const base = version === undefined ? this.url : this.url.replace(/v3$/, version)
    const target = new URL(base + path)
    const answer = await this.#agent.request({
      origin: target.origin,
      path: target.pathname + target.search,
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    })
    return { status: answer.statusCode, headers: answer.headers, body: await parsedBody(answer, what) }
  }
}

class FailedAnswer extends KeystoneError {
  readonly status: number
  constructor(status: number, what: string) {
    super('UNAVAILABLE', `${what}: Keystone answered ${status}`)
    this.status = status
  }
}

async function parsedBody(answer: Dispatcher.ResponseData, what: string): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    total += chunk.byteLength
    if (total > longestAnswer) throw new KeystoneError('UNEXPECTED', `${what}: the answer is too long`)
    chunks.push(chunk)
  }
  try {
    return total === 0 ? null : JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    // Proxies answer errors with pages; the status says enough then. The text is not repeated: it is not ours.
    if (answer.statusCode >= 400) return null
    throw new KeystoneError('UNEXPECTED', `${what}: the answer is not JSON`)
  }
}

/** `http://host:5000`, `…/v3` and `…/v3/` all mean the same. What stands at v2.0 has its v3 beside it. */
function identityUrl(authUrl: string): string {
  const url = URL.canParse(authUrl) ? new URL(authUrl) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new KeystoneError('BAD_CONFIGURATION', 'the address of Keystone (auth_url) is no http or https URL')
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v(2\.0|3)$/, '')
  return `${url.origin}${path}/v3`
}

function pem(option: string, path: string | undefined): string | null {
  if (path === undefined) return null
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new KeystoneError('BAD_CONFIGURATION', `${option} ${path} cannot be read`, { cause: error })
  }
}
