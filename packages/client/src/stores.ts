import type { StoreDetail, StoreInfo } from './image.ts'
import { type CallOptions, imagePath } from './images.ts'
import type { Transport } from './transport.ts'

/** Stores of the service. Code NOT_FOUND when it has but one and no name for it. */
export class Stores {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Stores anybody may name in an upload. */
  async list({ signal }: CallOptions = {}): Promise<StoreInfo[]> {
    return await this.#read('/v2/info/stores', signal)
  }

  /** The same with type, weight and properties, for administrators (else code FORBIDDEN). */
  async detail({ signal }: CallOptions = {}): Promise<StoreDetail[]> {
    return await this.#read('/v2/info/stores/detail', signal)
  }

  /**
   * Deletes the data of an image in one store; they stay in the others. For administrators.
   *
   * Codes FORBIDDEN (also when the data are in no other store), NOT_FOUND (also when they are not in this one), CONFLICT (unknown store, in use, not active).
   */
  deleteImage(storeId: string, imageId: string, { signal }: CallOptions = {}): Promise<void> {
    // URL parsers resolve these two as folders, also when percent-encoded.
    if (storeId === '' || storeId === '.' || storeId === '..') throw new TypeError('a store id is needed')
    const image = imagePath(imageId).slice('/v2/images/'.length)
    return this.#transport.sendForNothing({
      method: 'DELETE',
      path: `/v2/stores/${encodeURIComponent(storeId)}/${image}`,
      signal,
    })
  }

  async #read<T>(path: string, signal: AbortSignal | undefined): Promise<T[]> {
    const body = await this.#transport.sendForJson({ method: 'GET', path, signal })
    if (isStoreList<T>(body)) return body.stores
    throw this.#transport.unexpected(null, 'no list of stores')
  }
}

function isStoreList<T>(body: unknown): body is { stores: T[] } {
  return typeof body === 'object' && body !== null && 'stores' in body && Array.isArray(body.stores)
}
