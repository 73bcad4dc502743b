import { isStoreError, noopLogger, parseOptions, type StoredImage, type StoreError } from '@glance/core'
import { onTestFinished } from 'vitest'
import { SwiftDriver } from '../../src/driver.ts'
import { swiftOptions } from '../../src/index.ts'
import { type FakeSwift, fakeKey, startFakeSwift } from './fake-swift.ts'

/** A signal that never fires. */
export const never: AbortSignal = new AbortController().signal

/** Everything, for `get`. */
export const whole = { offset: 0, length: null, signal: never } as const

/** Starts a fake that lives until the end of the test. */
export async function aSwift(): Promise<FakeSwift> {
  const fake = await startFakeSwift()
  onTestFinished(() => fake.stop())
  return fake
}

/** Opens a driver on a fake, and closes it at the end of the test. Options by the names of configuration files; without a pause before it tries again. */
export async function openDriver(fake: FakeSwift, raw: Record<string, unknown> = {}): Promise<SwiftDriver> {
  const driver = await SwiftDriver.open(
    optionsOf({
      swift_store_auth_version: '1',
      swift_store_auth_address: fake.authUrl,
      swift_store_user: 'test:tester',
      swift_store_key: fakeKey,
      swift_store_create_container_on_put: true,
      ...raw,
    }),
    { storeId: 'test', logger: noopLogger, signal: never },
    { retryDelayMs: 0 },
  )
  onTestFinished(() => driver.close())
  return driver
}

/** Options by the names of configuration files. */
export function optionsOf(raw: Record<string, unknown>) {
  const parsed = parseOptions(swiftOptions, raw)
  if (parsed.values === null) throw new Error(JSON.stringify(parsed.issues))
  return parsed.values
}

/** Image data of some bytes, none like the next, in chunks of 10 KiB that are filled again. */
export async function* someData(size: number): AsyncGenerator<Uint8Array, void, void> {
  const chunk = new Uint8Array(10_240)
  for (let from = 0; from < size; from += chunk.byteLength) {
    const length = Math.min(chunk.byteLength, size - from)
    for (let index = 0; index < length; index += 1) chunk[index] = (from + index) % 251
    yield chunk.subarray(0, length)
  }
}

/** The same, collected. */
export function bytesOf(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => index % 251))
}

/** Reads an image to its end. */
export async function read(image: StoredImage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of image.body) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
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
