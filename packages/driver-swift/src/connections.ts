import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { StoreError } from '@glance/core'
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

  /** @throws StoreError BAD_CONFIGURATION when the file of authorities cannot be read or holds none */
  constructor(options: SwiftOptions) {
    const ca = options.caFile === undefined ? null : readAuthorities(options.caFile)
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

function readAuthorities(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8')
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new TypeError('the file holds no certificate')
    createSecureContext({ ca: pem })
    return pem
  } catch (cause) {
    const message = `swift_store_cacert: ${JSON.stringify(file)} is no readable file of certificates`
    throw new StoreError('BAD_CONFIGURATION', message, { cause })
  }
}
