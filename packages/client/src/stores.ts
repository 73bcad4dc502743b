import type { StoreDetail, StoreInfo } from './image.ts'
import type { CallOptions } from './images.ts'
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

  async #read<T>(path: string, signal: AbortSignal | undefined): Promise<T[]> {
    const body = await this.#transport.sendForJson({ method: 'GET', path, signal })
    if (isStoreList<T>(body)) return body.stores
    throw this.#transport.unexpected(null, 'no list of stores')
  }
}

function isStoreList<T>(body: unknown): body is { stores: T[] } {
  return typeof body === 'object' && body !== null && 'stores' in body && Array.isArray(body.stores)
}
