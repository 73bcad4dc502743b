/**
 * Which account a call is about, and with whose token it is reached.
 *
 * Single tenant: the account of a reference (`swift_store_config_file` or the options), with its credentials. Multi-tenant: the account of whoever makes the request, with his
 * token; calls that the service makes for itself go with the credentials of the options, if there are any.
 *
 * A location never decides where a token goes: its address has to be that of a reference, or of the same Swift as the caller's own account.
 */
import { type Requester, StoreError } from '@glance/core'
import {
  catalogOf,
  type EndpointWish,
  endpointOf,
  KeystoneConnection,
  type LoginOptions,
  Session,
} from '@glance/keystone'
import { type Account, ElsewhereAccount, KeystoneAccount, TokenAccount, Version1Account } from './account.ts'
import type { Connections } from './connections.ts'
import { formatReference, type SwiftLocation } from './location.ts'
import type { SwiftOptions } from './options.ts'
import { projectOf, type Reference, type References } from './references.ts'
import { trusting } from './trusted-account.ts'

/** Storage URLs of projects that are remembered. */
const mostProjects = 1000

/** An account by its reference, with what it is made of. */
interface Known {
  readonly reference: Reference
  readonly account: Account
  /** Null for version 1. */
  readonly session: Session | null
}

/** The accounts of a store. */
export class Accounts {
  readonly #options: SwiftOptions
  readonly #references: References
  readonly #connections: Connections
  readonly #known = new Map<string, Known>()
  readonly #keystones = new Map<string, KeystoneConnection>()
  readonly #storageUrls = new Map<string, string>()

  constructor(options: SwiftOptions, references: References, connections: Connections) {
    this.#options = options
    this.#references = references
    this.#connections = connections
  }

  /** The account of the service for new images; null in a multi-tenant store without credentials. */
  get service(): Account | null {
    return this.#serviceKnown()?.account ?? null
  }

  /** The account for a new image. @throws StoreError FORBIDDEN when there is nobody whose account it could be; as `Account.access` */
  async forNew(requester: Requester | undefined, signal: AbortSignal): Promise<Account> {
    if (this.#options.multiTenant && requester?.token && requester.project !== null)
      return this.#ofRequester(requester.project, requester.token, signal)
    const service = this.service
    if (service) return service
    throw new StoreError('FORBIDDEN', 'a multi-tenant store without credentials of its own needs the token of a user')
  }

  /**
   * The account in which a location lies.
   *
   * @throws StoreError INVALID_LOCATION when it is none of this store's; as `forNew`
   */
  async of(location: SwiftLocation, requester: Requester | undefined, signal: AbortSignal): Promise<Account> {
    if (location.kind !== 'storage') {
      const known = this.#referenceOf(location)
      if (known) return this.#make(known).account
      throw invalid('the location names an account that this store does not know')
    }
    const own = await this.forNew(requester, signal)
    const { storageUrl } = await own.access(signal)
    if (storageUrl === location.storageUrl) return own
    if (this.#options.multiTenant && clusterOf(storageUrl) === clusterOf(location.storageUrl))
      return new ElsewhereAccount(own, location.storageUrl)
    throw invalid('the location lies in another Swift than this store')
  }

  /** A location as it would be written today: with the name of the account in place of user and key. Null when it is already, or nothing of ours. */
  canonical(location: SwiftLocation): string | null {
    if (location.kind !== 'auth') return null
    const reference = this.#referenceOf(location)
    return reference ? formatReference(reference.name, location) : null
  }

  /**
   * An account that outlives the token of its user, by a trust, for an upload that takes long.
   *
   * @returns the account itself and nothing to end when there can be no trust; why is told to `untrusted`
   */
  async forLong(
    account: Account,
    requester: Requester | undefined,
    signal: AbortSignal,
    untrusted: (error: unknown) => void,
  ): Promise<{ readonly account: Account; readonly end: (signal: AbortSignal) => Promise<void> }> {
    const none = { account, end: async () => {} }
    const service = this.#serviceKnown()
    const { multiTenant, useTrusts, expireSoonInterval } = this.#options
    if (!multiTenant || !useTrusts || !requester?.token || !service?.session) return none
    if (service.reference.user === null || service.reference.authVersion !== '3') return none
    try {
      const { projectId, projectName, projectDomainId, projectDomainName, ...login } = loginOf(service.reference)
      const renewBeforeMs = expireSoonInterval * 1000
      return await trusting({ account, token: requester.token, session: service.session, login, renewBeforeMs }, signal)
    } catch (error) {
      if (signal.aborted) throw error
      untrusted(error)
      return none
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#keystones.values()].map((connection) => connection.close()))
  }

  #serviceKnown(): Known | null {
    const reference = this.#references.get(this.#options.defaultReference)
    return reference ? this.#make(reference) : null
  }

  #referenceOf(location: Exclude<SwiftLocation, { kind: 'storage' }>): Reference | null {
    if (location.kind === 'reference') return this.#references.get(location.reference) ?? null
    const address = addressKey(location.authAddress)
    const fitting = [...this.#references.values()].filter(
      (reference) => addressKey(reference.authAddress) === address && isUserOf(reference, location.user),
    )
    return fitting.find(({ name }) => name === this.#options.defaultReference) ?? fitting[0] ?? null
  }

  #make(reference: Reference): Known {
    const known = this.#known.get(reference.name)
    if (known) return known
    const made = reference.authVersion === '1' ? this.#version1(reference) : this.#keystone(reference)
    this.#known.set(reference.name, made)
    return made
  }

  #version1(reference: Reference): Known {
    const { headersTimeout, expireSoonInterval, endpoint } = this.#options
    const { authAddress, user, key } = reference
    const account = new Version1Account(this.#connections, {
      authAddress,
      user: user ?? '',
      key: key ?? '',
      storageUrl: endpoint?.replace(/\/+$/, '') ?? null,
      headersTimeoutMs: headersTimeout * 1000,
      renewBeforeMs: expireSoonInterval * 1000,
    })
    return { reference, account, session: null }
  }

  #keystone(reference: Reference): Known {
    const connection = this.#keystoneAt(reference.authAddress)
    const session = new Session(connection, loginOf(reference), {
      renewBeforeMs: this.#options.expireSoonInterval * 1000,
    })
    const { endpoint } = this.#options
    const fixed = endpoint === undefined || hasProject(endpoint) ? null : endpoint.replace(/\/+$/, '')
    return { reference, account: new KeystoneAccount(session, this.#wish(), fixed), session }
  }

  #keystoneAt(authUrl: string): KeystoneConnection {
    const known = this.#keystones.get(authUrl)
    if (known) return known
    const { caFile, authInsecure, connectTimeout, headersTimeout, retries } = this.#options
    const connection = new KeystoneConnection({
      authUrl,
      caFile,
      insecure: authInsecure,
      connectTimeoutMs: connectTimeout * 1000,
      requestTimeoutMs: headersTimeout * 1000,
      retries,
    })
    this.#keystones.set(authUrl, connection)
    return connection
  }

  async #ofRequester(project: string, token: string, signal: AbortSignal): Promise<Account> {
    const { endpoint, authAddress } = this.#options
    let storageUrl = this.#storageUrls.get(project)
    if (endpoint !== undefined) storageUrl = withProject(endpoint, project).replace(/\/+$/, '')
    if (storageUrl === undefined) {
      const address = this.#references.get(this.#options.defaultReference)?.authAddress ?? authAddress ?? ''
      const keystone = this.#keystoneAt(/^https?:/i.test(address) ? address : `https://${address}`)
      storageUrl = endpointOf(await catalogOf(keystone, token, signal), this.#wish())
      if (this.#storageUrls.size >= mostProjects) this.#storageUrls.delete(this.#storageUrls.keys().next().value ?? '')
      this.#storageUrls.set(project, storageUrl)
    }
    return new TokenAccount({ storageUrl, token })
  }

  #wish(): EndpointWish {
    const { serviceType, endpointType, region } = this.#options
    return { serviceType, interface: endpointType, region }
  }
}

