import { randomBytes } from 'node:crypto'
import {
  type Acls,
  type AddOptions,
  type AddResult,
  abortError,
  assertImageId,
  type CallOptions,
  type CopySource,
  type DirectUrlOptions,
  type GetOptions,
  isStoreError,
  type OpenContext,
  type Requester,
  redactLocation,
  type StoreCapabilities,
  type StoreDriver,
  type StoredImage,
  StoreError,
} from '@glance/core'
import type { Account } from './account.ts'
import { Accounts, clusterOf } from './accounts.ts'
import { containerAcls } from './acls.ts'
import { addInParts, addStreamed, cleanUpMs, isStreamed, LeftBehind } from './add.ts'
import { assertOptions } from './assert-options.ts'
import { type Call, Calls } from './call.ts'
import { type Patience, SwiftClient } from './client.ts'
import { askCluster, type ClusterInfo } from './cluster-info.ts'
import { Connections } from './connections.ts'
import { Containers, removeContainer } from './containers.ts'
import { copyImage } from './copy.ts'
import { statusError, storeErrorFrom } from './errors.ts'
import { openImage } from './get.ts'
import { formatReference, formatStorage, type Place, parseLocation, type SwiftLocation } from './location.ts'
import { assertFree, lookAtPresent } from './objects.ts'
import type { SwiftOptions } from './options.ts'
import { readReferences } from './references.ts'
import { removeImage, removeLeftovers } from './remove.ts'
import type { SegmentedUpload } from './segments.ts'
import { Source } from './source.ts'
import { tempUrl } from './temp-url.ts'

/** What tests give besides the options. */
export interface SwiftDriverSetup {
  /** Pause before the first further try of a request, in milliseconds; 100 when left out. */
  readonly retryDelayMs?: number
}

/** Image data as objects of OpenStack Swift. */
export class SwiftDriver implements StoreDriver {
  readonly capabilities: StoreCapabilities
  readonly locationPrefixes: readonly string[]
  readonly #options: SwiftOptions
  readonly #accounts: Accounts
  readonly #containers: Containers
  readonly #connections: Connections
  readonly #context: OpenContext
  readonly #patience: Patience
  readonly #calls = new Calls()
  /** Names of images that are being added; Swift itself tells only when a PUT begins that a name is taken. */
  readonly #adding = new Set<string>()
  #cluster: ClusterInfo | null = null

