import type { ApiVersion, SchemaDocument } from './image.ts'
import type { CallOptions } from './images.ts'
import type { Transport } from './transport.ts'

/** JSON schemas of the service. */
export class Schemas {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** One schema by name: `image`, `images`, `member`, `metadefs/namespace`, … */
  async get(name: string, { signal }: CallOptions = {}): Promise<SchemaDocument> {
    const path = `/v2/schemas/${name.split('/').map(encodeURIComponent).join('/')}`
    const body = await this.#transport.sendForJson({ method: 'GET', path, signal })
    if (isSchema(body)) return body
    throw this.#transport.unexpected(null, 'no schema')
  }
}

/** Versions of the API. */
export class Versions {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Versions the service offers, newest first. Needs no token. */
  async list({ signal }: CallOptions = {}): Promise<ApiVersion[]> {
    const body = await this.#transport.sendForJson({ method: 'GET', path: '/versions', alsoGood: 300, signal })
    if (isVersionList(body)) return body.versions
    throw this.#transport.unexpected(null, 'no list of versions')
  }
}

function isSchema(body: unknown): body is SchemaDocument {
  return typeof body === 'object' && body !== null && 'properties' in body && typeof body.properties === 'object'
}

function isVersionList(body: unknown): body is { versions: ApiVersion[] } {
  return typeof body === 'object' && body !== null && 'versions' in body && Array.isArray(body.versions)
}
