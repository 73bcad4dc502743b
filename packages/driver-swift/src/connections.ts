import { readAuthorities } from '@glance/core'
import { Agent, type Dispatcher } from 'undici'
import type { SwiftOptions } from './options.ts'

/** One request, of which the body may be sent only once. */
export interface WireRequest {
  readonly url: string
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | null
  readonly signal: AbortSignal
  /** Longest wait for the headers of the answer; 0 when the caller watches the time itself. */
  readonly headersTimeoutMs: number
}

/** The connections of a store, kept for the next request until `close()`. */
export class Connections {
  readonly #agent: Agent

  /** @param ca - PEM text of the authorities to trust, null for Node's own */
  private constructor(options: SwiftOptions, ca: string | null) {
    this.#agent = new Agent({
      bodyTimeout: options.idleTimeout * 1000,
      connect: {
        timeout: options.connectTimeout * 1000,
        allowH2: false,
        rejectUnauthorized: ca !== null || !options.authInsecure,
        ...(ca === null ? {} : { ca }),
      },
    })
  }

  /** @throws StoreError BAD_CONFIGURATION when the file of authorities cannot be read or holds none */
  static async open(options: SwiftOptions): Promise<Connections> {
    const file = options.caFile
    return new Connections(options, file === undefined ? null : await readAuthorities('swift_store_cacert', file))
  }

  /** Sends a request and resolves with the head of the answer, of any status. @throws whatever undici throws */
  request(request: WireRequest): Promise<Dispatcher.ResponseData> {
    const { url, method, headers, body = null, signal, headersTimeoutMs } = request
    const target = new URL(url)
    return this.#agent.request({
      origin: target.origin,
      path: target.pathname + target.search,
      method,
      headers: { 'user-agent': 'glance-driver-swift', ...headers },
      // undici takes any async iterable (8.12, `util.isIterable`); its types know only Readable.
      body: body as Uint8Array | null,
      signal,
      headersTimeout: headersTimeoutMs,
    })
  }

  /** Closes every connection, used or not. */
  async close(): Promise<void> {
    await this.#agent.destroy()
  }
}
