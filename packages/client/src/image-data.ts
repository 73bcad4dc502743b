import { ImageConnectionError, ImageDataError } from './errors.ts'
import type { IdleTimer } from './idle-timer.ts'
import { type CallOptions, imagePath } from './images.ts'
import { type ImageDataSource, OutgoingBody } from './outgoing-body.ts'
import type { Transport } from './transport.ts'

/** How to send image data. */
export interface UploadOptions extends CallOptions {
  /** Bytes in all when known. Then the length is announced and checked on both sides; else the body is chunked. */
  readonly size?: number | null
  /** Id of the store to put the data in; the service's default store without it. */
  readonly store?: string
  /** Told the bytes handed to the network so far, after each chunk. */
  readonly onProgress?: (bytes: number) => void
}

/** What part of the data to fetch, and from where. */
export interface DownloadOptions extends CallOptions {
  /** First byte wanted, counted from 0. A negative number counts from the end and takes no `length`. */
  readonly offset?: number
  /** Bytes wanted; to the end without it. */
  readonly length?: number
  /** Stores to try first, best first. */
  readonly prefer?: readonly string[]
  /** Told the bytes read so far, after each chunk. */
  readonly onProgress?: (bytes: number) => void
}

/** Image data that arrive. The caller reads `body` to its end or cancels it; until then a connection is in use. */
export interface ImageData {
  /** Bytes of `body`, or null when the service does not say. */
  readonly size: number | null
  /** MD5 of the whole image in hexadecimal, also when only a part is fetched; null when unknown. */
  readonly contentMd5: string | null
  /** Which bytes of how many came (`bytes 0-9/100`), or null for the whole image. */
  readonly contentRange: string | null
  readonly body: ReadableStream<Uint8Array>
}

/** Image data. Every method rejects with ImageServiceError, ImageConnectionError or the reason of the signal. */
export class ImageDataCalls {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /**
   * Sends the data of a queued image.
   *
   * An error status that arrives while data are still on their way (OVER_LIMIT, CONFLICT) ends the sending and is
   * thrown. Errors of the source are thrown as they are; a source with more or fewer bytes than `size` rejects with
   * ImageDataError. After a failure the image is usually `queued` again, and the source was told to clean up.
   */
  async upload(id: string, source: ImageDataSource, options: UploadOptions = {}): Promise<void> {
    const data = new OutgoingBody(source, checkedSize(options.size ?? null), options.onProgress)
    const headers: Record<string, string> = { 'content-type': 'application/octet-stream' }
    if (data.size !== null) {
      // Browsers drop the first header, proxies may drop the second.
      headers['content-length'] = String(data.size)
      headers['x-openstack-image-size'] = String(data.size)
    }
    if (options.store !== undefined) headers['x-image-meta-store'] = encodeURI(options.store)
    await this.#transport.sendForNothing({
      method: 'PUT',
      path: `${imagePath(id)}/file`,
      headers,
      data,
      signal: options.signal,
    })
    data.finish()
    if (data.size === null || data.sent === data.size) return
    data.stop()
    throw new ImageDataError('SIZE_MISMATCH', `the service was content with ${data.sent} of ${data.size} bytes`)
  }

  /**
   * Opens the data of an image, or null when it has none.
   *
   * `body` fails with ImageConnectionError when the data end before `size` bytes. What arrives is not verified here:
   * whoever keeps it compares it with `os_hash_value` (`downloadFile` of `@glance/client/node` does).
   * Code RANGE_NOT_SATISFIABLE when `offset` is past the end.
   */
  async download(id: string, options: DownloadOptions = {}): Promise<ImageData | null> {
    const prefer = options.prefer ?? []
    const query = prefer.length === 0 ? '' : `?${new URLSearchParams({ prefer: prefer.join(',') })}`
    const range = rangeHeader(options)
    // Image data are compressed or random already; without this some proxies gzip them and the length is lost.
    const headers: Record<string, string> = { 'accept-encoding': 'identity', ...(range === null ? {} : { range }) }
    const { response, idle } = await this.#transport.send({
      method: 'GET',
      path: `${imagePath(id)}/file${query}`,
      accept: 'application/octet-stream, application/json;q=0.5',
      headers,
      signal: options.signal,
    })
    if (response.status === 204 || response.body === null) {
      await response.body?.cancel()
      return null
    }
    if (range !== null && response.status !== 206) {
      await response.body.cancel()
      throw this.#transport.unexpected(response, 'it ignores ranges')
    }
    const length = response.headers.get('content-encoding') === null ? response.headers.get('content-length') : null
    const size = length === null ? null : Number(length)
    return {
      size,
      contentMd5: response.headers.get('content-md5'),
      contentRange: response.headers.get('content-range'),
      body: this.#guarded(response.body, size, idle, options),
    }
  }

  #guarded(
    body: ReadableStream<Uint8Array>,
    size: number | null,
    idle: IdleTimer,
    options: DownloadOptions,
  ): ReadableStream<Uint8Array> {
    const reader = body.getReader()
    let bytes = 0
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          idle.start()
          const part = await reader.read().catch((error: unknown) => {
            throw this.#transport.lost(error, options.signal, idle)
          })
          idle.stop()
          if (part.done) {
            if (size === null || bytes === size) return controller.close()
            throw this.#short(bytes, size)
          }
          bytes += part.value.byteLength
          options.onProgress?.(bytes)
          controller.enqueue(part.value)
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    )
  }

  #short(bytes: number, size: number): ImageConnectionError {
    const cause = new Error(`${bytes} of ${size} bytes arrived`)
    return new ImageConnectionError('LOST', this.#transport.endpoint, 'lost the connection while reading from', cause)
  }
}

function checkedSize(size: number | null): number | null {
  if (size === null || (Number.isSafeInteger(size) && size >= 0)) return size
  throw new TypeError('the size of image data is a whole number of bytes')
}

function rangeHeader({ offset, length }: DownloadOptions): string | null {
  if (offset === undefined && length === undefined) return null
  const start = offset ?? 0
  if (!Number.isSafeInteger(start)) throw new TypeError('offset is a whole number of bytes')
  if (length !== undefined && (!Number.isSafeInteger(length) || length < 1)) {
    throw new TypeError('length is a whole number of bytes, at least 1')
  }
  if (start >= 0) return `bytes=${start}-${length === undefined ? '' : start + length - 1}`
  if (length !== undefined) throw new TypeError('an offset from the end takes no length')
  return `bytes=${start}`
}
