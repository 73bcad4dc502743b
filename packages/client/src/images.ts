import type { Image, JsonValue, NewImage, PatchOperation } from './image.ts'
import { readPages } from './pages.ts'
import { type ImageChanges, patchFromChanges } from './patch.ts'
import type { Transport } from './transport.ts'

/** Options every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/** A sort key with its direction (`asc` when absent). */
export interface SortKey {
  readonly key: string
  readonly direction?: 'asc' | 'desc'
}

/** What to list, in which order, and how much of it. */
export interface ListImagesOptions extends CallOptions {
  /** Filters of the service by name (`visibility`, `status`, `owner`, `size_min`, …) or custom property. */
  readonly filters?: Readonly<Record<string, string | number | boolean>>
  /** Tags the image must all have. */
  readonly tags?: readonly string[]
  /** Without it the service's own order holds: newest first. */
  readonly sort?: readonly SortKey[]
  /** Images in all. */
  readonly limit?: number
  /** Images per request; the service caps it. */
  readonly pageSize?: number
  /** Id of the image after which the list starts. */
  readonly marker?: string
}

const PATCH_TYPE = 'application/openstack-images-v2.1-json-patch'

/** Image records. Every method rejects with ImageServiceError or ImageConnectionError. */
export class Images {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Yields images; pages are fetched as they are needed. Sort keys travel in order of importance. */
  list(options: ListImagesOptions = {}): AsyncGenerator<Image, void, void> {
    const { limit, signal } = options
    return readPages(
      this.#transport,
      { path: `/v2/images${listQuery(options)}`, member: 'images', limit: limit ?? null, signal },
      (item) => this.#parse(item),
    )
  }

  /** Code NOT_FOUND also for an image the caller may not see. */
  async get(id: string, { signal }: CallOptions = {}): Promise<Image> {
    return this.#parse(await this.#transport.sendForJson({ method: 'GET', path: imagePath(id), signal }))
  }

  /** Creates a record without data, in status `queued`. Code CONFLICT when the id is or was taken. */
  async create(image: NewImage = {}, { signal }: CallOptions = {}): Promise<Image> {
    const json = Object.fromEntries(
      Object.entries(image).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
    )
    return this.#parse(await this.#transport.sendForJson({ method: 'POST', path: '/v2/images', json, signal }))
  }

  /** Applies a patch as it stands, all of it or nothing. */
  async patch(id: string, operations: readonly PatchOperation[], { signal }: CallOptions = {}): Promise<Image> {
    const headers = { 'content-type': PATCH_TYPE }
    const json: JsonValue = operations.map((operation) => ({ ...operation }))
    return this.#parse(
      await this.#transport.sendForJson({ method: 'PATCH', path: imagePath(id), headers, json, signal }),
    )
  }

  /** Reads the image, sends what differs, and returns the image as it is afterwards. Sends no patch when nothing differs. */
  async update(id: string, changes: ImageChanges, options: CallOptions = {}): Promise<Image> {
    const image = await this.get(id, options)
    const operations = patchFromChanges(image, changes)
    return operations.length === 0 ? image : await this.patch(id, operations, options)
  }

  /** Codes FORBIDDEN (protected or somebody else's), NOT_FOUND, CONFLICT (in use). */
  delete(id: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#transport.sendForNothing({ method: 'DELETE', path: imagePath(id), signal })
  }

  /** Stops downloads by others than administrators. Does nothing when that is already so. */
  deactivate(id: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#transport.sendForNothing({ method: 'POST', path: `${imagePath(id)}/actions/deactivate`, signal })
  }

  /** Undoes `deactivate`. */
  reactivate(id: string, { signal }: CallOptions = {}): Promise<void> {
    return this.#transport.sendForNothing({ method: 'POST', path: `${imagePath(id)}/actions/reactivate`, signal })
  }

  #parse(value: unknown): Image {
    if (isImage(value)) return value
    throw this.#transport.unexpected(null, 'an image without id')
  }
}

/** Path of an image, safe for any id. A TypeError for an empty id, whose path would be that of the list. */
export function imagePath(id: string): string {
  if (id === '' || id === '.' || id === '..') throw new TypeError('an image id is needed')
  return `/v2/images/${encodeURIComponent(id)}`
}

function isImage(value: unknown): value is Image {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'
}

function listQuery(options: ListImagesOptions): string {
  const query = new URLSearchParams()
  const size = Math.min(options.pageSize ?? Number.POSITIVE_INFINITY, options.limit ?? Number.POSITIVE_INFINITY)
  if (Number.isFinite(size)) query.append('limit', String(size))
  for (const [name, value] of Object.entries(options.filters ?? {})) query.append(name, String(value))
  for (const tag of options.tags ?? []) query.append('tag', tag)
  for (const { key, direction } of options.sort ?? []) {
    query.append('sort_key', key)
    query.append('sort_dir', direction ?? 'asc')
  }
  if (options.marker !== undefined) query.append('marker', options.marker)
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
