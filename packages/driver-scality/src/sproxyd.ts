/**
 * The requests that sproxyd understands, each to one connector, without any second try.
 *
 * Names are escaped here and nowhere else. `Expect` is never sent: the connectors of some versions do not answer it.
 */
import { randomUUID } from 'node:crypto'
import { Agent, type Dispatcher } from 'undici'
import type { Endpoint } from './endpoint.ts'
import type { ScalityOptions } from './options.ts'

/** More than any connector sends. */
const maxHeaderSize = 32 * 1024
/** Longest `.conf` that is read, in bytes. */
const maxConfBytes = 256 * 1024

/** Certificates, read once when the store opens. */
export interface TlsFiles {
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
}

/** The head of an answer. */
export interface Answer {
  readonly status: number
  /** Bytes of the body, null when the answer does not tell. */
  readonly length: number | null
  readonly contentRange: string | null
  /** Key of the object in the ring, the same for every connector of one ring. */
  readonly ringKey: string | null
  readonly ringStatus: string | null
  /** What the writer kept with the object, as it was sent. */
  readonly userMetadata: string | null
}

/** An answer whose body is still to come. Whoever has it reads the body to its end or destroys it. */
export interface OpenAnswer extends Answer {
  readonly body: Dispatcher.ResponseData['body']
}

/** Data to be stored. */
export interface Upload {
  readonly name: string
  /** Null for an empty object. */
  readonly data: AsyncIterable<Uint8Array> | null
  /** Bytes of `data`, null when unknown. */
  readonly size: number | null
  readonly userMetadata: string
}

export class Sproxyd {
  readonly #agent: Agent
  readonly #authorization: string | null

  constructor(options: ScalityOptions, { ca, cert, key }: TlsFiles) {
    const timeout = options.connectTimeout * 1000
    this.#agent = new Agent({
      maxHeaderSize,
      headersTimeout: options.readTimeout * 1000,
      bodyTimeout: options.readTimeout * 1000,
      // Less than the 25 seconds after which sproxyd closes what nobody uses: else a request goes out on a dying connection.
      keepAliveTimeout: 10_000,
      keepAliveMaxTimeout: 15_000,
      allowH2: false,
      connect: {
        timeout,
        ...(ca === null ? {} : { ca }),
        ...(cert === null ? {} : { cert }),
        ...(key === null ? {} : { key }),
      },
    })
    const { username, password } = options
    this.#authorization =
      username === undefined || password === undefined
        ? null
        : `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
  }

  /** Text of the connector's configuration, or the status that it answered with instead. */
  async conf(endpoint: Endpoint, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    const { statusCode, body } = await this.#send(endpoint, '.conf', 'GET', signal)
    const pieces: Buffer[] = []
    let length = 0
    for await (const piece of body as AsyncIterable<Buffer>) {
      length += piece.byteLength
      if (length <= maxConfBytes) pieces.push(piece)
    }
    return { status: statusCode, text: Buffer.concat(pieces).toString('utf8') }
  }

  async head(endpoint: Endpoint, name: string, signal: AbortSignal): Promise<Answer> {
    return dumped(await this.#send(endpoint, encodeURIComponent(name), 'HEAD', signal))
  }

  /** @param range - first and last byte, both included */
  async get(
    endpoint: Endpoint,
    name: string,
    range: readonly [number, number] | null,
    signal: AbortSignal,
  ): Promise<OpenAnswer> {
    const headers = range ? { range: `bytes=${range[0]}-${range[1]}` } : {}
    const response = await this.#send(endpoint, encodeURIComponent(name), 'GET', signal, headers)
    // An abort destroys the body while nobody reads it; without a listener that error would end the process.
    response.body.on('error', () => {})
    return { ...headOf(response), body: response.body }
  }

  /** Stores an object if its name is free. */
  async put(endpoint: Endpoint, upload: Upload, signal: AbortSignal): Promise<Answer> {
    const headers: Record<string, string> = {
      'if-none-match': '*',
      'content-type': 'application/octet-stream',
      'x-scal-usermd': upload.userMetadata,
    }
    if (upload.data && upload.size !== null) headers['content-length'] = String(upload.size)
    return dumped(await this.#send(endpoint, encodeURIComponent(upload.name), 'PUT', signal, headers, upload.data))
  }

  async delete(endpoint: Endpoint, name: string, signal: AbortSignal): Promise<Answer> {
    return dumped(await this.#send(endpoint, encodeURIComponent(name), 'DELETE', signal))
  }

  /** Closes every connection, used or not. */
  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  #send(
    { origin, path }: Endpoint,
    name: string,
    method: 'GET' | 'HEAD' | 'PUT' | 'DELETE',
    signal: AbortSignal,
    headers: Record<string, string> = {},
    body: AsyncIterable<Uint8Array> | null = null,
  ): Promise<Dispatcher.ResponseData> {
    return this.#agent.request({
      origin,
      path: `${path}/${name}`,
      method,
      signal,
      headers: {
        accept: '*/*',
        'user-agent': 'glance-driver-scality',
        'x-scal-request-uids': randomUUID(),
        ...(this.#authorization === null ? {} : { authorization: this.#authorization }),
        ...headers,
      },
      ...(body === null ? {} : { body: body as never }),
    })
  }
}

/** The head of an answer whose body says nothing; it is read away, so that the connection can be used again. */
async function dumped(response: Dispatcher.ResponseData): Promise<Answer> {
  await response.body.dump({ limit: 64 * 1024 }).catch(() => {})
  return headOf(response)
}

function headOf({ statusCode, headers }: Dispatcher.ResponseData): Answer {
  const header = (name: string): string | null => {
    const value = headers[name]
    return typeof value === 'string' ? value.trim() : null
  }
  const length = header('content-length')
  return {
    status: statusCode,
    length: length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null,
    contentRange: header('content-range'),
    ringKey: header('x-scal-ring-key'),
    ringStatus: header('x-scal-ring-status'),
    userMetadata: header('x-scal-usermd'),
  }
}
