import { createHash } from 'node:crypto'

/** An object in the emulated ring. */
export interface RingObject {
  readonly bytes: Uint8Array
  /** As the writer sent it, base64. */
  readonly userMetadata: string | null
}

/** The objects that all connectors of an emulated ring serve, by alias and name. In memory, up to a capacity. */
export class Ring {
  readonly capacity: number
  readonly #objects = new Map<string, RingObject>()
  /** Bytes stored and under way. */
  #taken = 0

  /** @param capacity - most bytes of all objects together */
  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Names of everything in it, in order: `<alias>/<name>`. */
  get names(): readonly string[] {
    return [...this.#objects.keys()].sort()
  }

  get(alias: string, name: string): RingObject | undefined {
    return this.#objects.get(`${alias}/${name}`)
  }

  /** Publishes an object in one step; what was there under the name is gone. */
  set(alias: string, name: string, object: RingObject): void {
    this.delete(alias, name)
    this.#objects.set(`${alias}/${name}`, object)
  }

  /** Whether something was there. Its bytes count no more. */
  delete(alias: string, name: string): boolean {
    const key = `${alias}/${name}`
    this.give(this.#objects.get(key)?.bytes.byteLength ?? 0)
    return this.#objects.delete(key)
  }

  /** Takes room for bytes that come in. @returns false when the ring is full */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.capacity) return false
    this.#taken += bytes
    return true
  }

  /** Gives room back. */
  give(bytes: number): void {
    this.#taken -= bytes
  }
}

/**
 * The key that an emulated ring gives a name: 40 hexadecimal digits, the same for every connector. As in a real one the class of service is the high half of the last byte and 0xC0
 * stands before it; how a real ring hashes names is not public.
 */
export function ringKey(name: string): string {
  const hash = createHash('sha1').update(name).digest('hex').slice(0, 30)
  return `${hash}C0000000${'20'}`.toUpperCase()
}
