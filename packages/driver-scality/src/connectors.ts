/**
 * The connectors of a store: which of them work, and whose turn it is.
 *
 * Requests go round the connectors that work. One that does not answer, or answers that its ring is in trouble, is left out until it passes a look at its health again. When none is
 * left every one is tried, since what is known may be out of date.
 */
import { isStoreError, type Logger, StoreError } from '@glance/core'
import { type ConnectorConf, parseConnectorConf } from './connector-conf.ts'
import type { Endpoint } from './endpoint.ts'
import { isConnectorsFault, storeErrorOf } from './errors.ts'
import type { Sproxyd } from './sproxyd.ts'

/** Longest wait for a connector's word of its health, in milliseconds. */
const probeMs = 2_000

/** What one connector is known to be. */
export type Health = 'working' | 'away' | 'without names'

interface Connector {
  readonly endpoint: Endpoint
  health: Health
  ring: string | null
}

export class Connectors {
  readonly #connectors: readonly Connector[]
  readonly #sproxyd: Sproxyd
  readonly #logger: Logger
  #turn = 0
  #timer: NodeJS.Timeout | null = null
  #probing: Promise<void> | null = null

  constructor(endpoints: readonly Endpoint[], sproxyd: Sproxyd, logger: Logger) {
    this.#connectors = endpoints.map((endpoint) => ({ endpoint, health: 'working', ring: null }))
    this.#sproxyd = sproxyd
    this.#logger = logger
  }

  /** The health of each, in the order of the configuration. */
  get health(): readonly Health[] {
    return this.#connectors.map(({ health }) => health)
  }

  /** Connectors in the order in which one call tries them, each once. */
  inTurn(): readonly Endpoint[] {
    const working = this.#connectors.filter(({ health }) => health === 'working')
    const chosen = working.length > 0 ? working : this.#connectors.filter(({ health }) => health !== 'without names')
    const from = this.#turn % Math.max(chosen.length, 1)
    this.#turn = (this.#turn + 1) % Number.MAX_SAFE_INTEGER
    return [...chosen.slice(from), ...chosen.slice(0, from)].map(({ endpoint }) => endpoint)
  }

  /** Leaves a connector out until it passes a look at its health. */
  eject(endpoint: Endpoint, error: StoreError): void {
    const connector = this.#connectors.find((each) => each.endpoint === endpoint)
    if (connector) this.#set(connector, 'away', error)
  }

  /**
   * Runs a request on one connector after the other until one answers.
   *
   * @param request - one try; it must be one that may be sent again
   * @throws what `request` threw last, or at once when it is no fault of the connector's
   */
  async tryEach<T>(what: string, signal: AbortSignal, request: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    let last: StoreError | null = null
    for (const endpoint of this.inTurn()) {
      try {
        return await request(endpoint)
      } catch (thrown) {
        last = storeErrorOf(thrown, what, signal)
        if (signal.aborted || !isConnectorsFault(last)) throw last
        this.eject(endpoint, last)
      }
    }
    throw last ?? new StoreError('UNAVAILABLE', `${what}: no connector takes names instead of keys`)
  }

  /** Looks at every connector now; resolves when all have answered or had their time. */
  probe(signal: AbortSignal): Promise<void> {
    this.#probing ??= this.#probeAll(signal).finally(() => {
      this.#probing = null
    })
    return this.#probing
  }

  /** Looks at every connector again and again until `stopProbing`. It does not keep the process alive. */
  startProbing(everyMs: number, signal: AbortSignal): void {
    this.#timer = setInterval(() => void this.probe(signal), everyMs).unref()
  }

  stopProbing(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
  }

  async #probeAll(signal: AbortSignal): Promise<void> {
    await Promise.all(
      this.#connectors.map(async (connector) => {
        const conf = await this.#confOf(connector, signal)
        if (signal.aborted) return
        if (conf instanceof StoreError) {
          this.#set(connector, 'away', conf)
        } else {
          this.#warnOfOtherRing(connector, conf.ring)
          this.#set(connector, conf.byPath ? 'working' : 'without names', null)
        }
      }),
    )
  }

  async #confOf({ endpoint }: Connector, signal: AbortSignal): Promise<ConnectorConf | StoreError> {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(probeMs)])
    try {
      const { status, text } = await this.#sproxyd.conf(endpoint, inTime)
      if (status === 200) return parseConnectorConf(text, endpoint.alias)
      return new StoreError('UNAVAILABLE', `the connector answers ${status} instead of its configuration`)
    } catch (thrown) {
      return isStoreError(thrown) ? thrown : storeErrorOf(thrown, 'a look at the connector', inTime)
    }
  }

  #set(connector: Connector, health: Health, cause: StoreError | null): void {
    if (connector.health === health) return
    connector.health = health
    const fields = { connector: connector.endpoint.origin, alias: connector.endpoint.alias }
    if (health === 'working') this.#logger.info(fields, 'connector is back')
    else if (health === 'away') this.#logger.warn({ ...fields, code: cause?.code, err: cause }, 'connector is left out')
    else this.#logger.error(fields, 'connector takes keys only: by_path_enabled is off in its configuration')
  }

  #warnOfOtherRing(connector: Connector, ring: string | null): void {
    if (ring === null || ring === connector.ring) return
    connector.ring = ring
    const other = this.#connectors.find((each) => each.ring !== null && each.ring !== ring)
    if (other)
      this.#logger.warn(
        { connector: connector.endpoint.origin, ring, other: other.endpoint.origin, otherRing: other.ring },
        'connectors lead to different rings: an image stored through one may not be found through the other',
      )
  }
}
