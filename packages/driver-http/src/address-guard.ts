/**
 * Keeps locations, which users write, from reaching what this host can reach and they cannot (SSRF; OSSA-2026-004 shows the ways in).
 *
 * A name is looked up once for each connection, inside the connector: every address it has must be allowed, and the socket is opened to one
 * of exactly these addresses. There is no second look-up that a name server could answer differently, and no spelling of a host that gets
 * round it, because what is checked is what the socket is given. Redirects open their connections the same way.
 *
 * Behind a proxy the proxy does the look-up and the connecting. Then `assertTarget` checks addresses and the names that resolve from here;
 * a name that only the proxy can resolve has to be refused by the proxy's own rules.
 */
import { lookup as systemLookup } from 'node:dns/promises'
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net'
import { StoreError } from '@glance/core'
import type { buildConnector } from 'undici'
import { addNetwork, canonicalAddress, reachOf } from './special-addresses.ts'

/** One address of a name. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** Looks up all addresses of a name; rejects as `node:dns` does when there are none. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>

/** What is allowed besides public addresses. */
export interface GuardRules {
  readonly allowPrivateAddresses: boolean
  /** Networks in CIDR notation or single addresses. */
  readonly allowedNetworks: readonly string[]
}

/** The look-up of the operating system, which knows `/etc/hosts` as well as DNS. */
export const resolveBySystem: Resolve = async (hostname) => {
  const found = await systemLookup(hostname, { all: true, order: 'verbatim' })
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
}

/** Decides which addresses may be connected to. */
export class AddressGuard {
  readonly #allowPrivate: boolean
  readonly #allowed = new BlockList()
  readonly #resolve: Resolve

  /** @throws StoreError BAD_CONFIGURATION when a network is malformed */
  constructor(rules: GuardRules, resolve: Resolve = resolveBySystem) {
    this.#allowPrivate = rules.allowPrivateAddresses
    this.#resolve = resolve
    for (const network of rules.allowedNetworks) {
      try {
        addNetwork(this.#allowed, network)
      } catch (cause) {
        const message = `http_store_allowed_networks: ${JSON.stringify(network)} is neither a network nor an address`
        throw new StoreError('BAD_CONFIGURATION', message, { cause })
      }
    }
  }

  /** Whether an IP address may be connected to. Text that is no address may not. */
  allows(address: string): boolean {
    const canonical = canonicalAddress(address)
    if (canonical === null) return false
    if (this.#allowed.check(canonical, isIPv4(canonical) ? 'ipv4' : 'ipv6')) return true
    const reach = reachOf(canonical)
    return reach === 'public' || (reach === 'private' && this.#allowPrivate)
  }

  /**
   * Checks the host of a location that a proxy will connect to. A name that does not resolve here passes.
   *
   * @throws StoreError INVALID_LOCATION when it is, or resolves here to, an address that is not allowed; the reason of the signal
   */
  async assertTarget(hostname: string, signal: AbortSignal): Promise<void> {
    const literal = canonicalAddress(hostname)
    if (literal !== null) {
      if (!this.allows(literal)) throw refusal()
      return
    }
    // RFC 6761: these names are loopback wherever they are looked up, so at the proxy too.
    const name = hostname.toLowerCase().replace(/\.+$/, '')
    if ((name === 'localhost' || name.endsWith('.localhost')) && !this.allows('127.0.0.1')) throw refusal()
    const addresses = await unlessAborted(
      this.#resolve(hostname).catch(() => []),
      signal,
    )
    if (!addresses.every(({ address }) => this.allows(address))) throw refusal()
  }

  /**
   * The `lookup` of a socket: all addresses of the name, or an error when one of them is not allowed. One bad address refuses the whole
   * name, since honest names do not mix public and private addresses and dishonest ones would get as many tries as they like.
   */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.#resolve(hostname).then(
      (addresses) => {
        const [first] = addresses
        if (first === undefined || !addresses.every(({ address }) => this.allows(address))) callback(refusal(), '')
        else if (options.all) callback(null, [...addresses])
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('the look-up failed'), ''),
    )
  }

  /** Wraps a connector that uses `lookup`: sockets do not look up addresses, so these are checked before. */
  connector(connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) => {
      if (isIP(options.hostname) !== 0 && !this.allows(options.hostname)) setImmediate(callback, refusal(), null)
      else connect(options, callback)
    }
  }
}

/** The look-up of the system takes no signal; after an abort its answer is not waited for. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const abort = (): void => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  return promise
}

/** Says neither which address a name has nor what would be allowed: the answer must not map the inner network. */
function refusal(): StoreError {
  return new StoreError('INVALID_LOCATION', 'the location leads to an address that this store does not connect to')
}
