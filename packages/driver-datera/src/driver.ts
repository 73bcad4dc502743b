/**
 * The story of an image in a Datera system.
 *
 * 1. An app instance `OS-IMAGE-<image id>` is made, closed to everybody. Its name is unique, so of two uploads one wins; its description carries a token of this upload.
 * 2. It goes online, this initiator is let in, and the bytes are written over iSCSI; a volume of unknown size grows on the way.
 * 3. The bytes are made durable (SYNCHRONIZE CACHE), the session ends, and the app instance goes offline.
 * 4. Its metadata get `length`: from then on the image exists.
 *
 * After a failure the app instance is removed. What a killed process leaves has no `length`, so it is never read; the server removes it at its next start (`discard`).
 */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import {
  type AddOptions,
  type AddResult,
  abortError,
  type CallOptions,
  type GetOptions,
  type OpenContext,
  readAuthorities,
  redactLocation,
  type StoreCapabilities,
  type StoreDriver,
  type StoredImage,
  StoreError,
} from '@glance/core'
import { DateraApi } from './api.ts'
import { type AppInstance, AppInstances } from './app-instance.ts'
import { failureOf, storeErrorOf } from './errors.ts'
import { ImageBody } from './image-body.ts'
import { GrowingVolume, gib, readImage, writeImage } from './image-io.ts'
import { imageIdAt, locationPrefix, type OwnAddresses } from './location.ts'
import { type DateraOptions, tenantOf } from './options.ts'
import { type Volume, VolumeSessions } from './volume-session.ts'
import { WatchedSource } from './watched-source.ts'

/** Longest time for clearing up after a failure, in milliseconds. */
const cleanUpMs = 60_000

/** What an open store works with. */
interface Parts {
  readonly options: DateraOptions
  readonly api: DateraApi
  readonly instances: AppInstances
  readonly volumes: VolumeSessions
  readonly initiatorName: string
  readonly logger: OpenContext['logger']
}

export class DateraDriver implements StoreDriver {
  readonly capabilities: StoreCapabilities = {
    add: true,
    delete: true,
    randomRead: true,
    setAcls: false,
    maxImageBytes: 32_768 * gib,
  }
  readonly locationPrefixes: readonly string[]
  readonly #parts: Parts
  readonly #own: OwnAddresses
  readonly #closing = new AbortController()
  /** Calls that run: `close` waits for their clearing up, which needs the API. */
  readonly #running = new Set<Promise<unknown>>()

  private constructor(parts: Parts) {
    this.#parts = parts
    const { sanIp, sanPort, formerSanIps } = parts.options
    this.#own = { hosts: [sanIp, ...formerSanIps], port: sanPort }
    this.locationPrefixes = [locationPrefix(parts.options.sanIp, parts.options.sanPort)]
  }

