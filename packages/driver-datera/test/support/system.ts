import { createHash, randomBytes } from 'node:crypto'
import { noopLogger, parseOptions, type StoreDriver, type StoredImage } from '@glance/core'
import { onTestFinished } from 'vitest'
import { DateraEmulator, type EmulatorSettings } from '../../src/emulator/index.ts'
import datera, { dateraOptions } from '../../src/index.ts'

/** A signal that never fires. */
export const quiet: AbortSignal = new AbortController().signal

/** Options with which nothing takes longer than a test has patience for. */
export const impatient = {
  datera_retry_interval: '20ms',
  datera_retry_attempts: '20',
  datera_operation_max_timeout: '3s',
  datera_initiator_name: 'iqn.2010-10.org.openstack:glance:tests',
}

/** An emulator that ends with the test. */
export async function startSystem(settings: EmulatorSettings = {}): Promise<DateraEmulator> {
  const emulator = await DateraEmulator.start(settings)
  onTestFinished(() => emulator.close())
  return emulator
}

/** Opens the driver with raw options; whoever calls this closes it. */
export async function open(raw: Readonly<Record<string, unknown>>): Promise<StoreDriver> {
  const { values, issues } = parseOptions(dateraOptions, raw)
  if (!values) throw new Error(JSON.stringify(issues))
  return datera.open(values, { storeId: 'edf', logger: noopLogger, signal: quiet })
}

/** The driver on an emulator; it closes with the test. */
export async function openDriver(
  emulator: DateraEmulator,
  raw: Readonly<Record<string, unknown>> = {},
): Promise<StoreDriver> {
  const driver = await open({ ...emulator.options, ...impatient, ...raw })
  onTestFinished(() => driver.close())
  return driver
}

export function bytesOf(size: number): Uint8Array {
  return randomBytes(size)
}

export async function* inChunks(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

/** The whole body, as a digest and a length. */
export async function digestOf({ body }: StoredImage): Promise<{ readonly bytes: number; readonly sha: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of body) {
    hash.update(chunk)
    bytes += chunk.byteLength
  }
  return { bytes, sha: hash.digest('hex') }
}

export const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