  private constructor(
    options: SwiftOptions,
    parts: { accounts: Accounts; connections: Connections; prefixes: readonly string[] },
    context: OpenContext,
    { retryDelayMs = 100 }: SwiftDriverSetup,
  ) {
    this.#options = options
    this.#accounts = parts.accounts
    this.#connections = parts.connections
    this.#containers = new Containers(options)
    this.#context = context
    this.#patience = {
      headersMs: options.headersTimeout * 1000,
      idleMs: options.idleTimeout * 1000,
      retries: options.retries,
      retryDelayMs,
    }
    this.locationPrefixes = parts.prefixes
    this.capabilities = {
      add: true,
      delete: true,
      randomRead: true,
      setAcls: options.multiTenant,
      copy: true,
      directUrl: options.tempUrlKey !== undefined && !options.multiTenant,
      maxImageBytes: null,
    }
  }

  /**
   * Opens the store: reads the accounts and logs in to the one for new images.
   *
   * @throws StoreError BAD_CONFIGURATION | UNAVAILABLE | TIMEOUT | ABORTED
   */
  static async open(options: SwiftOptions, context: OpenContext, setup: SwiftDriverSetup = {}): Promise<SwiftDriver> {
    const what = 'opening the swift store'
    if (context.signal.aborted) throw abortError(context.signal, what)
    assertOptions(options)
    const references = readReferences(options, context.logger)
    const connections = await Connections.open(options)
    const accounts = new Accounts(options, references, connections)
    try {
      const access = await accounts.service?.access(context.signal)
      const prefixes = prefixesOf(options, [...references.keys()], access?.storageUrl)
      return new SwiftDriver(options, { accounts, connections, prefixes }, context, setup)
    } catch (error) {
      await Promise.all([accounts.close(), connections.close()])
      const failure = storeErrorFrom(error, what, context.signal)
      // Credentials that are refused at the start do not become right by waiting.
      if (failure.code !== 'FORBIDDEN') throw failure
      throw new StoreError('BAD_CONFIGURATION', failure.message, { cause: failure.cause })
    }
  }

  async add(imageId: string, data: AsyncIterable<Uint8Array>, options: AddOptions): Promise<AddResult> {
    assertImageId(imageId)
    const { size, requester } = options
    const source = new Source(data)
    const store = async (account: Account, upload: SegmentedUpload, call: Call): Promise<number> => {
      const cluster = await this.#clusterOf(upload.client, call.signal)
      if (isStreamed(size, this.#options, cluster)) return addStreamed(upload, source, size, call.signal)
      const long = await this.#accounts.forLong(account, requester, call.signal, (err) =>
        this.#context.logger.debug(
          { err, store: this.#context.storeId },
          'no trust: an upload lives as long as its token',
        ),
      )
      try {
        const client = this.#client(long.account)
        return await addInParts({ ...upload, client }, source, size, {
          options: this.#options,
          cluster,
          signal: call.signal,
        })
      } finally {
        await long.end(AbortSignal.timeout(cleanUpMs)).catch((err: unknown) => {
          this.#context.logger.warn({ err, store: this.#context.storeId }, 'a trust could not be ended')
        })
      }
    }
    return this.#storing(`add of ${imageId}`, imageId, options, store, (error) => source.threw(error))
  }

  async get(location: string, options: GetOptions): Promise<StoredImage> {
    return this.#at('get', location, options, (client, place, call) =>
      openImage(client, place, options, this.#options, call),
    )
  }

  async getSize(location: string, options: CallOptions): Promise<number | null> {
    return this.#at('getSize', location, options, async (client, place, call) => {
      const { size } = await lookAtPresent(client, place, call.what, call.signal)
      call.stop()
      return size
    })
  }

  async delete(location: string, options: CallOptions): Promise<void> {
    return this.#at('delete', location, options, async (client, place, call) => {
      await removeImage(client, place, call.what, call.signal)
      if (this.#options.multiTenant && place.container === this.#containers.placeFor(place.object).container)
        await removeContainer(client, place.container, call.what, call.signal)
      call.stop()
    })
  }

  async discard(imageId: string, options: CallOptions): Promise<void> {
    assertImageId(imageId)
    const account = this.#accounts.service
    // Without credentials of its own a multi-tenant store can do nothing in the name of nobody.
    if (account === null) return
    await this.#calls.run(`discard of ${imageId}`, options.signal, async (call) => {
      await removeLeftovers(this.#client(account), this.#containers.placeFor(imageId), call.what, call.signal)
      call.stop()
    })
  }

  async check(options: CallOptions): Promise<void> {
    const account = this.#accounts.service
    await this.#calls.run('check', options.signal, async (call) => {
      if (account) {
        const { container, createContainerOnPut, multiTenant, multipleContainersSeed: seed } = this.#options
        const { signal, what } = call
        const { status } = await this.#client(account).request({ method: 'HEAD', container, what, signal })
        const missing = status === 404 && !createContainerOnPut && !multiTenant && seed === 0
        if (missing) throw new StoreError('UNAVAILABLE', `there is no container ${container}`)
        if (status >= 300 && status !== 404) throw statusError(status, what)
      }
      call.stop()
    })
  }

  async setAcls(location: string, acls: Acls): Promise<void> {
    if (!this.capabilities.setAcls)
      throw new StoreError('UNSUPPORTED', 'a single-tenant swift store has no access lists')
    return this.#at('setAcls', location, acls, async (client, place, call) => {
      await lookAtPresent(client, place, call.what, call.signal)
      const { signal, what } = call
      const headers = containerAcls(acls, this.#options.adminTenants)
      const { container } = place
      const { status } = await client.request({ method: 'POST', container, headers, what, signal })
      if (status >= 300) throw statusError(status, what)
      call.stop()
    })
  }

  canonicalLocation(location: string): string {
    try {
      return this.#accounts.canonical(parseLocation(location)) ?? location
    } catch {
      return location
    }
  }

  async copy(imageId: string, source: CopySource, options: CallOptions): Promise<AddResult | null> {
    assertImageId(imageId)
    const other = source.driver instanceof SwiftDriver ? source.driver : this
    const from = parseLocation(source.location)
    if (other !== this && !other.#containers.allows(from)) throw outside()
    const what = `copy of ${redactLocation(source.location)} as ${imageId}`
    let copied = true
    const result = await this.#storing(what, imageId, options, async (account, upload, call) => {
      const theirs = await other.#accounts.of(from, options.requester, call.signal)
      const urls = await Promise.all([theirs, account].map((each) => each.access(call.signal)))
      const cluster = await this.#clusterOf(upload.client, call.signal)
      const isStatic = this.#options.manifest === 'slo' && cluster.slo
      copied =
        urls[0]?.storageUrl === urls[1]?.storageUrl &&
        (await copyImage(upload, from, source, { isStatic, cluster, signal: call.signal }))
      return source.size
    })
    return copied ? result : null
  }

  async directUrl(location: string, options: DirectUrlOptions): Promise<string> {
    const { tempUrlKey: key } = this.#options
    if (!this.capabilities.directUrl || key === undefined)
      throw new StoreError('UNSUPPORTED', 'a swift store gives direct URLs when swift_store_temp_url_key is set')
    return this.#at('directUrl', location, options, async (client, place, call) => {
      await lookAtPresent(client, place, call.what, call.signal)
      const { storageUrl } = await client.account.access(call.signal)
      const { tempUrlSha256 } = await this.#clusterOf(client, call.signal)
      call.stop()
      const expires = Math.floor(Date.now() / 1000) + options.expiresIn
      const path = [place.container, place.object].map(encodeURIComponent).join('/')
      return tempUrl({ url: `${storageUrl}/${path}`, key, expires, digest: tempUrlSha256 ? 'sha256' : 'sha1' })
    })
  }

  async close(): Promise<void> {
    await this.#calls.close()
    await Promise.all([this.#accounts.close(), this.#connections.close()])
  }

  /** What storing has in common: an id that nobody else is storing, a container, a free name, and a word for the upload. */
  async #storing(
    what: string,
    imageId: string,
    options: CallOptions,
    store: (account: Account, upload: SegmentedUpload, call: Call) => Promise<number>,
    isForeign?: (error: unknown) => boolean,
  ): Promise<AddResult> {
    const place = this.#containers.placeFor(imageId)
    const work = async (call: Call): Promise<AddResult> => {
      const name = `${place.container}/${place.object}`
      if (this.#adding.has(name)) throw new StoreError('ALREADY_EXISTS', `${what}: the image id is being stored`)
      this.#adding.add(name)
      try {
        const { signal } = call
        const account = await this.#accounts.forNew(options.requester, signal)
        const client = this.#client(account)
        await this.#containers.ensure(client, place.container, signal)
        await assertFree(client, place, what, signal)
        const upload = { client, place, upload: randomBytes(8).toString('hex'), what }
        const size = await store(account, upload, call)
        const { storageUrl } = await account.access(signal)
        const location = this.#options.multiTenant
          ? formatStorage(storageUrl, place)
          : formatReference(this.#options.defaultReference, place)
        call.stop()
        return { location, size, metadata: {} }
      } catch (error) {
        throw this.#firstOf(error)
      } finally {
        this.#adding.delete(name)
      }
    }
    return this.#calls.run(what, options.signal, work, isForeign)
  }

  /** Runs a call about a location. @param work - ends the call when it has its answer, unless a body goes on with it */
  async #at<T>(
    operation: string,
    location: string,
    options: CallOptions,
    work: (client: SwiftClient, place: Place, call: Call) => Promise<T>,
  ): Promise<T> {
    return this.#calls.run(`${operation} of ${redactLocation(location)}`, options.signal, async (call) => {
      const parsed = parseLocation(location)
      if (!this.#containers.allows(parsed)) throw outside()
      const { container, object } = parsed
      const account = await this.#accountOf(parsed, options.requester, call.signal)
      return work(this.#client(account), { container, object }, call)
    })
  }

  /** Logs a clean-up that failed, and gives what made it necessary. */
  #firstOf(error: unknown): unknown {
    const left = error instanceof LeftBehind
    if (left)
      this.#context.logger.warn(
        { err: error.failure, store: this.#context.storeId },
        'what a failed upload left could not be removed',
      )
    const first = left ? error.error : error
    if (isStoreError(first) && first.code === 'NOT_FOUND') this.#containers.forget()
    return first
  }

  #accountOf(location: SwiftLocation, requester: Requester | undefined, signal: AbortSignal): Promise<Account> {
    return this.#accounts.of(location, requester, signal)
  }

  #client(account: Account): SwiftClient {
    return new SwiftClient(this.#connections, account, this.#patience)
  }

  async #clusterOf(client: SwiftClient, signal: AbortSignal): Promise<ClusterInfo> {
    this.#cluster ??= await askCluster(client, signal)
    return this.#cluster
  }
}

/** Beginnings of the locations that a store writes. */
function prefixesOf(options: SwiftOptions, references: readonly string[], storageUrl: string | undefined): string[] {
  const { container, endpoint, multiTenant } = options
  if (!multiTenant)
    return references.flatMap((name) => ['/', '_'].map((end) => `swift+config://${name}/${container}${end}`))
  const known = storageUrl ?? endpoint
  return known === undefined ? [] : [`swift+${clusterOf(known)}`]
}

function outside(): StoreError {
  return new StoreError('INVALID_LOCATION', 'the location names a container that is not one of this store')
}
