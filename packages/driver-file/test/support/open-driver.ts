import {
  isStoreError,
  noopLogger,
  parseOptions,
  type StoreDriver,
  type StoredImage,
  type StoreError,
} from '@glance/core'
import { onTestFinished } from 'vitest'
import fileDriver from '../../src/index.ts'

/** A signal that never fires. */
export const never: AbortSignal = new AbortController().signal

/** Everything, for `get`. */
export const whole = { offset: 0, length: null, signal: never } as const

/** Opens a store and closes it at the end of the test. Options by the names of configuration files. */
export async function openDriver(raw: Readonly<Record<string, unknown>>): Promise<StoreDriver> {
  const parsed = parseOptions(fileDriver.options, raw)
  if (parsed.values === null) throw new Error(JSON.stringify(parsed.issues))
  const driver = await fileDriver.open(parsed.values, { storeId: 'test', logger: noopLogger, signal: never })
  onTestFinished(() => driver.close())
  return driver
}

/** A source of these chunks. */
export async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  yield* parts
}

/** A source that gives a chunk and then nothing until it is resumed. */
export function stalling(first: Uint8Array): {
  readonly data: AsyncIterable<Uint8Array>
  readonly stalled: Promise<void>
  resume(): void
} {
  const stalled = Promise.withResolvers<void>()
  const resumed = Promise.withResolvers<void>()
  async function* data(): AsyncGenerator<Uint8Array, void, void> {
    yield first
    stalled.resolve()
    await resumed.promise
  }
  return { data: data(), stalled: stalled.promise, resume: resumed.resolve }
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
