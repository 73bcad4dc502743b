/** Ways to break a toy: each makes members that replace the correct ones. */
import type { AddOptions, AddResult, GetOptions, StoreDriver, StoredImage } from '@glance/core'
import type { Break, Toy, ToyHarness } from './toy.ts'

/** A toy with one fault, and the case that is there to find it. */
export interface Fault extends ToyHarness {
  readonly case: string
  /** What the toy does wrong. */
  readonly fault: string
  /** What the case must say, so that it fails for the right reason. */
  readonly says: RegExp
}

type Data = AsyncIterable<Uint8Array>

/** All bytes of a source in one piece. */
export async function gathered(data: Data): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of data) chunks.push(new Uint8Array(chunk))
  return Buffer.concat(chunks)
}

export async function* asChunks(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  for (const chunk of chunks) if (chunk.byteLength > 0) yield chunk
}

/** Reads the whole source and stores something else. */
export function storing(change: (bytes: Buffer, options: AddOptions) => Uint8Array): Break {
  return (toy) => ({
    add: async (id, data, options) => toy.add(id, asChunks(change(await gathered(data), options)), options),
  })
}

/** Puts a stage of its own before the correct add. */
export function passing(stage: (data: Data, options: AddOptions, toy: Toy) => Data): Break {
  return (toy) => ({ add: (id, data, options) => toy.add(id, stage(data, options, toy), options) })
}

/** Changes the answer of add. */
export function answering(
  change: (result: AddResult, options: AddOptions) => Partial<Record<keyof AddResult, unknown>>,
): Break {
  return (toy) => ({
    async add(id, data, options) {
      const result = await toy.add(id, data, options)
      return { ...result, ...change(result, options) } as AddResult
    },
  })
}

/** Runs an add of its own before, instead of or after the correct one. */
export function adding(add: (toy: Toy, id: string, data: Data, options: AddOptions) => Promise<AddResult>): Break {
  return (toy) => ({ add: (id, data, options) => add(toy, id, data, options) })
}

/** Changes the answer of get. */
export function giving(
  change: (image: StoredImage, options: GetOptions, toy: Toy) => Partial<Record<keyof StoredImage, unknown>>,
): Break {
  return (toy) => ({
    async get(location, options) {
      const image = await toy.get(location, options)
      return { ...image, ...change(image, options, toy) } as StoredImage
    },
  })
}

/** Asks the correct toy for another part than was wanted. */
export function asking(change: (options: GetOptions, size: number) => Partial<GetOptions>): Break {
  return (toy) => ({
    async get(location, options) {
      const size = (await toy.getSize(location, options)) ?? 0
      return toy.get(location, { ...options, ...change(options, size) })
    },
  })
}

/** Wraps each call that takes a location. */
export function located(
  before: (toy: Toy, location: string) => string,
  { onlyReads = false }: { onlyReads?: boolean } = {},
): Break {
  return (toy) =>
    ({
      get: async (location, options) => toy.get(before(toy, location), options),
      getSize: async (location, options) => toy.getSize(before(toy, location), options),
      ...(onlyReads ? {} : { delete: async (location: string, options) => toy.delete(before(toy, location), options) }),
    }) satisfies Partial<StoreDriver>
}

/** Changes what any call rejects with. */
export function failing(change: (error: unknown, toy: Toy, subject: string) => unknown): Break {
  return (toy) => {
    const changed = async <T>(call: Promise<T>, subject: string): Promise<T> => {
      try {
        return await call
      } catch (error) {
        throw change(error, toy, subject)
      }
    }
    return {
      add: (id, data, options) => changed(toy.add(id, data, options), toy.locationPrefixes[0] + id),
      get: (location, options) => changed(toy.get(location, options), location),
      getSize: (location, options) => changed(toy.getSize(location, options), location),
      delete: (location, options) => changed(toy.delete(location, options), location),
    }
  }
}

/** A promise that nobody settles. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {})
