import { isStoreError, parseOptions, type StoredImage, type StoreError } from '@glance/core'
import { onTestFinished } from 'vitest'
import type { Resolve } from '../../src/address-guard.ts'
import { HttpDriver } from '../../src/driver.ts'
import { httpOptions } from '../../src/index.ts'

/** A signal that never fires. */
export const never: AbortSignal = new AbortController().signal

/** Everything, for `get`. */
export const whole = { offset: 0, length: null, signal: never } as const

/** Opens a driver that may connect to this host, and closes it at the end of the test. Options by the names of configuration files. */
export async function openDriver(raw: Record<string, unknown> = {}, resolve?: Resolve): Promise<HttpDriver> {
  const parsed = parseOptions(httpOptions, { http_store_allowed_networks: '127.0.0.0/8', ...raw })
  if (parsed.values === null) throw new Error(JSON.stringify(parsed.issues))
  const driver = await HttpDriver.open(parsed.values, { signal: never, ...(resolve === undefined ? {} : { resolve }) })
  onTestFinished(() => driver.close())
  return driver
}

/** Reads an image to its end. */
export async function bytesOf(image: StoredImage): Promise<Buffer> {
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
