import {
  isStoreError,
  type Logger,
  noopLogger,
  parseOptions,
  type StoreDriver,
  type StoredImage,
  type StoreError,
} from '@glance/core'
import { onTestFinished } from 'vitest'
import { Connecting } from '../../src/connecting.ts'
import { RbdDriver } from '../../src/driver.ts'
import { rbdOptions } from '../../src/index.ts'
import type { FakeCluster } from './fake-rbd.ts'

/** A signal that never fires. */
export const never: AbortSignal = new AbortController().signal

/** Everything, for `get`. */
export const whole = { offset: 0, length: null, signal: never } as const

export const mebibyte = 1024 * 1024

/** Settings of a driver under test. */
export interface TestSettings {
  readonly options?: Readonly<Record<string, unknown>>
  readonly logger?: Logger
  /** Instead of waiting; the driver waits for nothing when left out. */
  readonly pause?: () => Promise<void>
}

/** Opens a store in the pool `images` of a fake cluster and closes it at the end of the test. */
export async function openDriver(cluster: FakeCluster, settings: TestSettings = {}): Promise<StoreDriver> {
  const parsed = parseOptions(rbdOptions, settings.options ?? {})
  if (parsed.values === null) throw new Error(JSON.stringify(parsed.issues))
  const driver = await RbdDriver.open(
    parsed.values,
    { storeId: 'test', logger: settings.logger ?? noopLogger, signal: never },
    { connecting: new Connecting(cluster.connect), pause: settings.pause ?? (async () => {}) },
  )
  onTestFinished(() => driver.close())
  return driver
}

/** A source of these chunks. */
export async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  yield* parts
}

/** Bytes without zeros, of a period that no block has. */
export function bytes(length: number): Uint8Array<ArrayBuffer> {
  const period = Uint8Array.from({ length: 2011 }, (_, at) => 1 + ((at * at) % 255))
  const made = new Uint8Array(new ArrayBuffer(length))
  for (let at = 0; at < length; at += period.length) made.set(period.subarray(0, length - at), at)
  return made
}

/** Stores bytes in chunks of 1 MiB. */
export function add(
  driver: StoreDriver,
  imageId: string,
  data: Uint8Array,
  options: { readonly size?: number | null; readonly signal?: AbortSignal } = {},
): ReturnType<StoreDriver['add']> {
  const { size = data.byteLength, signal = never } = options
  async function* source(): AsyncGenerator<Uint8Array, void, void> {
    for (let at = 0; at < data.byteLength; at += mebibyte) yield data.subarray(at, at + mebibyte)
  }
  return driver.add(imageId, source(), { size, signal })
}

/** Reads an image to its end. */
export async function bytesOf(image: StoredImage): Promise<Buffer> {
  const read: Buffer[] = []
  for await (const chunk of image.body) read.push(Buffer.from(chunk))
  return Buffer.concat(read)
}

/** The StoreError that a promise rejects with; anything else is an error of the test. */
export async function failureOf(work: Promise<unknown>): Promise<StoreError> {
  try {
    await work
  } catch (error) {
    if (isStoreError(error)) return error
    throw error
  }
  throw new Error('it did not fail')
}
