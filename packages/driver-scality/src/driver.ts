import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
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
import { Connectors, type Health } from './connectors.ts'
import { type DownloadTools, everywhere, lengthOf, openPart, openWhole } from './download.ts'
import { parseEndpoints } from './endpoint.ts'
import { statusError } from './errors.ts'
import { ImageBody } from './image-body.ts'
import { formatLocation, nameAt } from './location.ts'
import type { ScalityOptions } from './options.ts'
import { Sproxyd, type TlsFiles } from './sproxyd.ts'
import { isSuccess, upload } from './upload.ts'
import { waitFor } from './wait.ts'

/** Time between two tries to delete what is locked, in milliseconds: a lock is held for the moment of another operation. */
const lockedMs = 50

/** Image data as objects of a Scality RING, one object an image, reached by name through sproxyd connectors. */
export class ScalityDriver implements StoreDriver {
  readonly capabilities: StoreCapabilities = {
    add: true,
    delete: true,
    randomRead: true,
    setAcls: false,
    maxImageBytes: null,
  }
  readonly locationPrefixes: readonly string[]
  readonly #prefix: string
  readonly #retries: number
  readonly #sproxyd: Sproxyd
  readonly #connectors: Connectors
  readonly #closing: AbortController

  private constructor(options: ScalityOptions, sproxyd: Sproxyd, connectors: Connectors, closing: AbortController) {
    this.#prefix = options.objectPrefix
    this.#retries = options.retries
    this.#sproxyd = sproxyd
    this.#connectors = connectors
    this.#closing = closing
    this.locationPrefixes = [formatLocation(options.objectPrefix)]
  }

  /**
   * Opens the store. Connectors that do not answer are looked at again later; the start does not wait for them longer than two seconds.
   *
   * @throws StoreError BAD_CONFIGURATION for malformed options, files that cannot be read, and when every connector that answers takes keys only; ABORTED
   */
  static async open(options: ScalityOptions, { logger, signal }: OpenContext): Promise<ScalityDriver> {
    if (signal.aborted) throw abortError(signal, 'opening the store')
    const endpoints = parseEndpoints(options.endpoints)
    if (!/^[A-Za-z0-9._-]{0,100}$/.test(options.objectPrefix) || options.objectPrefix.startsWith('.'))
      throw new StoreError(
        'BAD_CONFIGURATION',
        'scality_sproxyd_object_prefix has characters that names cannot have, or begins with a dot',
      )
    if ((options.username === undefined) !== (options.password === undefined))
      throw new StoreError('BAD_CONFIGURATION', 'scality_sproxyd_username and scality_sproxyd_password belong together')
    if ((options.clientCert === undefined) !== (options.clientKey === undefined))
      throw new StoreError(
        'BAD_CONFIGURATION',
        'scality_sproxyd_client_cert and scality_sproxyd_client_key belong together',
      )
    const sproxyd = new Sproxyd(options, await readTlsFiles(options))
    const closing = new AbortController()
    const connectors = new Connectors(endpoints, sproxyd, logger)
    try {
      await connectors.probe(AbortSignal.any([signal, closing.signal]))
      if (signal.aborted) throw abortError(signal, 'opening the store')
      assertNames(connectors.health)
    } catch (error) {
      await sproxyd.close()
      throw error
    }
    connectors.startProbing(options.healthInterval * 1000, closing.signal)
    return new ScalityDriver(options, sproxyd, connectors, closing)
  }