/** How a reference logs in to Keystone. */
export function loginOf(reference: Reference): LoginOptions {
  const { user, key, applicationCredential, authVersion } = reference
  if (applicationCredential)
    return {
      authType: 'v3applicationcredential',
      applicationCredentialId: applicationCredential.id,
      applicationCredentialSecret: applicationCredential.secret,
    }
  const project = projectOf(user ?? '')
  const { projectId, userDomainId, userDomainName, projectDomainId, projectDomainName } = reference
  return {
    authType: authVersion === '2' ? 'v2password' : 'v3password',
    username: project === null ? (user ?? '') : (user ?? '').slice(project.length + 1),
    password: key ?? '',
    ...(projectId === undefined ? { projectName: project ?? reference.projectName } : { projectId }),
    userDomainId,
    userDomainName,
    projectDomainId,
    projectDomainName,
  }
}

/** Whether an old location's user is one of a reference's project: then the reference leads to the same account, also with other credentials. */
function isUserOf(reference: Reference, user: string): boolean {
  const project = projectOf(user)
  if (reference.user === user) return true
  if (project === null) return false
  const ours = reference.user === null ? null : projectOf(reference.user)
  const names = [ours, reference.projectName, reference.projectId].filter((name) => name !== null && name !== undefined)
  // An application credential knows its project; without a name there is nothing to compare.
  return names.length === 0 ? reference.applicationCredential !== null : names.includes(project)
}

/** Two addresses of one Keystone, with its version or without, are the same. */
function addressKey(address: string): string {
  const { protocol, host, pathname } = new URL(address)
  return `${protocol}//${host}${pathname.replace(/\/+$/, '').replace(/\/v(1(\.0)?|2(\.0)?|3)$/, '')}`
}

/** A storage URL without its last segment, which is the account. */
export function clusterOf(storageUrl: string): string {
  return storageUrl.slice(0, storageUrl.lastIndexOf('/') + 1)
}

const projectPattern = /[%$]\((project|tenant)_id\)s/g

function hasProject(endpoint: string): boolean {
  return endpoint.search(projectPattern) !== -1
}

function withProject(endpoint: string, project: string): string {
  return endpoint.replace(projectPattern, () => encodeURIComponent(project))
}

function invalid(message: string): StoreError {
  return new StoreError('INVALID_LOCATION', message)
}
