/**
 * Unified limits (Identity API v3, "Unified limits"): what is registered for a service, and what single projects have instead.
 *
 * Keystone shows all limits only to an account in the scope of the system; another sees those of its own project and believes that nobody else has any. What was read counts for a short while,
 * for so many projects at most; what was asked for longest ago is forgotten first.
 */
import { KeystoneError } from './errors.ts'
import type { Session } from './session.ts'
import { SingleFlight } from './single-flight.ts'

/** The endpoint in whose service and region the limits are registered: by its id, or by what it is. */
export type LimitedEndpoint =
  | { readonly id: string }
  | {
      readonly serviceType?: string | undefined
      readonly serviceName?: string | undefined
      /** `public`, `internal` or `admin`; `publicURL` and so on mean the same. */
      readonly interface: string
      readonly region?: string | undefined
    }

/** How limits are kept. Times are in milliseconds. */
export interface LimitsOptions {
  readonly endpoint: LimitedEndpoint
  /** How long an answer counts: 5,000 by default; 0 asks each time. */
  readonly ttlMs?: number
  /** Projects whose limits are kept at most: 1,000 by default. */
  readonly capacity?: number
  readonly now?: () => number
}

type Numbers = ReadonlyMap<string, number>

interface Kept {
  readonly limits: Numbers
  readonly until: number
}

/** Reads the limits of one service in one region. */
export class ProjectLimits {
  readonly #session: Session
  readonly #options: Required<LimitsOptions>
  readonly #kept = new Map<string, Kept>()
  readonly #flights = new SingleFlight<Numbers>()
  /** The filters that find the limits of the service; null until they are known. */
  #filters: string | null = null

  constructor(session: Session, options: LimitsOptions) {
    this.#session = session
    this.#options = { ttlMs: 5_000, capacity: 1_000, now: Date.now, ...options }
  }

  /** How many answers are kept. */
  get size(): number {
    return this.#kept.size
  }

  /**
   * The limits of a project by the name of the resource: its own where it has one, else what is registered. -1 is no limit. What is not in the answer is not registered.
   *
   * @param project - null for what is registered alone
   * @throws KeystoneError BAD_CONFIGURATION for an enforcement model other than flat | NO_ENDPOINT | UNAUTHORIZED | UNAVAILABLE | TIMEOUT | ABORTED | UNEXPECTED
   */
  async of(project: string | null, signal: AbortSignal): Promise<Numbers> {
    const registered = await this.#limits(
      'registered',
      signal,
      '/registered_limits',
      'registered_limits',
      'default_limit',
    )
    if (project === null) return registered
    const path = `/limits?project_id=${encodeURIComponent(project)}`
    const own = await this.#limits(`project ${project}`, signal, path, 'limits', 'resource_limit')
    return new Map([...registered, ...own])
  }

  #limits(key: string, signal: AbortSignal, path: string, list: string, number: string): Promise<Numbers> {
    const kept = this.#kept.get(key)
    if (kept && kept.until > this.#options.now()) {
      this.#keep(key, kept)
      return Promise.resolve(kept.limits)
    }
    return this.#flights.run(key, signal, async (shared) => {
      const filters = await this.#serviceFilters(shared)
      const limits = numbersOf(
        await this.#get(`${path}${path.includes('?') ? '&' : '?'}${filters}`, shared),
        list,
        number,
      )
      if (this.#options.ttlMs > 0) this.#keep(key, { limits, until: this.#options.now() + this.#options.ttlMs })
      return limits
    })
  }

  #keep(key: string, kept: Kept): void {
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    for (const oldest of this.#kept.keys()) {
      // One more for what is registered.
      if (this.#kept.size <= this.#options.capacity + 1) break
      this.#kept.delete(oldest)
    }
  }

  async #serviceFilters(signal: AbortSignal): Promise<string> {
    if (this.#filters !== null) return this.#filters
    const model = member(member(await this.#get('/limits/model', signal), 'model'), 'name')
    // Another model would let projects of a tree use more together than their tree may.
    if (model !== 'flat')
      throw new KeystoneError(
        'BAD_CONFIGURATION',
        `Keystone enforces limits by the model ${String(model).slice(0, 40)}; only flat is served`,
      )
    const { service, region } = await this.#endpoint(signal)
    this.#filters = new URLSearchParams({
      service_id: service,
      ...(region === null ? {} : { region_id: region }),
    }).toString()
    return this.#filters
  }

  async #endpoint(signal: AbortSignal): Promise<{ readonly service: string; readonly region: string | null }> {
    const wish = this.#options.endpoint
    const found = 'id' in wish ? await this.#endpointById(wish.id, signal) : await this.#endpointBy(wish, signal)
    const service = member(found, 'service_id')
    const region = member(found, 'region_id')
    if (typeof service !== 'string')
      throw new KeystoneError('UNEXPECTED', 'Keystone described an endpoint of no service')
    return { service, region: typeof region === 'string' ? region : null }
  }

  async #endpointById(id: string, signal: AbortSignal): Promise<unknown> {
    return member(
      await this.#get(`/endpoints/${encodeURIComponent(id)}`, signal, `there is no endpoint ${id}`),
      'endpoint',
    )
  }

  async #endpointBy(
    { serviceType, serviceName, interface: face, region }: Exclude<LimitedEndpoint, { readonly id: string }>,
    signal: AbortSignal,
  ): Promise<unknown> {
    const services = new URLSearchParams(defined({ type: serviceType, name: serviceName }))
    const service = onlyOne(await this.#get(`/services?${services}`, signal), 'services', `service with ${services}`)
    const wish = { service_id: String(member(service, 'id')), interface: face.replace(/URL$/, ''), region_id: region }
    const endpoints = new URLSearchParams(defined(wish))
    return onlyOne(await this.#get(`/endpoints?${endpoints}`, signal), 'endpoints', `endpoint with ${endpoints}`)
  }

  /** @param missing - what 404 means */
  async #get(path: string, signal: AbortSignal, missing?: string): Promise<unknown> {
    const { status, body } = await this.#session.request({ method: 'GET', path, signal })
    const what = `GET ${path.split('?')[0]}`
    if (status === 403)
      throw new KeystoneError(
        'UNAUTHORIZED',
        `${what}: the account that reads limits may not; it needs the role reader in the system`,
      )
    if (status === 404 && missing !== undefined) throw new KeystoneError('NO_ENDPOINT', missing)
    if (status !== 200) throw new KeystoneError('UNEXPECTED', `${what}: Keystone answered ${status}`)
    return body
  }
}

function numbersOf(body: unknown, list: string, number: string): Numbers {
  const entries = member(body, list)
  if (!Array.isArray(entries)) throw new KeystoneError('UNEXPECTED', `Keystone answered without ${list}`)
  return new Map(
    entries.map((entry: unknown) => {
      const name = member(entry, 'resource_name')
      const value = member(entry, number)
      if (typeof name !== 'string' || typeof value !== 'number')
        throw new KeystoneError('UNEXPECTED', `Keystone described a limit without a name or a number`)
      return [name, value]
    }),
  )
}

/** The single entry of a list; to guess between several would hold projects to the wrong limits. */
function onlyOne(body: unknown, list: string, what: string): unknown {
  const entries = member(body, list)
  if (!Array.isArray(entries)) throw new KeystoneError('UNEXPECTED', `Keystone answered without ${list}`)
  if (entries.length !== 1)
    throw new KeystoneError('NO_ENDPOINT', `Keystone has ${entries.length === 0 ? 'no' : 'more than one'} ${what}`)
  return entries[0]
}

function defined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined))
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