  /**
   * Opens the store: logs in to the management API, once.
   *
   * @throws StoreError BAD_CONFIGURATION (options that cannot work, a user or password that is refused); UNAVAILABLE | TIMEOUT | ABORTED
   */
  static async open(options: DateraOptions, { logger, signal }: OpenContext): Promise<DateraDriver> {
    if (signal.aborted) throw abortError(signal, 'opening the store')
    const ca = await checked(options)
    const secure = options.useSsl === 'yes' || (options.useSsl === 'auto' && options.sanPort !== 7717)
    const host = options.sanIp.includes(':') ? `[${options.sanIp}]` : options.sanIp
    const api = new DateraApi({
      origin: `${secure ? 'https' : 'http'}://${host}:${options.sanPort}`,
      login: options.sanLogin,
      password: options.sanPassword,
      tenant: tenantOf(options),
      ca,
      verify: options.sslVerify,
      operationMs: options.operationMaxTimeout * 1000,
      retryMs: Math.min(options.retryInterval * 1000, 1000),
    })
    const polling = { attempts: options.retryAttempts, intervalMs: options.retryInterval * 1000 }
    const instances = new AppInstances(api, polling)
    const initiatorName =
      options.initiatorName ??
      `iqn.2010-10.org.openstack:glance:${hostname()
        .toLowerCase()
        .replace(/[^a-z0-9.-]/g, '-')}`
    const chap =
      options.chapUsername === undefined || options.chapPassword === undefined
        ? null
        : { user: options.chapUsername, secret: options.chapPassword }
    const { portalPort, queueDepth, ioSize, offlineAfterUse } = options
    const settings = { initiatorName, portalPort, queueDepth, ioSize, chap, offlineAfterUse, ...polling }
    const volumes = new VolumeSessions(instances, settings)
    try {
      // A short look: a system that is away now is asked again when it is needed.
      await api.send({
        method: 'GET',
        path: '/system',
        tenant: '/root',
        signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]),
      })
    } catch (thrown) {
      await api.close()
      const error = storeErrorOf(thrown, 'opening the store', signal)
      if (error.code !== 'FORBIDDEN') throw error
      throw new StoreError('BAD_CONFIGURATION', 'the Datera system refuses datera_san_login and datera_san_password', {
        cause: thrown,
      })
    }
    return new DateraDriver({ options, api, instances, volumes, initiatorName, logger })
  }

  add(imageId: string, data: AsyncIterable<Uint8Array>, options: AddOptions): Promise<AddResult> {
    const source = new WatchedSource(data)
    const add = (signal: AbortSignal, what: string): Promise<AddResult> =>
      this.#add(imageId, source, { ...options, signal }, what)
    return this.#run(`add of ${imageId}`, options.signal, 'add', add, (thrown) => source.threw(thrown))
  }

  get(location: string, { offset, length, signal: caller }: GetOptions): Promise<StoredImage> {
    const over = new AbortController()
    const either = AbortSignal.any([caller, over.signal])
    return this.#run(`get of ${redactLocation(location)}`, either, 'other', async (signal, what) => {
      const { instance, bytes } = await this.#whole(location, what, signal)
      const from = Math.min(offset, bytes)
      const wanted = Math.min(length ?? bytes, bytes - from)
      if (wanted === 0) return { size: 0, body: new ImageBody(nothing(), over) }
      const volume = await this.#parts.volumes.use(instance.path, signal)
      const body = this.#body({ from, wanted, bytes }, volume, what, AbortSignal.any([either, this.#closing.signal]))
      return { size: wanted, body: new ImageBody(body, over, () => volume.release()) }
    })
  }

  getSize(location: string, { signal }: CallOptions): Promise<number | null> {
    return this.#run(`getSize of ${redactLocation(location)}`, signal, 'other', async (either, what) => {
      const { bytes } = await this.#whole(location, what, either)
      return bytes
    })
  }

  delete(location: string, { signal }: CallOptions): Promise<void> {
    return this.#run(`delete of ${redactLocation(location)}`, signal, 'other', async (either, what) => {
      const { instances, volumes, initiatorName } = this.#parts
      const instance = await this.#found(location, what, either)
      const others = instance.activeInitiators.filter(
        (path) => !path.endsWith(`/${initiatorName}`) && path !== initiatorName,
      )
      if (others.length > 0)
        throw new StoreError('IN_USE', `${what}: ${others.length} other initiators are logged in to the volume`)
      await volumes.drop(instance.path)
      await instances.remove(instance.path, either)
    })
  }

  discard(imageId: string, { signal }: CallOptions): Promise<void> {
    return this.#run(`discard of ${imageId}`, signal, 'other', async (either) => {
      const instance = await this.#parts.instances.find(imageId, either)
      if (instance) await this.#parts.instances.remove(instance.path, either)
    })
  }

  check({ signal }: CallOptions): Promise<void> {
    return this.#run('check', signal, 'other', async (either) => {
      await this.#parts.api.send({ method: 'GET', path: '/system', tenant: '/root', signal: either })
    })
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) this.#closing.abort(new StoreError('ABORTED', 'the store was closed'))
    await Promise.allSettled(this.#running)
    await this.#parts.volumes.close()
    await this.#parts.api.close()
  }

  async #add(
    imageId: string,
    data: AsyncIterable<Uint8Array>,
    { size, signal, digests }: AddOptions,
    what: string,
  ): Promise<AddResult> {
    const { options, instances } = this.#parts
    const token = `glance upload ${randomUUID()}`
    const sizeGib = size === null ? options.defaultImageSize : Math.max(1, Math.ceil(size / gib))
    await instances.ensureTenant(tenantOf(options), signal)
    const { replicaCount, placementMode, chapUsername, chapPassword } = options
    const chap =
      chapUsername === undefined || chapPassword === undefined ? null : { user: chapUsername, secret: chapPassword }
    let path: string | null = null
    try {
      path = (await instances.create({ imageId, sizeGib, replicaCount, placementMode, chap, token }, signal)).path
      const bytes = await this.#write(path, data, size === null ? sizeGib : null, signal)
      if (size !== null && bytes !== size)
        throw new StoreError('SIZE_MISMATCH', `${what}: ${bytes} bytes came and ${size} were announced`)
      const checksum = digests?.get('md5')
      const others = [...(digests ?? [])].filter(([name]) => name !== 'md5')
      const facts = {
        type: 'image',
        length: String(bytes),
        ...(checksum === undefined ? {} : { checksum }),
        ...Object.fromEntries(others),
      }
      await instances.setFacts(path, facts, signal)
      return { location: this.locationPrefixes[0] + imageId, size: bytes, metadata: {} }
    } catch (error) {
      await this.#takeBack(imageId, token, path)
      throw error
    }
  }

  /** @param growsFrom - GiB that the volume has when its size is to follow the data, else null */
  async #write(
    path: string,
    data: AsyncIterable<Uint8Array>,
    growsFrom: number | null,
    signal: AbortSignal,
  ): Promise<number> {
    const { options, instances, volumes } = this.#parts
    const volume = await volumes.use(path, signal)
    try {
      const { session, target } = volume
      const growing =
        growsFrom === null
          ? null
          : new GrowingVolume(growsFrom, Math.ceil(options.chunkSize / gib), async (sizeGib) => {
              await instances.grow(path, target.storagePath, sizeGib, signal)
              const { bytes } = await session.readCapacity({ signal })
              if (bytes < sizeGib * gib)
                throw new StoreError('UNAVAILABLE', 'the volume is longer in the API than over iSCSI')
            })
      const { ioSize, queueDepth } = options
      const grow = growing ? (bytes: number) => growing.ensure(bytes) : null
      return await writeImage(data, { session, ioSize, queueDepth, signal, grow })
    } finally {
      await volume.release()
    }
  }

  /** Removes what an upload made, if anything. What stays behind for want of an answer has no length, and is in the log. */
  async #takeBack(imageId: string, token: string, known: string | null): Promise<void> {
    const { instances, logger } = this.#parts
    const signal = AbortSignal.timeout(cleanUpMs)
    try {
      const found = known === null ? await instances.find(imageId, signal) : null
      const path = known ?? (found?.descr === token ? found.path : null)
      if (path !== null) await instances.remove(path, signal)
    } catch (error) {
      logger.warn(
        { imageId, code: failureOf(error).code, err: error },
        'the volume of a failed upload stays in the system',
      )
    }
  }

  /** The app instance of a location. @throws StoreError NOT_FOUND */
  async #found(location: string, what: string, signal: AbortSignal): Promise<AppInstance> {
    const instance = await this.#parts.instances.find(imageIdAt(location, this.#own), signal)
    if (!instance) throw new StoreError('NOT_FOUND', `${what}: the system has no such image`)
    return instance
  }

  /** The same, of an image that is whole, with its length. @throws StoreError NOT_FOUND */
  async #whole(location: string, what: string, signal: AbortSignal): Promise<{ instance: AppInstance; bytes: number }> {
    const instance = await this.#found(location, what, signal)
    const facts = await this.#parts.instances.facts(instance.path, signal)
    if (!facts) throw new StoreError('NOT_FOUND', `${what}: the image was never stored whole`)
    return { instance, bytes: facts.length }
  }

  async *#body(
    { from, wanted, bytes }: { readonly from: number; readonly wanted: number; readonly bytes: number },
    { session }: Volume,
    what: string,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    const { ioSize, queueDepth } = this.#parts.options
    try {
      if (session.capacity.bytes < bytes)
        throw new StoreError('UNAVAILABLE', `${what}: the volume is shorter than the image`)
      yield* readImage(from, wanted, { session, ioSize, queueDepth, signal })
    } catch (thrown) {
      const error = storeErrorOf(thrown, what, signal)
      // A session that ended under a reader was ended by the deletion of the image.
      throw error.code === 'ABORTED' && !signal.aborted
        ? new StoreError('NOT_FOUND', `${what}: the image was deleted`, { cause: thrown })
        : error
    }
  }

  #run<T>(
    what: string,
    caller: AbortSignal,
    doing: 'add' | 'other',
    work: (signal: AbortSignal, what: string) => Promise<T>,
    isForeign: (thrown: unknown) => boolean = () => false,
  ): Promise<T> {
    const signal = AbortSignal.any([caller, this.#closing.signal])
    const run = async (): Promise<T> => {
      if (signal.aborted) throw abortError(signal, what)
      return work(signal, what)
    }
    const result = run().catch((thrown: unknown) => {
      throw isForeign(thrown) ? thrown : storeErrorOf(thrown, what, signal, doing)
    })
    const settled: Promise<unknown> = result.then(
      () => this.#running.delete(settled),
      () => this.#running.delete(settled),
    )
    this.#running.add(settled)
    return result
  }
}

async function* nothing(): AsyncGenerator<Uint8Array, void, void> {}

/** Checks what the option table cannot. @returns the text of `datera_ca_file`, null without one @throws StoreError BAD_CONFIGURATION */
async function checked(options: DateraOptions): Promise<string | null> {
  const problem = (words: string): StoreError => new StoreError('BAD_CONFIGURATION', words)
  if (!/^(?:[A-Za-z0-9.-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$/.test(options.sanIp))
    throw problem('datera_san_ip is no address or host name; the port belongs into datera_san_port')
  if ((options.chapUsername === undefined) !== (options.chapPassword === undefined))
    throw problem('datera_chap_username and datera_chap_password belong together')
  if (options.chapPassword !== undefined && !/^.{12,16}$/.test(options.chapPassword))
    throw problem('datera_chap_password must have 12 to 16 characters')
  if (
    options.initiatorName !== undefined &&
    !/^(?:iqn\.\d{4}-\d{2}\.[a-z0-9.:-]+|eui\.[0-9A-Fa-f]{16}|naa\.[0-9A-Fa-f]{16,32})$/.test(options.initiatorName)
  )
    throw problem('datera_initiator_name is no iqn., eui. or naa. name')
  if (!/^(?:\/?root(?:\/|$))?[A-Za-z0-9_./-]*$/.test(options.tenantId))
    throw problem('datera_tenant_id is no name of a tenant')
  if ((options.ioSize & (options.ioSize - 1)) !== 0) throw problem('datera_io_size is no power of two')
  return options.caFile === undefined ? null : readAuthorities('datera_ca_file', options.caFile)
}
