import {
  type AddResult,
  abortError,
  type CallOptions,
  type GetOptions,
  readAuthorities,
  redactLocation,
  type StoreCapabilities,
  type StoreDriver,
  type StoredImage,
  StoreError,
} from '@glance/core'
import type { Dispatcher } from 'undici'
import { AddressGuard, type Resolve } from './address-guard.ts'
import { imageBody } from './body.ts'
import { Call, closedError } from './call.ts'
import { failureOfStatus } from './errors.ts'
import { assertPlainBody, contentLengthOf, contentRangeOf } from './headers.ts'
import { basicAuthorization, type HttpLocation, parseLocation } from './location.ts'
import type { HttpOptions } from './options.ts'
import { Origins } from './origins.ts'
import { portionOf, rangeHeader, sizeOf } from './portion.ts'
import { followRedirects } from './redirects.ts'

/** Statuses with which origins refuse HEAD though they would answer GET; signed URLs of object stores are good for one method. */
const headRefused: ReadonlySet<number> = new Set([403, 405, 501])

/** Reads image data from http and https locations. Nothing is written anywhere, so a store has no state but its connections. */
export class HttpDriver implements StoreDriver {
  readonly capabilities: StoreCapabilities = {
    add: false,
    delete: false,
    randomRead: true,
    setAcls: false,
    maxImageBytes: null,
  }
  readonly locationPrefixes: readonly string[] = ['http://', 'https://']
  readonly #options: HttpOptions
  readonly #origins: Origins
  readonly #calls: Set<Call> = new Set()
  #closed = false

  private constructor(options: HttpOptions, origins: Origins) {
    this.#options = options
    this.#origins = origins
  }

  /**
   * Opens the store: reads the certificate authorities; no origin is contacted.
   *
   * @param resolve - looks up names; the system's look-up when left out
   * @throws StoreError BAD_CONFIGURATION when a network, a proxy or the file of authorities is malformed or unreadable; ABORTED
   */
  static async open(
    options: HttpOptions,
    { signal, resolve }: { readonly signal: AbortSignal; readonly resolve?: Resolve },
  ): Promise<HttpDriver> {
    if (signal.aborted) throw abortError(signal, 'opening the http store')
    const guard = new AddressGuard(options, resolve)
    const file = options.caCertificatesFile
    const authorities = file === undefined ? null : await readAuthorities('https_ca_certificates_file', file)
    return new HttpDriver(options, new Origins(options, authorities, guard))
  }

  async add(): Promise<AddResult> {
    this.#assertOpen('add')
    throw new StoreError('READ_ONLY', 'the http store does not take new image data')
  }

  async get(location: string, { offset, length, signal }: GetOptions): Promise<StoredImage> {
    return this.#run('get', location, signal, async (call, target) => {
      const wanted = { offset, length }
      const range = rangeHeader(wanted)
      let response = await this.#send(call, target, 'GET', range)
      let portion = portionOf(response, wanted, range !== null, call.what)
      if (portion === null) {
        response.body.on('error', () => {}).destroy()
        response = await this.#send(call, target, 'GET', null)
        portion = portionOf(response, wanted, false, call.what)
      }
      const size = portion === null ? null : sizeOf(portion)
      if (portion === null || size === 0) {
        call.stop()
        return { size: 0, body: empty() }
      }
      assertPlainBody(response.headers, call.what)
      return { size, body: imageBody(response.body, portion, call) }
    })
  }

  async getSize(location: string, { signal }: CallOptions): Promise<number | null> {
    return this.#run('getSize', location, signal, async (call, target) => {
      const head = await this.#send(call, target, 'HEAD', null)
      const answered = head.statusCode === 200
      if (answered) assertPlainBody(head.headers, call.what)
      else if (!headRefused.has(head.statusCode)) throw statusError(head.statusCode, call.what)
      const size = (answered ? contentLengthOf(head.headers) : null) ?? (await this.#sizeByGet(call, target))
      call.stop()
      return size
    })
  }

  async delete(): Promise<void> {
    this.#assertOpen('delete')
    throw new StoreError('UNSUPPORTED', 'the http store does not delete image data')
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const call of [...this.#calls]) call.close()
    await this.#origins.close()
  }

  /** Asks for the first byte, because an origin that serves ranges tells the whole length along with it. */
  async #sizeByGet(call: Call, target: HttpLocation): Promise<number | null> {
    const { statusCode, headers } = await this.#send(call, target, 'GET', 'bytes=0-0')
    if (statusCode !== 200 && statusCode !== 206 && statusCode !== 416) throw statusError(statusCode, call.what)
    if (statusCode === 416) return contentRangeOf(headers)?.total ?? null
    assertPlainBody(headers, call.what)
    return statusCode === 206 ? (contentRangeOf(headers)?.total ?? null) : contentLengthOf(headers)
  }

  /** One request with its redirects. */
  #send(
    call: Call,
    start: HttpLocation,
    method: 'GET' | 'HEAD',
    range: string | null,
  ): Promise<Dispatcher.ResponseData> {
    const send = (location: HttpLocation): Promise<Dispatcher.ResponseData> => {
      const headers: Record<string, string> = {
        accept: '*/*',
        'accept-encoding': 'identity',
        'user-agent': 'glance-driver-http',
      }
      if (range !== null) headers['range'] = range
      if (location.credentials !== null) headers['authorization'] = basicAuthorization(location.credentials)
      return this.#origins.request(location, method, headers, call.signal)
    }
    return followRedirects(start, send, this.#options, call.what)
  }

  /** Runs one call: parses the location, and on a failure frees what the call had open and classifies the error. */
  async #run<T>(
    operation: string,
    location: string,
    signal: AbortSignal,
    work: (call: Call, target: HttpLocation) => Promise<T>,
  ): Promise<T> {
    this.#assertOpen(operation)
    if (signal.aborted) throw abortError(signal, operation)
    const target = parseLocation(location)
    const call = new Call(`${operation} of ${redactLocation(location)}`, signal, this.#calls)
    try {
      return await work(call, target)
    } catch (error) {
      const failure = call.errorFrom(error)
      call.stop()
      throw failure
    }
  }

  #assertOpen(operation: string): void {
    if (this.#closed) throw closedError(operation)
  }
}

function statusError(status: number, what: string): StoreError {
  const { code, words } = failureOfStatus(status)
  return new StoreError(code, `${what}: ${words}`)
}

async function* empty(): AsyncGenerator<Uint8Array, void, void> {}
