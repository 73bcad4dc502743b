import { StoreError } from '@glance/core'
import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici'
import type { AddressGuard } from './address-guard.ts'
import type { HttpLocation } from './location.ts'
import type { HttpOptions } from './options.ts'

/** More than any honest origin needs; a larger head is an attempt to fill our memory. */
const maxHeaderSize = 16 * 1024

/**
 * The connections of one store: kept alive for the next request, direct ones behind the address guard, others through the proxy of their
 * scheme. HTTP/1.1 alone is spoken, since its framing is what the checks of lengths rely on.
 */
export class Origins {
  readonly #guard: AddressGuard
  readonly #connectTimeout: number
  readonly #direct: Dispatcher
  readonly #proxies: ReadonlyMap<string, Dispatcher>

  /**
   * @param authorities - PEM text of the certificate authorities to trust, null for Node's own
   * @throws StoreError BAD_CONFIGURATION when a proxy is malformed
   */
  constructor(options: HttpOptions, authorities: string | null, guard: AddressGuard) {
    const timeout = options.connectTimeout * 1000
    const tls =
      authorities === null ? { rejectUnauthorized: !options.insecure } : { rejectUnauthorized: true, ca: authorities }
    const limits = {
      maxHeaderSize,
      headersTimeout: options.headersTimeout * 1000,
      bodyTimeout: options.idleTimeout * 1000,
      allowH2: false,
    }
    const connect = buildConnector({ ...tls, timeout, allowH2: false, lookup: guard.lookup })
    this.#guard = guard
    this.#connectTimeout = timeout
    this.#direct = new Agent({ ...limits, connect: guard.connector(connect) })
    this.#proxies = new Map(
      Object.entries(options.proxies).map(([scheme, address]) => [
        scheme,
        new ProxyAgent({
          ...limits,
          uri: proxyUri(scheme, address),
          connectTimeout: timeout,
          requestTls: { ...tls, allowH2: false },
          proxyTls: { ...tls, allowH2: false },
          // The CONNECT itself waits no longer than any other request.
          clientFactory: (origin, settings) => new Pool(origin, { ...settings, ...limits }),
        }),
      ]),
    )
  }

  /**
   * Sends one request and resolves with the head of the answer. Redirects are not followed here.
   *
   * @throws StoreError INVALID_LOCATION when the address of the location is not allowed; else whatever undici throws
   */
  async request(
    location: HttpLocation,
    method: 'GET' | 'HEAD',
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const proxy = this.#proxies.get(location.scheme)
    if (proxy !== undefined) {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(this.#connectTimeout)])
      await this.#guard.assertTarget(location.hostname, inTime)
    }
    return (proxy ?? this.#direct).request({ origin: location.origin, path: location.path, method, headers, signal })
  }

  /** Closes every connection, used or not. */
  async close(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxies.values()].map((dispatcher) => dispatcher.destroy()))
  }
}

/** The value is host:port in Glance; a scheme before it is taken too. It may hold a password, so no message repeats it. */
function proxyUri(scheme: string, address: string): string {
  const uri = /^https?:\/\//i.test(address) ? address : `http://${address}`
  const problem = (words: string): StoreError => new StoreError('BAD_CONFIGURATION', `http_proxy_information: ${words}`)
  if (scheme !== 'http' && scheme !== 'https') throw problem(`there is no scheme ${JSON.stringify(scheme)} here`)
  if (!URL.canParse(uri) || new URL(uri).pathname !== '/') throw problem(`the proxy of ${scheme} is not host:port`)
  return uri
}