  async add(imageId: string, data: AsyncIterable<Uint8Array>, { size, signal }: AddOptions): Promise<AddResult> {
    const name = this.#prefix + imageId
    const either = this.#begin(`add of ${name}`, signal)
    const tools = { connectors: this.#connectors, sproxyd: this.#sproxyd, signal: either }
    const bytes = await upload(name, data, size, tools)
    return { location: formatLocation(name), size: bytes, metadata: {} }
  }

  async get(location: string, { offset, length, signal }: GetOptions): Promise<StoredImage> {
    const { name, what } = this.#target('get', location)
    const over = new AbortController()
    const either = AbortSignal.any([this.#begin(what, signal), over.signal])
    const tools = { connectors: this.#connectors, sproxyd: this.#sproxyd, retries: this.#retries, signal: either }
    if (offset === 0 && length === null) {
      const { size, body } = await openWhole(name, what, tools)
      return { size, body: new ImageBody(body, over) }
    }
    return this.#part(name, what, { offset, length }, tools, over)
  }

  async getSize(location: string, { signal }: CallOptions): Promise<number | null> {
    const { name, what } = this.#target('getSize', location)
    const either = this.#begin(what, signal)
    return lengthOf(name, what, { connectors: this.#connectors, sproxyd: this.#sproxyd, signal: either })
  }

  async delete(location: string, { signal }: CallOptions): Promise<void> {
    const { name, what } = this.#target('delete', location)
    const either = this.#begin(what, signal)
    // sproxyd answers a delete of nothing with success, so it is asked first.
    await lengthOf(name, what, { connectors: this.#connectors, sproxyd: this.#sproxyd, signal: either })
    await this.#remove(name, what, either)
  }

  async discard(imageId: string, { signal }: CallOptions): Promise<void> {
    const name = this.#prefix + imageId
    const what = `discard of ${name}`
    await this.#remove(name, what, this.#begin(what, signal))
  }

  async check({ signal }: CallOptions): Promise<void> {
    const either = this.#begin('check', signal)
    await this.#connectors.tryEach('check', either, async (endpoint) => {
      const { status } = await this.#sproxyd.conf(endpoint, either)
      if (status !== 200) throw statusError(status, 'check', 'check', null)
    })
  }

  async close(): Promise<void> {
    this.#connectors.stopProbing()
    if (!this.#closing.signal.aborted) this.#closing.abort(new StoreError('ABORTED', 'the store was closed'))
    await this.#sproxyd.close()
  }

  async #part(
    name: string,
    what: string,
    { offset, length }: Pick<GetOptions, 'offset' | 'length'>,
    tools: DownloadTools,
    over: AbortController,
  ): Promise<StoredImage> {
    const total = await lengthOf(name, what, tools)
    if (total === null)
      throw new StoreError('UNSUPPORTED', `${what}: the connector does not tell the length of the object`)
    const from = Math.min(offset, total)
    const to = Math.min(total, from + (length ?? total))
    if (from === to) return { size: 0, body: new ImageBody(nothing(), over) }
    return { size: to - from, body: new ImageBody(await openPart(name, { from, to }, what, tools), over) }
  }

  /** Deletes an object; nothing there is no error. What is locked is tried again a few times. */
  async #remove(name: string, what: string, signal: AbortSignal): Promise<void> {
    for (let left = this.#retries; ; left -= 1) {
      const locked = await everywhere(this.#connectors, what, signal, async (endpoint) => {
        const { status, ringStatus } = await this.#sproxyd.delete(endpoint, name, signal)
        if (isSuccess(status) || status === 404) return null
        const error = statusError(status, 'delete', what, ringStatus)
        if (status === 423) return error
        throw error
      })
      if (!locked) return
      if (left === 0) throw locked
      await waitFor(lockedMs, signal)
    }
  }

  #target(operation: string, location: string): { readonly name: string; readonly what: string } {
    return { name: nameAt(location, this.#prefix), what: `${operation} of ${redactLocation(location)}` }
  }

  #begin(what: string, signal: AbortSignal): AbortSignal {
    const either = AbortSignal.any([signal, this.#closing.signal])
    if (either.aborted) throw abortError(either, what)
    return either
  }
}

/** @throws StoreError BAD_CONFIGURATION when there are answers and all say no */
function assertNames(health: readonly Health[]): void {
  if (health.includes('without names') && !health.includes('working') && !health.includes('away'))
    throw new StoreError(
      'BAD_CONFIGURATION',
      'no connector takes names instead of keys: set by_path_enabled in the ring driver of sproxyd, or use its by-path alias (chord_path) in scality_sproxyd_endpoints',
    )
}

async function* nothing(): AsyncGenerator<Uint8Array, void, void> {}

/** @throws StoreError BAD_CONFIGURATION */
async function readTlsFiles({ caFile, clientCert, clientKey }: ScalityOptions): Promise<TlsFiles> {
  const read = async (option: string, file: string | undefined): Promise<string | null> => {
    if (file === undefined) return null
    try {
      return await readFile(file, 'utf8')
    } catch (cause) {
      throw new StoreError('BAD_CONFIGURATION', `${option}: the file cannot be read`, { cause })
    }
  }
  const files = {
    ca: caFile === undefined ? null : await readAuthorities('scality_sproxyd_ca_file', caFile),
    cert: await read('scality_sproxyd_client_cert', clientCert),
    key: await read('scality_sproxyd_client_key', clientKey),
  }
  try {
    createSecureContext({ cert: files.cert ?? undefined, key: files.key ?? undefined } as object)
  } catch (cause) {
    throw new StoreError(
      'BAD_CONFIGURATION',
      'scality_sproxyd_client_cert or _client_key holds no certificate or key that fits',
      { cause },
    )
  }
  return files
}
