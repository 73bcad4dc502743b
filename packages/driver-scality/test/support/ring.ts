import { createHash, randomBytes } from 'node:crypto'
import { noopLogger, parseOptions, type StoreDriver, type StoredImage } from '@glance/core'
import { onTestFinished } from 'vitest'
import { type EmulatorSettings, SproxydEmulator } from '../../src/emulator/index.ts'
import scality, { scalityOptions } from '../../src/index.ts'

/** A signal that never fires. */
export const quiet: AbortSignal = new AbortController().signal

/** Options with which nothing takes longer than a test has patience for. Health is looked at only when a test wants it. */
const impatient = {
  scality_sproxyd_conn_timeout: '2s',
  scality_sproxyd_read_timeout: '400ms',
  scality_sproxyd_health_interval: '1h',
}

/** An emulator that ends with the test. */
export async function startRing(settings: EmulatorSettings = {}): Promise<SproxydEmulator> {
  const emulator = await SproxydEmulator.start(settings)
  onTestFinished(() => emulator.close())
  return emulator
}

/** The driver on an emulator; it closes with the test. */
export async function openDriver(
  emulator: SproxydEmulator,
  raw: Readonly<Record<string, unknown>> = {},
): Promise<StoreDriver> {
  const options = { scality_sproxyd_endpoints: emulator.endpoints().join(','), ...impatient, ...raw }
  const { values, issues } = parseOptions(scalityOptions, options)
  if (!values) throw new Error(JSON.stringify(issues))
  const driver = await scality.open(values, { storeId: 'ring', logger: noopLogger, signal: quiet })
  onTestFinished(() => driver.close())
  return driver
}

/** Random bytes. */
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
